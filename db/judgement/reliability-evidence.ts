import type { Usual } from '../../domain/aggregation/certainty.ts';
import { reliabilityWeight } from '../../domain/aggregation/reliability/peer-reliability.ts';
import { usualOf } from '../../domain/aggregation/reliability/usual.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import type { Db } from '../client.ts';
import type { Vote } from '../queries/annotations.ts';
import * as stored from '../queries/reliability.ts';

/** What the model says of one task's votes, by annotation. */
export interface VoteReliability {
  readonly weights: Readonly<Record<string, number>>;
  /** Only of those whose scores are known to be lenient or harsh. */
  readonly leniency: Readonly<Record<string, stored.Leniency>>;
  readonly usual: Usual;
}

/** How much the votes of these annotators weigh; undefined while nothing is known of them. */
export async function reliabilityEvidence(
  db: Db,
  campaignId: string,
  settings: CampaignSettings,
  annotatorIds: readonly string[],
): Promise<((votes: readonly Vote[]) => VoteReliability) | undefined> {
  if (getTaskType(settings.type).choices?.(settings.config)) return undefined;
  const model = await stored.findReliabilityModel(db, campaignId);
  if (!model) return undefined;
  const { version, crowd, chance, variance } = model;
  const known = await stored.reliabilitiesOf(db, { campaignId, version, annotatorIds });
  const usual = usualOf(crowd, { chance, variance });
  return (votes) => ({
    usual,
    weights: Object.fromEntries(
      votes.map(({ annotationId, annotatorId }) => {
        return [annotationId, reliabilityWeight(known.get(annotatorId)?.reliability ?? crowd)];
      }),
    ),
    leniency: Object.fromEntries(
      votes.flatMap(({ annotationId, annotatorId }) => {
        const leniency = known.get(annotatorId)?.leniency;
        return leniency ? [[annotationId, leniency]] : [];
      }),
    ),
  });
}
