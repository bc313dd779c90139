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
