import Papa from 'papaparse';

/** The rows of a file or of pasted text, as the requester has them. */
export interface Source {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly faults: readonly Fault[];
}

export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

const MAX_FAULTS = 1000;
const PARQUET_MAGIC = 'PAR1';

/** Reads a file: Parquet by how it begins, everything else as text. */
export async function readFile(file: Blob): Promise<Source> {
  const bytes = await file.arrayBuffer();
  const magic = new TextDecoder().decode(bytes.slice(0, PARQUET_MAGIC.length));
  if (magic !== PARQUET_MAGIC) return readSource(new TextDecoder().decode(bytes));
  try {
    const { parquetReadObjects } = await import('hyparquet');
    const rows = await parquetReadObjects({ file: bytes });
    return collect(rows.map((row, at) => ({ line: at + 1, row: plain(row) })));
  } catch (error) {
    const reason = `The Parquet file could not be read: ${error instanceof Error ? error.message : String(error)}`;
    return { columns: [], rows: [], faults: [{ line: 1, reason }] };
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
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed.startsWith('[')) return fromArray(trimmed);
  return trimmed.startsWith('{') ? fromLines(trimmed) : fromCsv(trimmed);
}

function fromArray(text: string): Source {
  try {
    const parsed: unknown = JSON.parse(text);
    return collect((Array.isArray(parsed) ? parsed : []).map((row, at) => ({ line: at + 1, row })));
  } catch (error) {
    return {
      columns: [],
      rows: [],
      faults: [{ line: 1, reason: error instanceof Error ? error.message : 'Not JSON.' }],
    };
  }
}

function fromLines(text: string): Source {
  const faults: Fault[] = [];
  const found = text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return [{ line: at + 1, row: JSON.parse(line) as unknown }];
    } catch {
      faults.push({ line: at + 1, reason: 'The line is not JSON.' });
      return [];
    }
  });
  const source = collect(found);
  return { ...source, faults: [...faults, ...source.faults].slice(0, MAX_FAULTS) };
}

function collect(found: readonly { line: number; row: unknown }[]): Source {
  const columns = new Set<string>();
  const rows: Record<string, unknown>[] = [];
  const faults: Fault[] = [];
  for (const { line, row } of found) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      faults.push({ line, reason: 'The row is not an object.' });
      continue;
    }
    rows.push(row as Record<string, unknown>);
    for (const name of Object.keys(row)) columns.add(name);
  }
  return { columns: [...columns], rows, faults: faults.slice(0, MAX_FAULTS) };
}

function fromCsv(text: string): Source {
  const { data, meta, errors } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: 'greedy' });
  const faults = errors
    .filter(({ code }) => code !== 'UndetectableDelimiter')
    // Rows count from 0 without the header.
    .map(({ row = 0, message }) => ({ line: row + 2, reason: message }))
    .slice(0, MAX_FAULTS);
  return { columns: (meta.fields ?? []).filter((name) => name !== ''), rows: data, faults };
}
