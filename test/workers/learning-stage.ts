import type { Dependencies } from '../../activities/dependencies.ts';
import { createLearningActivities } from '../../activities/index.ts';
import { createTaskActivities } from '../../activities/tasks.ts';
import type { Db } from '../../db/client.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { runActivity } from '../support/temporal-servers.ts';
import * as stage from './stage.ts';

/** The learning activities as a campaign calls them, and a crowd that answers all that was chosen at once. */
export function learningStage(db: Db, models: Partial<Dependencies> = {}) {
  const dependencies = { db, nowMs: () => Date.now(), wake: () => undefined, ...models };
  const activities = createLearningActivities(dependencies);
  const tasks = createTaskActivities(dependencies);
  const within = <A, R>(activity: (input: A) => Promise<R>, input: A): Promise<R> => runActivity(activity, input);

  async function round(
    { campaignId, annotators }: stage.Scene,
    at: { round: number; count: number; labelOf: (text: string, annotator: number) => unknown },
  ) {
    const batch = await within(activities.selectBatch, { campaignId, round: at.round, count: at.count });
    for (const taskId of batch.taskIds) {
      await openSlots(db, taskId);
      const [row] = await db<{ text: string; redundancy: number }[]>`
        select coalesce(p.payload ->> 'text', p.payload::text) as text, t.redundancy from tasks t join item_payloads p using (item_id)
        where t.id = ${taskId}`;
      for (const [place, annotatorId] of annotators.slice(0, row?.redundancy ?? 1).entries()) {
        await stage.answer(db, { taskId, annotatorId, label: at.labelOf(row?.text ?? '', place) });
      }
      await tasks.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    }
    return batch;
  }

  return {
    activities,
    within,
    /** Chooses a batch and has it answered and decided. */
    round,
    fit: (campaignId: string, number: number) => within(activities.fitModel, { campaignId, round: number }),
  };
}

/** Gives the items their places in the random order, as an import does: evenly, in an order of its own. */
export async function spreadItems(db: Db, campaignId: string): Promise<void> {
  await db`
    update items i set shuffle = spread.shuffle
    from (
      select id, ((row_number() over (order by md5(key)) - 0.5) / count(*) over () * 2147483647)::int as shuffle
      from items where campaign_id = ${campaignId}
    ) spread
    where i.id = spread.id`;
}
