import type { Db } from '../db/client.ts';
import type { Vote } from '../db/queries/annotations.ts';
import { reopenLeaning, replacedJudges } from '../db/queries/judge-re-asking.ts';
import * as judging from '../db/queries/judging.ts';
import type { TaskPurpose } from '../db/schema/states.ts';
import { QuorateError } from '../domain/failures.ts';
import { judgeWeight, targetAlone, type WhyPeople, whyPeople } from '../domain/judging/alone.ts';
import { auditJudges, type DistrustCause, withoutReplaced } from '../domain/judging/audit.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';

/** Audited tasks that are looked at, the newest ones. */
const MAX_AUDITED = 1000;
/** Tasks that are opened again at once; the next look sees to more. */
const MAX_REOPENED = 200;

/** A judge that was not measured: nothing is known against it, and other judges are taken for its copies. */
const UNKNOWN = { trust: 'learning', correlation: 1 } as const;

const byJudge = ({ kind }: Vote) => kind === 'llm';

/**
 * What the answers of judges count among the votes of one task, by annotation; those of people are missing. `all` are
 * the votes of every task that will be asked about.
 */
export async function judgeWeights(
  db: Db,
  campaignId: string,
  settings: CampaignSettings,
  all: readonly Vote[],
): Promise<(votes: readonly Vote[]) => ReadonlyMap<string, number>> {
  const annotatorIds = [...new Set(all.filter(byJudge).map(({ annotatorId }) => annotatorId))];
  if (annotatorIds.length === 0) return () => new Map();
  const { canonical } = getTaskType(settings.type);
  const annotationIds = all.filter(byJudge).map(({ annotationId }) => annotationId);
  const [trusts, torn] = await Promise.all([
    judging.trustsOf(db, { campaignId, annotatorIds }),
    judging.tornAnswers(db, annotationIds),
  ]);
  return (votes) => {
    const judges = votes.filter(byJudge);
    const texts = judges.map(({ label }) => canonical(label));
    return new Map(
      judges.map(({ annotationId, annotatorId }, at) => {
        const alike = texts.filter((text) => text === texts[at]).length;
        const judge = { ...(trusts.get(annotatorId) ?? UNKNOWN), ordersDisagree: torn.has(annotationId) };
        return [annotationId, judgeWeight(judge, alike)];
      }),
    );
  };
}

/** Why people are to be asked about a task that its judges have answered; undefined where these may decide it. */
export async function whyAskPeople(
  db: Db,
  task: { id: string; campaignId: string; purpose: TaskPurpose },
  settings: CampaignSettings,
  probability: number | undefined,
): Promise<WhyPeople | undefined> {
  const { judge: terms, seed, minConfidence } = settings;
  if (!terms) return 'below_target';
  const found = await judging.judgesOfTask(db, task.id);
  const annotatorIds = found.map(({ annotatorId }) => annotatorId);
  const trusts = await judging.trustsOf(db, { campaignId: task.campaignId, annotatorIds });
  const judges = found.map(({ annotatorId, ordersDisagree }) => {
    return { trust: (trusts.get(annotatorId) ?? UNKNOWN).trust, ordersDisagree };
  });
  const measures = task.purpose === 'evaluation';
  const target = targetAlone(terms, minConfidence);
  return whyPeople({ taskId: task.id, seed, measures, judges, probability }, { ...terms, target });
}

const REASONS: Readonly<Record<DistrustCause, string>> = {
  worse: 'It was decided by a judge that agrees with people less than they do with one another.',
  fell: 'It was decided by a judge whose agreement with people has fallen.',
  replaced: 'It was decided by a judge whose model has another version since.',
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
  const answers = await judging.auditedAnswers(db, { campaignId, tasks: MAX_AUDITED, canonical });
  const replacedIds = (await replacedJudges(db, campaignId)).map(({ annotatorId }) => annotatorId);
  await judging.storeTrusts(db, campaignId, withoutReplaced(auditJudges(answers, terms), replacedIds));
  if (campaign.state !== 'running' && campaign.state !== 'paused') return { reopened: 0 };
  let reopened = 0;
  const distrusted = await judging.distrustedJudges(db, { campaignId, window: terms.minAudited });
  for (const { annotatorId, cause, sinceAt } of distrusted) {
    const request = {
      ...{ campaignId, annotatorId, since: sinceAt, limit: MAX_REOPENED, nowMs },
      answers: settings.redundancy,
      reason: REASONS[cause],
      by: `judge ${annotatorId}`,
    };
    try {
      reopened += (await reopenLeaning(db, request)).taskIds.length;
    } catch (error) {
      // Stopped while its model was fitted: there is nothing to open again.
      if (error instanceof QuorateError && error.code === 'conflict') return { reopened };
      throw error;
    }
  }
  return { reopened };
}
