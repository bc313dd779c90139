import { seededRng } from '../rng.ts';
import { order } from './weighted-vote.ts';

export interface Majority {
  /** The most frequent labels, sorted; more than one in a tie, none without votes. */
  readonly winners: string[];
  /** Share of the votes that each winner has. */
  readonly share: number;
  readonly counts: ReadonlyMap<string, number>;
}

/** Plain majority: every vote counts the same. Ties are reported, not broken. */
export function majority(labels: readonly string[]): Majority {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const winners = [...counts.keys()].filter((label) => counts.get(label) === most).sort(order);
  return { winners, share: labels.length === 0 ? 0 : most / labels.length, counts };
}

/** One label of the majority, ties drawn by `seed` (not by label order, which would favour some labels). */
export function majorityLabel(labels: readonly string[], seed: number | string): string | null {
  const { winners } = majority(labels);
  return winners[winners.length > 1 ? seededRng(seed).int(winners.length) : 0] ?? null;
}

/**
 * The chance that a majority with ties drawn at random is right: 1, 0, or 1/k in a tie of k labels that holds the
 * truth. Averaged over tasks it is the expected accuracy, free of the luck of the draw.
 */
export function expectedCorrect({ winners }: Pick<Majority, 'winners'>, truth: string): number {
  return winners.includes(truth) ? 1 / winners.length : 0;
}
