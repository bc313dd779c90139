import Papa from 'papaparse';
import { t } from '../i18n/office';

const STATUSES = ['paid', 'failed', 'returned', 'pending'] as const;

export interface ReportLine {
  readonly reference: string;
  readonly amountUsd: string;
  readonly status: (typeof STATUSES)[number];
  /** Of the file. */
  readonly line: number;
}

/** Reads a bank's report; throws a sentence with the line where one will not do. */
export function readReport(text: string): ReportLine[] {
  const written = text.replace(/^\uFEFF/, '').trimEnd();
  const [blank] = /^(\s*\n)?/.exec(written) ?? [''];
  const { data, meta } = Papa.parse<Record<string, string>>(written.slice(blank.length), {
    header: true,
    transformHeader: (name) => name.trim().toLowerCase(),
  });
  const columns = meta.fields ?? [];
  const named = columns.includes('reference') ? 'reference' : 'end_to_end_id';
  const missing = [named, 'amount', 'status'].find((name) => !columns.includes(name));
  if (missing !== undefined) {
    throw new Error(
      t('The report has no column {missing}.', { missing: missing === 'end_to_end_id' ? 'reference' : missing }),
    );
  }
  const lines = data.flatMap((row, index): ReportLine[] => {
    if (Object.values(row).every((cell) => String(cell).trim() === '')) return [];
    // Rows count from 0 without the header, and without the empty lines before it.
    const at = index + 1 + blank.split('\n').length;
    const [reference, amountUsd] = [row[named]?.trim() ?? '', row.amount?.trim() ?? ''];
    const status = STATUSES.find((each) => each === row.status?.trim().toLowerCase());
    if (reference === '') throw new Error(t('Line {at}: the reference is empty.', { at }));
    if (!/^\d{1,9}(\.\d{1,6})?$/.test(amountUsd)) {
      throw new Error(t('Line {at}: the amount is not dollars such as 1234.50.', { at }));
    }
    if (!status) throw new Error(t('Line {at}: the status is not paid, failed, returned or pending.', { at }));
    return [{ reference, amountUsd, status, line: at }];
  });
  if (lines.length === 0) throw new Error(t('The report has no lines.'));
  return lines;
}
