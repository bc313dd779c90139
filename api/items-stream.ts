import { setImmediate } from 'node:timers/promises';
import { type Db, sqlState } from '../db/client.ts';
import { insertItems, type NewItem } from '../db/queries/items.ts';
import { QuorateError } from '../domain/failures.ts';
import { parseCsvRecord } from '../domain/formats/csv.ts';
import type { BodyLimits } from './context.ts';
import { reasonOf } from './item-reader.ts';
import { decodeUtf8, placeOf, readJson } from './json-body.ts';
import { RecordSplitter } from './records.ts';

export type ImportFormat = 'array' | 'ndjson' | 'csv';

export interface Rejection {
  readonly line: number;
  readonly reason: string;
}

export interface ImportResult {
  readonly accepted: number;
  readonly duplicates: number;
  /** At most 1,000 of them. */
  readonly rejected: Rejection[];
  readonly rejectedCount: number;
}

type Row = { readonly line: number } & ({ readonly value: unknown } | { readonly reason: string });

const BATCH_ROWS = 2000;
const BATCH_CHARACTERS = 4_000_000;
const MAX_LISTED = 1000;
// Rows of an array read at a stretch, so that other requests get their turn.
const ARRAY_STEP = 200;
const DEADLOCK = '40P01';

/**
 * Imports rows from a stream in constant memory: batches are stored while the next one is read. Bad rows are listed
 * and left out; good ones stay even when the stream breaks off, and sending them again adds nothing.
 */
export async function importItems(
  db: Db,
  source: {
    campaignId: string;
    body: AsyncIterable<Uint8Array>;
    format: ImportFormat;
    limits: BodyLimits;
    readItem: (row: unknown) => NewItem;
  },
): Promise<ImportResult> {
  const totals = { accepted: 0, duplicates: 0, rejectedCount: 0 };
  const rejected: Rejection[] = [];
  const reject = (line: number, reason: string) => {
    totals.rejectedCount += 1;
    if (rejected.length < MAX_LISTED) rejected.push({ line, reason });
  };
  let batch: { line: number; item: NewItem }[] = [];
  let characters = 0;
  let storing: Promise<void> = Promise.resolve();

  const store = async (rows: typeof batch) => {
    const result = await insertOnce(db, source.campaignId, rows.map(({ item }) => item));
    totals.accepted += result.accepted;
    totals.duplicates += result.duplicates;
    for (const at of result.conflicts) {
      const row = rows[at];
      if (row) reject(row.line, `key ${JSON.stringify(row.item.key.slice(0, 60))} is taken by an item with other content`);
    }
  };
  const flush = async () => {
    await storing;
    if (batch.length > 0) storing = store(batch);
    // The next await sees a failure; until then it must not count as unhandled.
    storing.catch(() => undefined);
    batch = [];
    characters = 0;
  };

  for await (const rows of rowsOf(source)) {
    for (const row of rows) {
      try {
        if ('reason' in row) reject(row.line, row.reason);
        else {
          const item = source.readItem(row.value);
          batch.push({ line: row.line, item });
          characters += item.payloadJson.length;
        }
      } catch (error) {
        reject(row.line, reasonOf(error));
      }
      if (batch.length >= BATCH_ROWS || characters >= BATCH_CHARACTERS) await flush();
    }
  }
  await flush();
  await storing;
  return { ...totals, rejected: rejected.sort((a, b) => a.line - b.line) };
}

/** Two imports of the same keys at once may lock each other out; the loser tries again. */
async function insertOnce(db: Db, campaignId: string, items: readonly NewItem[], attempts = 4) {
  for (;;) {
    try {
      return await insertItems(db, campaignId, items);
    } catch (error) {
      attempts -= 1;
      if (sqlState(error) !== DEADLOCK || attempts === 0) throw error;
    }
  }
}

async function* rowsOf(source: {
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
  const splitter = new RecordSplitter({ maxBytes: limits.lineBytes, csv: format === 'csv' });
  const read = format === 'csv' ? csvReader() : ndjsonRow;
  const tooLong = `is longer than ${limits.lineBytes} bytes`;
  const toRows = (records: ReturnType<RecordSplitter['push']>) =>
    records.flatMap(({ line, bytes }): Row[] => {
      if (bytes === null) return [{ line, reason: `the line ${tooLong}` }];
      const text = decodeUtf8(bytes);
      if (text === undefined) return [{ line, reason: 'the line is not valid UTF-8' }];
      if (text.trim() === '') return [];
      const row = read(text);
      return row === undefined ? [] : [{ line, ...row }];
    });
  for await (const chunk of body) yield toRows(splitter.push(chunk));
  yield toRows(splitter.end());
}

function ndjsonRow(text: string): { value: unknown } | { reason: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { reason: `the line is not valid JSON${placeOf(error, text).replace('line 1, ', '')}` };
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
  const empty = names.indexOf('');
  if (empty >= 0) throw refuse(`has no name in column ${empty + 1}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw refuse(`names the column ${JSON.stringify(twice)} twice`);
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

async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      const message = `A JSON array may have at most ${maxBytes} bytes; send larger imports as NDJSON, one row a line.`;
      throw new QuorateError('payload_too_large', message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
