import { setImmediate } from 'node:timers/promises';
import { QuorateError } from '../domain/failures.ts';
import { headerHint, parseCsvRecord } from '../domain/formats/csv.ts';
import { parquetAsJson } from '../domain/formats/parquet-values.ts';
import type { BodyLimits } from './context.ts';
import { decodeUtf8, placeOf, readJson } from './json-body.ts';
import { type RawRecord, RecordSplitter } from './records.ts';

export type ImportFormat = 'array' | 'ndjson' | 'csv' | 'parquet';

/** A row of an import, or why it cannot be read. */
export type Row = { readonly line: number } & ({ readonly value: unknown } | { readonly reason: string });

// Rows of an array or a Parquet file read at a stretch, so that other requests get their turn.
const ARRAY_STEP = 200;
const MAX_COLUMNS = 1000;
const MAX_GROUP_ROWS = 1_000_000;

/** The rows of a body, some at a time. Throws when the body as a whole cannot be read. */
export async function* rowsOf(source: {
  body: AsyncIterable<Uint8Array>;
  format: ImportFormat;
  limits: BodyLimits;
}): AsyncGenerator<Row[]> {
  const { body, format, limits } = source;
  if (format === 'array') {
    const rows = arrayRows(await collect(body, limits.arrayBytes));
    for (let at = 0; at < rows.length; at += ARRAY_STEP) {
      yield rows.slice(at, at + ARRAY_STEP);
      await setImmediate();
    }
    return;
  }
  if (format === 'parquet') {
    yield* parquetRows(await collect(body, limits.arrayBytes), limits.arrayBytes);
    return;
  }
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

function arrayRows(body: Uint8Array): Row[] {
  if (body.length === 0) return [];
  const { value } = readJson(body);
  if (!Array.isArray(value)) {
    throw new QuorateError('invalid_input', 'The body is not a JSON array of rows; send an array, NDJSON or CSV.');
  }
  return value.map((row: unknown, at) => ({ line: at + 1, value: row }));
}

/** A file's rows by its groups, as each of them is decoded whole. */
async function* parquetRows(body: Uint8Array, maxBytes: number): AsyncGenerator<Row[]> {
  if (body.length === 0) return;
  const { parquetMetadata, parquetReadObjects } = await import('hyparquet');
  const unreadable = (error: unknown) =>
    new QuorateError(
      'invalid_input',
      `The Parquet file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  const file = body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) as ArrayBuffer;
  let metadata: ReturnType<typeof parquetMetadata>;
  try {
    metadata = parquetMetadata(file);
  } catch (error) {
    throw unreadable(error);
  }
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    // A small file may say that much is in it.
    if (group.num_rows > MAX_GROUP_ROWS || group.total_byte_size > maxBytes) {
      const message = `A row group of a Parquet file may have at most ${MAX_GROUP_ROWS} rows and ${maxBytes} bytes; write smaller ones.`;
      throw new QuorateError('payload_too_large', message);
    }
    const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd }).catch((error: unknown) => {
      throw unreadable(error);
    });
    for (let at = 0; at < rows.length; at += ARRAY_STEP) {
      const step = rows.slice(at, at + ARRAY_STEP);
      yield step.map((row, place) => ({ line: rowStart + at + place + 1, value: parquetAsJson(row) }));
      await setImmediate();
    }
    rowStart = rowEnd;
  }
}

async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      const message = `A JSON array or a Parquet file may have at most ${maxBytes} bytes; send larger imports as NDJSON, one row a line.`;
      throw new QuorateError('payload_too_large', message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
