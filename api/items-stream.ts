import { type Db, sqlState } from '../db/client.ts';
import { insertItems, type NewItem } from '../db/queries/items.ts';
import type { BodyLimits } from './context.ts';
import { type ImportFormat, rowsOf } from './import-rows.ts';
import { reasonOf } from './item-reader.ts';
import { ProblemWith } from './problems.ts';

export interface Rejection {
  readonly line: number;
  readonly reason: string;
}

export interface ImportResult {
  readonly accepted: number;
  readonly duplicates: number;
  /** As many of them as were asked for. */
  readonly rejected: Rejection[];
  readonly rejectedCount: number;
}

const BATCH_ROWS = 2000;
const BATCH_CHARACTERS = 4_000_000;
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
    /** Most rejected rows that are listed. */
    listed: number;
    readItem: (row: unknown) => NewItem;
  },
): Promise<ImportResult> {
  const totals = { accepted: 0, duplicates: 0, rejectedCount: 0 };
  const rejected: Rejection[] = [];
  const reject = (line: number, reason: string) => {
    totals.rejectedCount += 1;
    if (rejected.length < source.listed) rejected.push({ line, reason });
  };
  let batch: { line: number; item: NewItem }[] = [];
  let characters = 0;
  let storing: Promise<void> = Promise.resolve();

  const store = async (rows: typeof batch) => {
    const result = await insertOnce(
      db,
      source.campaignId,
      rows.map(({ item }) => item),
    );
    if (result.closed) {
      const message = 'The campaign has ended meanwhile; it takes no more items.';
      throw new ProblemWith('campaign_closed', message, { ...totals, rejected });
    }
    totals.accepted += result.accepted;
    totals.duplicates += result.duplicates;
    for (const at of result.conflicts) {
      const row = rows[at];
      if (row)
        reject(row.line, `key ${JSON.stringify(row.item.key.slice(0, 60))} is taken by an item with other content`);
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
          characters += item.payloadJson.length + (item.vector?.byteLength ?? 0);
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
