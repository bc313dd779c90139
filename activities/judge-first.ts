import type { Db } from '../db/client.ts';
import { UNKNOWN_JUDGE } from '../db/judgement/judge-weights.ts';
import * as judging from '../db/queries/judging.ts';
import type { TaskPurpose } from '../db/schema/states.ts';
import { targetAlone, type WhyPeople, whyPeople } from '../domain/judging/alone.ts';
import type { CampaignSettings } from '../domain/settings.ts';

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
      return { trust: (trusts.get(annotatorId) ?? UNKNOWN_JUDGE).trust, ordersDisagree };
    });
    const measures = purpose === 'evaluation';
    return whyPeople({ taskId, seed, measures, judges, probability }, { ...terms, target });
  };
}
