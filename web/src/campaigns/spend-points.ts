import type { Campaign } from '../api/types';

/** What a campaign had spent by the end of each round, in dollars: a round's `spentMicros` is of all rounds so far. */
export function spendPoints(rounds: Pick<Campaign, 'rounds'>['rounds']): { round: number; usd: number }[] {
  return rounds.flatMap(({ round, spentMicros }) => (spentMicros === null ? [] : [{ round, usd: spentMicros / 1e6 }]));
}
