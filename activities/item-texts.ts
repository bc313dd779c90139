import type { Db } from '../db/client.ts';
import { payloadsOf } from '../db/queries/selection.ts';
import type { AnyTaskType } from '../domain/tasks/task-type.ts';

/** What models read of items: one text each, of pairs two. */
export async function textsOf(db: Db, type: AnyTaskType, ids: readonly string[]): Promise<string[]> {
  const payloads = await payloadsOf(db, ids);
  return ids.flatMap((id) => {
    const payload = payloads.get(id);
    const read = payload === undefined ? '' : type.features(payload);
    return typeof read === 'string' ? [read] : [read.a, read.b];
  });
}
