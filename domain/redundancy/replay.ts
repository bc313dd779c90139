import { defaultMethod } from '../aggregation/crowd/default.ts';
import type { CrowdMethod } from '../aggregation/crowd/fit.ts';
import { byUnit, type NamedRatings, type Ratings } from '../agreement/ratings.ts';
import { QuorateError } from '../failures.ts';
import { type Rng, seededRng } from '../rng.ts';
import { finalLabels } from './final-labels.ts';
import { adaptivePolicy, fixedPolicy, type RedundancyPolicy } from './policy.ts';
import { askAdaptively, budgetOf } from './replay-adaptive.ts';

export interface ReplayOptions {
  /** How the answers asked become labels; unless said otherwise the default method, adaptive `finalLabels`. */
  readonly method?: CrowdMethod;
  /** Told, now and then, how many of the seeds are done; a part of one, too. */
  readonly onProgress?: (seeds: number) => void;
}

export interface Replay {
  /** The policy with its defaults filled in. */
  readonly policy: RedundancyPolicy;
  /** Share of the gold tasks whose label came out right, mean over the seeds. */
  readonly accuracy: number;
  /** Answers asked for, mean over the seeds. */
  readonly answersUsed: number;
  readonly answersPerTask: number;
  readonly seeds: number;
  /** Seeds in which an adaptive policy asked all the answers that it may on average (`average`), and might have gone on. */
  readonly endedByBudget: number;
}

/**
 * Asks a recorded crowd again under another policy: each seed brings the recorded answers of each task in another
 * order. Fixed: the first n of each task. Adaptive: see `askAdaptively`; who is asked, and for what, depends on the
 * answers so far alone, never on the known labels. Throws `QuorateError` (invalid_input) where the policy makes no sense
 * or no task with an answer is in `gold`.
 */
export function replay(
  ratings: NamedRatings,
  gold: ReadonlyMap<string, string>,
  policy: RedundancyPolicy,
  seeds: number,
  { method, onProgress }: ReplayOptions = {},
): Replay {
  const full = policy.kind === 'fixed' ? fixedPolicy(policy.n) : adaptivePolicy(policy);
  let right = 0;
  let used = 0;
  let endedByBudget = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const rng = seededRng(`replay ${seed}`);
    const onAsked = (share: number) => onProgress?.(seed + share);
    const { asked, crowd } =
      full.kind === 'fixed' ? { asked: askFixed(ratings, full.n, rng) } : askAdaptively(ratings, full, rng, onAsked);
    if (full.kind === 'adaptive' && asked.length >= budgetOf(ratings, full)) endedByBudget++;
    const kept = only(ratings, asked);
    const labels =
      crowd && !method
        ? finalLabels(kept, crowd, seed)
        : (method ?? defaultMethod)(kept, { seed, table: false }).labels;
    right += accuracyOf(labels, ratings, gold);
    used += asked.length;
    onProgress?.(seed + 1);
  }
  return {
    policy: full,
    accuracy: right / seeds,
    answersUsed: Math.round(used / seeds),
    answersPerTask: used / seeds / ratings.unitCount,
    seeds,
    endedByBudget,
  };
}

function askFixed(ratings: Ratings, n: number, rng: Rng): number[] {
  const { start, at } = byUnit(ratings);
  return Array.from({ length: ratings.unitCount }, (_, u) =>
    rng.shuffle(Array.from(at.subarray(start[u] as number, start[u + 1] as number))).slice(0, n),
  ).flat();
}

/** The ratings at some positions, in their recorded order. */
function only(ratings: NamedRatings, positions: number[]): NamedRatings {
  const kept = Int32Array.from(positions).sort();
  const { unit, rater, value } = ratings;
  return {
    ...ratings,
    unit: kept.map((i) => unit[i] as number),
    rater: kept.map((i) => rater[i] as number),
    value: kept.map((i) => value[i] as number),
  };
}

function accuracyOf(labels: Int32Array, ratings: NamedRatings, gold: ReadonlyMap<string, string>): number {
  let right = 0;
  let known = 0;
  ratings.units.forEach((name, unit) => {
    const truth = gold.get(name);
    if (truth === undefined) return;
    known++;
    if (ratings.values[labels[unit] ?? -1] === truth) right++;
  });
  if (known === 0) throw new QuorateError('invalid_input', 'None of the tasks with an answer has a gold label.');
  return right / known;
}
