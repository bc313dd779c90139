import { call } from '../api/client';
import type { TaskType } from '../api/types';
import { type Golds, knownAt } from './golds';
import { itemOf, type Mapping } from './mapping';
import { faultWithLines, type Imported, withLines } from './outcome';
import type { Source } from './source';

/** Of the rows that the server refuses: they can be downloaded with their reasons. */
const MOST_LISTED = 100_000;

interface Rows {
  readonly type: TaskType;
  readonly config: unknown;
  readonly source: Source | null;
  readonly mapping: Mapping;
  readonly golds: Golds;
}

/** Sends the rows to a campaign; what is said of lines is of those of the requester's own file. */
export async function importRows(id: string, { type, config, source, mapping, golds }: Rows): Promise<Imported> {
  const lines = (source?.rows ?? []).map((row, at) => {
    const known = knownAt(golds, at, config);
    const item = itemOf(type, mapping, row);
    return `${JSON.stringify(known ? { ...item, gold: known.label } : item)}\n`;
  });
  const headers = { 'content-type': 'application/x-ndjson' };
  // A string cannot be as long as all lines may be.
  const body = new Blob(lines);
  const places = source?.lines ?? [];
  try {
    return withLines(
      (await call('POST', `/v1/campaigns/${id}/items?listed=${MOST_LISTED}`, body, { headers })) as Imported,
      places,
    );
  } catch (error) {
    throw faultWithLines(error, places);
  }
}
