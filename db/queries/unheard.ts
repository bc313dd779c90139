import type { Unheard } from '../../domain/annotation-task.ts';
import type { Queryable } from '../client.ts';

/** Counted answers of a task besides these. */
export async function answersBesides(
  sql: Queryable,
  query: { taskId: string; annotationIds: readonly string[] },
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from annotations
    where task_id = ${query.taskId} and counted and excluded_at is null
      and id <> all(${query.annotationIds as string[]}::uuid[])
    order by id`;
  return rows.map(({ id }) => id);
}

/**
 * Pauses and resumptions of a task's campaign after `clockAtMs`, oldest first: those that wait to be delivered, and a
 * pause that lasts, whatever became of its message.
 */
export async function clockSince(
  sql: Queryable,
  query: { taskId: string; clockAtMs: number },
): Promise<Unheard['clock']> {
  const waiting = await sql<{ message: 'paused' | 'resumed'; atMs: number }[]>`
    select message, (payload ->> 'atMs')::float8 as "atMs" from outbox
    where target_id = ${query.taskId} and kind = 'signal_task' and message in ('paused', 'resumed')
    order by id`;
  const lasting = await sql<{ at: Date }[]>`
    select c.paused_at as at from tasks t join campaigns c on c.id = t.campaign_id
    where t.id = ${query.taskId} and c.state = 'paused' and c.paused_at is not null`;
  const all = [...waiting, ...lasting.map(({ at }) => ({ message: 'paused' as const, atMs: at.getTime() }))];
  return all.filter(({ atMs }) => atMs > query.clockAtMs);
}
