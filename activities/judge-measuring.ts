import type { Db } from '../db/client.ts';
import { createJudge } from '../db/judgement/judge.ts';
import { type Answered, answeredBy, noteLookedTo, replacedJudges } from '../db/queries/judge-re-asking.ts';
import * as judging from '../db/queries/judging.ts';
import { reopenTasks, type WantedReopening } from '../db/queries/reopenings.ts';
import { QuorateError } from '../domain/failures.ts';
import { auditJudges, type DistrustCause, withoutReplaced } from '../domain/judging/audit.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { peopleAsker } from './judge-first.ts';

/** Audited tasks that are looked at, the newest ones. */
const MAX_AUDITED = 1000;
/** Tasks that are judged again at once, and in one measuring: the next one goes on. */
const PAGE = 200;
const MAX_PAGES = 10;

const SINCE: Readonly<Record<DistrustCause, string>> = {
  worse: 'that agrees with people less than they do with one another.',
  fell: 'whose agreement with people has fallen.',
  replaced: 'whose model has another version since.',
};

/**
 * Measures a campaign's judges anew by its audits and by who answers in their place, and opens the tasks again that leaned
 * on one that is distrusted, as far as the budget allows. Says how many.
 */
export async function measureJudges(
  db: Db,
  campaign: { id: string; state: string },
  settings: CampaignSettings,
  nowMs: number,
): Promise<{ reopened: number }> {
  const { judge: terms } = settings;
  if (!terms) return { reopened: 0 };
  const campaignId = campaign.id;
  const { canonical } = getTaskType(settings.type);
  const { answers, earlier, readAt } = await judging.auditedAnswers(db, { campaignId, tasks: MAX_AUDITED, canonical });
  const replacedIds = (await replacedJudges(db, campaignId)).map(({ annotatorId }) => annotatorId);
  const audits = auditJudges(answers, { minAudited: terms.minAudited, earlier });
  await judging.storeTrusts(db, campaignId, withoutReplaced(audits, replacedIds), readAt);
  if (campaign.state !== 'running' && campaign.state !== 'paused') return { reopened: 0 };
  let reopened = 0;
  for (const doubted of await judging.distrustedJudges(db, campaignId)) {
    try {
      reopened += await reAsk(db, { campaignId, settings, nowMs }, doubted);
    } catch (error) {
      // Stopped while its model was fitted: there is nothing to open again.
      if (error instanceof QuorateError && error.code === 'conflict') return { reopened };
      throw error;
    }
  }
  return { reopened };
}

/** Judges again what a distrusted judge had a part in, oldest first, and opens again what does not stand any more. */
async function reAsk(
  db: Db,
  at: { campaignId: string; settings: CampaignSettings; nowMs: number },
  doubted: { annotatorId: string; cause: DistrustCause; sinceAt: Date },
): Promise<number> {
  const { campaignId, nowMs } = at;
  const { annotatorId, cause } = doubted;
  let reopened = 0;
  let after: Answered | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await answeredBy(db, { campaignId, annotatorId, since: doubted.sinceAt, after, limit: PAGE });
    const tasks = await fallen(db, at, found, cause);
    if (tasks.length > 0) {
      const by = `judge ${annotatorId}`;
      const request = {
        campaignId,
        cause: 'judge',
        reason: `It was decided with a judge ${SINCE[cause]}`,
        by,
        tasks,
        nowMs,
      } as const;
      const { taskIds, overBudget } = await reopenTasks(db, request);
      reopened += taskIds.length;
      // What there is no money for is looked at again.
      if (overBudget > 0) return reopened;
    }
    after = found.at(-1);
    if (!after) return reopened;
    await noteLookedTo(db, { campaignId, annotatorId, at: after.decidedAt });
    if (found.length < PAGE) return reopened;
  }
  return reopened;
}

/**
 * Those of these tasks that leaned on a judge: what judges decided and could not now that its answer counts less, for as
 * many people as are usual; and what people decided with it, and would label otherwise now or are not sure enough of, for
 * one more in its place.
 */
async function fallen(
  db: Db,
  { campaignId, settings }: { campaignId: string; settings: CampaignSettings },
  found: readonly Answered[],
  cause: DistrustCause,
): Promise<WantedReopening[]> {
  const { canonical } = getTaskType(settings.type);
  const ids = found.map(({ taskId }) => taskId);
  const judged = await createJudge(db).each(ids, () => ({ outcome: 'decided' }));
  const alones = found.filter(({ alone }) => alone).map(({ taskId }) => taskId);
  const whyPeople = await peopleAsker(db, campaignId, settings, alones);
  const tasks: WantedReopening[] = [];
  for (const { taskId, annotationId, alone, label, confidence } of found) {
    const again = judged.get(taskId);
    if (!again) continue;
    const { result, task, isCalibrated } = again;
    const probability = isCalibrated ? result.confidence : undefined;
    const sureEnough = confidence < settings.minConfidence || result.confidence >= settings.minConfidence;
    const stands = alone
      ? whyPeople({ id: taskId, purpose: task.purpose }, probability) === undefined
      : sureEnough && result.label !== null && canonical(result.label) === canonical(label);
    if (stands) continue;
    const reason = `It was decided ${alone ? 'by' : 'with'} a judge ${SINCE[cause]}`;
    tasks.push({ taskId, answers: alone ? settings.redundancy : 1, excludedIds: [annotationId], reason });
  }
  return tasks;
}
