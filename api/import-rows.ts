import { setImmediate } from 'node:timers/promises';
import { QuorateError } from '../domain/failures.ts';
import { headerHint, parseCsvRecord } from '../domain/formats/csv.ts';
import type { BodyLimits } from './context.ts';
import { decodeUtf8, placeOf, readJson } from './json-body.ts';
import { elementsOf } from './json-elements.ts';
import { parquetLines } from './parquet-lines.ts';
import { type RawRecord, RecordSplitter } from './records.ts';

export type ImportFormat = 'array' | 'ndjson' | 'csv' | 'parquet';

/** A row of an import, or why it cannot be read. */
export type Row = { readonly line: number } & ({ readonly value: unknown } | { readonly reason: string });

// Rows of an array read at a stretch, so that other requests get their turn.
const ARRAY_STEP = 200;
const ARRAY_STEP_BYTES = 262_144;
const MAX_COLUMNS = 1000;
// Bodies of the greatest size that may be held at once.
const MAX_HELD = 8;

/** The rows of a body, some at a time. Throws when the body as a whole cannot be read. */
export async function* rowsOf(source: {
  body: AsyncIterable<Uint8Array>;
  format: ImportFormat;
  limits: BodyLimits;
}): AsyncGenerator<Row[]> {
  const { body, format, limits } = source;
  if (format === 'array') {
    yield* whole(body, limits.arrayBytes, (bytes) => arrayRows(bytes, limits.lineBytes));
  } else if (format === 'parquet') {
    yield* whole(body, limits.arrayBytes, (bytes) =>
      recordRows(parquetLines(bytes, { maxBytes: limits.arrayBytes }), 'ndjson', limits),
    );
  } else yield* recordRows(body, format, limits);
}

async function* recordRows(
  body: AsyncIterable<Uint8Array>,
  format: 'ndjson' | 'csv',
  limits: BodyLimits,
): AsyncGenerator<Row[]> {
  const splitter = new RecordSplitter({ maxBytes: limits.lineBytes, csv: format === 'csv' });
  const read = format === 'csv' ? csvReader() : ndjsonRow;
  const rowOf = ({ line, lastLine, bytes }: RawRecord): Row | undefined => {
    if (bytes === null) {
      const what = lastLine > line ? 'what a quote opens here' : 'the line';
      return { line, reason: `${what} is longer than ${limits.lineBytes} bytes` };
    }
    const text = decodeUtf8(bytes);
    if (text === undefined) return { line, reason: 'the line is not valid UTF-8' };
    const row = text.trim() === '' ? undefined : read(text);
    return row && { line, ...row };
  };
  for await (const chunk of body) yield* rowsWithLines(splitter.push(chunk), rowOf);
  yield* rowsWithLines(splitter.end(), rowOf);
}

/** What cannot be read of several lines is a rejection of each: a stray quote may hold the rest of a file. */
function* rowsWithLines(
  records: readonly RawRecord[],
  rowOf: (record: RawRecord) => Row | undefined,
): Generator<Row[]> {
  let rows: Row[] = [];
  for (const record of records) {
    const row = rowOf(record);
    if (!row) continue;
    const { line, lastLine } = record;
    if (!('reason' in row) || lastLine === line) {
      rows.push(row);
      continue;
    }
    rows.push({ line, reason: `${row.reason}; the row runs to line ${lastLine}` });
    for (let each = line + 1; each <= lastLine; each++) {
      rows.push({ line: each, reason: `it is inside quotes that open in line ${line}, and left out with them` });
      if (rows.length < ARRAY_STEP) continue;
      yield rows;
      rows = [];
    }
  }
  yield rows;
}

function ndjsonRow(text: string): { value: unknown } | { reason: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { reason: `the line is not valid JSON${placeOf(text).replace('line 1, ', '')}` };
  }
}

/** The first record names the columns; each further one must have as many. An empty cell is an absent field. */
function csvReader() {
  let header: string[] | undefined;
  return (text: string): { value: unknown } | { reason: string } | undefined => {
    const parsed = parseCsvRecord(text);
    if (!header) {
      header = headerOf(parsed);
      return undefined;
    }
    if ('fault' in parsed) return { reason: parsed.fault };
    const { cells } = parsed;
    if (cells.length !== header.length) {
      return { reason: `the row has ${cells.length} columns, but the header has ${header.length}` };
    }
    const fields = header.map((name, at) => [name, cells[at] ?? ''] as const).filter(([, cell]) => cell !== '');
    return { value: Object.fromEntries(fields) };
  };
}

function headerOf(parsed: ReturnType<typeof parseCsvRecord>): string[] {
  const refuse = (why: string) => new QuorateError('invalid_input', `The CSV header (line 1) ${why}.`);
  if ('fault' in parsed) throw refuse(`cannot be read: ${parsed.fault}`);
  const names = parsed.cells.map((name) => name.trim());
  const hint = headerHint(parsed.cells);
  if (hint !== '') throw new QuorateError('malformed_request', `The CSV header cannot be used.${hint}`);
  const empty = names.indexOf('');
  if (empty >= 0) throw refuse(`has no name in column ${empty + 1}`);
  if (names.length > MAX_COLUMNS) throw refuse(`has ${names.length} columns; an import has at most ${MAX_COLUMNS}`);
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw refuse(`names the column ${JSON.stringify(name)} twice`);
    seen.add(name);
  }
  return names;
}

/** An array's rows, some at a time; all of it is looked through first, so that of a broken one nothing is taken. */
async function* arrayRows(body: Uint8Array, maxBytes: number): AsyncGenerator<Row[]> {
  const looked = arrayPass(body, maxBytes);
  while (!(await looked.next()).done);
  yield* arrayPass(body, maxBytes);
}

async function* arrayPass(body: Uint8Array, maxBytes: number): AsyncGenerator<Row[]> {
  let rows: Row[] = [];
  let line = 0;
  let bytes = 0;
  for (const element of elementsOf(body, () => malformed(body, maxBytes, line + 1))) {
    line += 1;
    bytes += element.length;
    if (element.length > maxBytes) rows.push({ line, reason: `the row is longer than ${maxBytes} bytes` });
    else {
      const text = decodeUtf8(element);
      if (text === undefined) throw malformed(body, maxBytes, line);
      try {
        rows.push({ line, value: JSON.parse(text) as unknown });
      } catch {
        throw malformed(body, maxBytes, line);
      }
    }
    if (rows.length < ARRAY_STEP && bytes < ARRAY_STEP_BYTES) continue;
    yield rows;
    await setImmediate();
    rows = [];
    bytes = 0;
  }
  yield rows;
}

/** Of a body that is no JSON array: with the place where that does not take long to find. */
function malformed(body: Uint8Array, maxBytes: number, element: number): Error {
  try {
    if (body.length <= maxBytes) readJson(body);
  } catch (error) {
    return error as Error;
  }
  return new QuorateError('malformed_request', `The body is not valid JSON, in row ${element} of its array.`);
}

/** Bytes of all bodies that are held whole. */
let held = 0;

/** The rows of a body that must be held whole; only so many bytes are at once. */
async function* whole(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  read: (bytes: Uint8Array) => AsyncGenerator<Row[]>,
): AsyncGenerator<Row[]> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      held += chunk.length;
      if (size > maxBytes) {
        const message = `A JSON array or a Parquet file may have at most ${maxBytes} bytes; send larger imports as NDJSON, one row a line.`;
        throw new QuorateError('payload_too_large', message);
      }
      if (held > MAX_HELD * maxBytes) {
        const message = 'Other large imports are being read; try again soon, or send NDJSON, one row a line.';
        throw new QuorateError('unavailable', message);
      }
      chunks.push(chunk);
    }
    if (size > 0) yield* read(Buffer.concat(chunks.splice(0)));
  } finally {
    held -= size;
  }
}
