import Papa from 'papaparse';
import { t } from '../i18n/office';

const STATUSES = ['paid', 'failed', 'returned', 'pending'] as const;

export interface ReportLine {
  readonly reference: string;
  readonly amountUsd: string;
  readonly status: (typeof STATUSES)[number];
}

/** Reads a bank's report; throws a sentence with the line where one will not do. */
export function readReport(text: string): ReportLine[] {
  const { data, meta } = Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: 'greedy',
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
  if (data.length === 0) throw new Error(t('The report has no lines.'));
  return data.map((row, at) => {
    const reference = row[named]?.trim() ?? '';
    const status = STATUSES.find((each) => each === row.status?.trim().toLowerCase());
    // Rows count from 0 without the header.
    if (reference === '') throw new Error(t('Line {at}: the reference is empty.', { at: at + 2 }));
    if (!status) throw new Error(t('Line {at}: the status is not paid, failed, returned or pending.', { at: at + 2 }));
    return { reference, amountUsd: row.amount?.trim() ?? '', status };
  });
}
