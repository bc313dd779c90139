import { judgeWeight } from '../../domain/judging/alone.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import type { Db } from '../client.ts';
import type { Vote } from '../queries/annotations.ts';
import * as judging from '../queries/judging.ts';

/** A judge that was not measured: nothing is known against it, and other judges are taken for its copies. */
export const UNKNOWN_JUDGE = { trust: 'learning', correlation: 1 } as const;

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
        const judge = { ...(trusts.get(annotatorId) ?? UNKNOWN_JUDGE), ordersDisagree: torn.has(annotationId) };
        return [annotationId, judgeWeight(judge, alike)];
      }),
    );
  };
}
