import type { Db } from '../db/client.ts';
import { createJudge } from '../db/judgement/judge.ts';
import { decidedPage, insertIfUnchanged } from '../db/queries/revisions.ts';
import { getTaskType } from '../domain/tasks/index.ts';

const PAGE = 200;
/** A mean that moves by less of its scale is no other label. */
const LEAST_CHANGE = 0.01;

/**
 * Judges all decided tasks of a campaign again by what is known of its crowd now, and adds a revision where the label
 * comes out differently. Nothing is overwritten: the old decision stays, the new one says what it revises. Rulings of
 * experts are left alone. Repeating it changes nothing more. Returns how many tasks were judged and revised.
 */
export async function reviseDecisions(
  db: Db,
  campaignId: string,
  alive: () => void,
): Promise<{ judged: number; revised: number }> {
  const judge = createJudge(db);
  let judged = 0;
  let revised = 0;
  for (let after: string | undefined; ; ) {
    const page = await decidedPage(db, { campaignId, after, limit: PAGE });
    const revisions = new Map(page.map(({ taskId, revision }) => [taskId, revision]));
    const judgements = await judge.each([...revisions.keys()], (taskId) => {
      return { outcome: 'decided', revises: revisions.get(taskId), because: 'crowd_model' };
    });
    const better: Parameters<typeof insertIfUnchanged>[1][number][] = [];
    for (const decided of page) {
      const judgement = judgements.get(decided.taskId);
      if (!judgement) continue;
      const { task, settings, result, evidence, answers, learned } = judgement;
      judged += 1;
      if (result.label === null || !learned) continue;
      const type = getTaskType(settings.type);
      if (type.distance(result.label, decided.label, settings.config) < LEAST_CHANGE) continue;
      const { label, confidence, method } = result;
      better.push({
        taskId: task.id,
        campaignId,
        revision: decided.revision + 1,
        label,
        confidence,
        method,
        evidence,
        answers,
      });
    }
    revised += await insertIfUnchanged(db, better);
    alive();
    after = page.at(-1)?.taskId;
    if (page.length < PAGE) return { judged, revised };
  }
}
