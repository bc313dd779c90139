import type { Db } from '../db/client.ts';
import { payloadsOf } from '../db/queries/selection.ts';
import type { AnyTaskType } from '../domain/tasks/task-type.ts';

/** What models read of a campaign's items. */
export interface ItemReader {
  /** Whether an item shows two answers, which are read apart. */
  readonly pairs: boolean;
  readonly features: AnyTaskType['features'];
}

/** How models read items of a type. */
export function itemReader(type: AnyTaskType, config: unknown): ItemReader {
  return { pairs: type.modelTarget(config).kind === 'pair', features: (payload) => type.features(payload) };
}

/** What models read of items: one text each, of pairs two. An item that is gone reads as nothing. */
export async function textsOf(db: Db, { pairs, features }: ItemReader, ids: readonly string[]): Promise<string[]> {
  const payloads = await payloadsOf(db, ids);
  return ids.flatMap((id) => {
    const payload = payloads.get(id);
    const read = payload === undefined ? '' : features(payload);
    if (typeof read === 'string') return pairs ? [read, read] : [read];
    return pairs ? [read.a, read.b] : [`${read.a}\n${read.b}`];
  });
}
