import Papa from 'papaparse';
import { t } from '../i18n/office';

/** The rows of a file or of pasted text, as the requester has them. */
export interface Source {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Where each row stands in the file: a line, or a position among rows, from 1. */
  readonly lines: readonly number[];
  /** Columns with whole numbers that are too large to have been read as they are. */
  readonly inexact: readonly string[];
  /** Of what could not be read and is in no row, the first 100,000. */
  readonly faults: readonly Fault[];
  readonly faultCount: number;
}

export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** As many as the server lists. */
const MAX_FAULTS = 100_000;
const PARQUET_MAGIC = 'PAR1';

/** Reads a file: Parquet by how it begins, everything else as text. What cannot be read is a fault of its first line. */
export async function readFile(file: Blob): Promise<Source> {
  try {
    return await readBytes(await file.arrayBuffer());
  } catch (error) {
    return unreadable(t('The file could not be read: {error}', { error: wordsOf(error) }));
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function readBytes(bytes: ArrayBuffer): Promise<Source> {
  const magic = new TextDecoder().decode(bytes.slice(0, PARQUET_MAGIC.length));
  if (magic !== PARQUET_MAGIC) {
    const text = decoded(bytes);
    return text === undefined ? unreadable(t('The file is not UTF-8: save it as “CSV UTF-8”.')) : readSource(text);
  }
  try {
    const { parquetReadObjects } = await import('hyparquet');
    const rows = await parquetReadObjects({ file: bytes });
    return collect(rows.map((row, at) => ({ line: at + 1, row: plain(row) })));
  } catch (error) {
    return unreadable(t('The Parquet file could not be read: {error}', { error: wordsOf(error) }));
  }
}

/** As text, of UTF-16 where the file begins with its mark, else of UTF-8; undefined where it is neither. */
function decoded(bytes: ArrayBuffer): string | undefined {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Values of Parquet as JSON has them: 64-bit integers as numbers, or as text beyond what a number holds. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as unknown[], plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

/** Reads CSV or JSON lines (or a JSON array), told apart by how the text begins. */
export function readSource(text: string): Source {
  const whole = text.replace(/^\uFEFF/, '');
  const [first] = whole.trimStart();
  if (first === '[') return fromArray(whole);
  return first === '{' ? fromLines(whole) : fromCsv(whole);
}

function fromArray(text: string): Source {
  try {
    const parsed: unknown = JSON.parse(text);
    return collect((Array.isArray(parsed) ? parsed : []).map((row, at) => ({ line: at + 1, row })));
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : t('Not JSON.'));
  }
}

const unreadable = (reason: string): Source => collect([], [{ line: 1, reason }]);

function fromLines(text: string): Source {
  const faults: Fault[] = [];
  const found = text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return [{ line: at + 1, row: JSON.parse(line) as unknown }];
    } catch {
      faults.push({ line: at + 1, reason: t('The line is not JSON.') });
      return [];
    }
  });
  return collect(found, faults);
}

interface Found {
  readonly line: number;
  readonly row: unknown;
}

function collect(found: readonly Found[], faults: Fault[] = [], named: readonly string[] = []): Source {
  const columns = new Set(named);
  const inexact = new Set<string>();
  const rows: Record<string, unknown>[] = [];
  const lines: number[] = [];
  for (const { line, row } of found) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      faults.push({ line, reason: t('The row is not an object.') });
      continue;
    }
    const fields = withPayload(row as Record<string, unknown>);
    rows.push(fields);
    lines.push(line);
    for (const [name, value] of Object.entries(fields)) {
      columns.add(name);
      if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) inexact.add(name);
    }
  }
  faults.sort((a, b) => a.line - b.line);
  return {
    ...{ columns: [...columns], rows, lines, inexact: [...inexact] },
    ...{ faults: faults.slice(0, MAX_FAULTS), faultCount: faults.length },
  };
}

/** A row in the API's own form has what is shown in its `payload`, whose fields are columns like all others. */
function withPayload(row: Record<string, unknown>): Record<string, unknown> {
  const { payload, ...rest } = row;
  const isFields = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  return isFields ? { ...payload, ...rest } : row;
}

function fromCsv(text: string): Source {
  const found: Found[] = [];
  const faults: Fault[] = [];
  let columns: readonly string[] = [];
  let lines = 0;
  let counted = 0;
  Papa.parse<Record<string, string | string[]>>(text, {
    header: true,
    skipEmptyLines: 'greedy',
    step({ data: row, meta, errors }) {
      columns = meta.fields ?? [];
      for (let at = text.indexOf('\n', counted); at >= 0 && at < meta.cursor; at = text.indexOf('\n', counted)) {
        lines++;
        counted = at + 1;
      }
      // The row ends where the cursor is, with a line break, or with the text where that has none or a quotation is open.
      const isQuoted = errors.some(({ code }) => code === 'MissingQuotes');
      const open = meta.cursor > counted || isQuoted;
      const breaks = Object.values(row).flat().join().split('\n').length - 1;
      const line = lines - breaks + (open ? 1 : 0);
      const [fault] = errors.filter(({ code }) => code !== 'UndetectableDelimiter');
      if (!fault) {
        found.push({ line, row });
        return;
      }
      faults.push({ line, reason: fault.message });
      // A stray quote may hold the rest of a file: all that is left out with it is said.
      const last = line + breaks - (isQuoted && text.endsWith('\n') ? 1 : 0);
      for (let each = line + 1; each <= last; each++) {
        faults.push({ line: each, reason: t('It is inside quotes that open in line {line}.', { line }) });
      }
    },
  });
  return collect(
    found,
    faults,
    columns.filter((name) => name !== ''),
  );
}
