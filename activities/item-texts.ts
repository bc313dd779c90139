import type { Db } from '../db/client.ts';
import { payloadsOf } from '../db/queries/selection.ts';
import type { Shown } from '../domain/learning/item-rows.ts';
import type { AnyTaskType } from '../domain/tasks/task-type.ts';

/** What models read of a campaign's items. */
export interface ItemReader {
  readonly shows: Shown;
  readonly features: AnyTaskType['features'];
}

/** How models read items of a type. */
export function itemReader(type: AnyTaskType, config: unknown): ItemReader {
  const { kind } = type.modelTarget(config);
  const shows = kind === 'pair' ? 'two answers' : kind === 'ranking' ? 'answers' : 'one text';
  return { shows, features: (payload) => type.features(payload) };
}

/** What models read of items: the texts of each one. An item that is gone reads as nothing. */
export async function textsOf(db: Db, { shows, features }: ItemReader, ids: readonly string[]): Promise<string[][]> {
  const payloads = await payloadsOf(db, ids);
  return ids.map((id) => {
    const payload = payloads.get(id);
    const read = payload === undefined ? '' : features(payload);
    const texts = typeof read === 'string' ? [read] : [...read];
    if (shows === 'one text') return [texts.join('\n')];
    return shows === 'two answers' && texts.length === 1 ? [...texts, ...texts] : texts;
  });
}
