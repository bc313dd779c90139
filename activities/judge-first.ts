import type { Db } from '../db/client.ts';
import type { Vote } from '../db/queries/annotations.ts';
import * as judging from '../db/queries/judging.ts';
import type { TaskPurpose } from '../db/schema/states.ts';
import { judgeWeight, targetAlone, type WhyPeople, whyPeople } from '../domain/judging/alone.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';

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
  return (await peopleAsker(db, task.campaignId, settings, [task.id]))(task, probability);
}

/** As `whyAskPeople`, of each of these tasks, with what is known of all their judges read at once. */
export async function peopleAsker(
  db: Db,
  campaignId: string,
  settings: CampaignSettings,
  taskIds: readonly string[],
): Promise<(task: { id: string; purpose: TaskPurpose }, probability: number | undefined) => WhyPeople | undefined> {
  const { judge: terms, seed, minConfidence } = settings;
  if (!terms) return () => 'below_target';
  const found = await judging.judgesOfTasks(db, taskIds);
  const annotatorIds = [...new Set(found.map(({ annotatorId }) => annotatorId))];
  const trusts = await judging.trustsOf(db, { campaignId, annotatorIds });
  const target = targetAlone(terms, minConfidence);
  return ({ id: taskId, purpose }, probability) => {
    const its = found.filter((each) => each.taskId === taskId);
    const judges = its.map(({ annotatorId, ordersDisagree }) => {
      return { trust: (trusts.get(annotatorId) ?? UNKNOWN).trust, ordersDisagree };
    });
    const measures = purpose === 'evaluation';
    return whyPeople({ taskId, seed, measures, judges, probability }, { ...terms, target });
  };
}
