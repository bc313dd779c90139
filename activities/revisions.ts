import type { Db } from '../db/client.ts';
import { decidedPage, insertRevisions } from '../db/queries/revisions.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { createJudge } from './decisions.ts';

const PAGE = 200;

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
    for (const decided of page) {
      const context = { outcome: 'decided', revises: decided.revision, because: 'crowd_model' } as const;
      const { task, settings, result, evidence } = await judge(decided.taskId, context);
      judged += 1;
      if (result.label === null || result.method !== 'crowd_model') continue;
      const { canonical } = getTaskType(settings.type);
      if (canonical(result.label) === canonical(decided.label)) continue;
      const { label, confidence, method } = result;
      const revision = {
        taskId: task.id,
        campaignId,
        revision: decided.revision + 1,
        label,
        confidence,
        method,
        evidence,
      };
      revised += await insertRevisions(db, [revision]);
    }
    alive();
    after = page.at(-1)?.taskId;
    if (page.length < PAGE) return { judged, revised };
  }
}
