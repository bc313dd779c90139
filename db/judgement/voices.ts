import { voiceWeights } from '../../domain/aggregation/reliability/voice-weights.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import type { Db } from '../client.ts';
import type { Vote } from '../queries/annotations.ts';
import { correlationsOf } from '../queries/correlations.ts';

/**
 * What votes count by how independent their annotators are, by annotation: less where others say the same, or nearly,
 * who are known to be no two voices. Missing where all are.
 */
export async function voicesAmong(
  db: Db,
  campaignId: string,
  settings: CampaignSettings,
  annotatorIds: readonly string[],
): Promise<(votes: readonly Vote[]) => ReadonlyMap<string, number>> {
  const found = await correlationsOf(db, { campaignId, annotatorIds });
  if (found.length === 0) return () => new Map();
  const type = getTaskType(settings.type);
  const byPair = new Map(
    found.flatMap(({ a, b, correlation }) => [
      [`${a} ${b}`, correlation],
      [`${b} ${a}`, correlation],
    ]),
  );
  return (votes) => {
    const weights = voiceWeights(votes.length, (i, j) => {
      const [one, other] = [votes[i], votes[j]];
      const correlation = one && other && byPair.get(`${one.annotatorId} ${other.annotatorId}`);
      return correlation ? correlation * (1 - type.distance(one.label, other.label, settings.config)) : 0;
    });
    return new Map(votes.map(({ annotationId }, at) => [annotationId, weights[at] ?? 1]));
  };
}
