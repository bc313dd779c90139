import { seededRng } from '../rng.ts';
import type { TaskType } from '../tasks/task-type.ts';
import { accuracyInterval } from './beta.ts';

/** How often an annotator is shown an item again that they answered before. */
export interface ConsistencyRules {
  /** Share of the assignments of an annotator who has answers old enough. */
  readonly share: number;
  readonly afterDays: number;
}

export const DEFAULT_CONSISTENCY: ConsistencyRules = { share: 0.02, afterDays: 7 };

/** What the repeats of one task's answers may cost on average, in micro-dollars; rounded up. */
export function repeatReserveMicros(
  rules: ConsistencyRules | null | undefined,
  task: { readonly answers: number; readonly priceMicros: bigint },
): bigint {
  if (!rules) return 0n;
  return BigInt(Math.ceil(rules.share * task.answers * Number(task.priceMicros)));
}

/** One item as the same annotator labelled it twice. */
export interface RepeatedAnswer<Label> {
  readonly first: Label;
  readonly again: Label;
}

/** How well somebody agrees with themselves. */
export interface IntraRater {
  /** Items answered twice. */
  readonly items: number;
  /** Of these the ones with the very same label, and the 95% interval of that share. */
  readonly same: number;
  readonly sameLow: number;
  readonly sameHigh: number;
  /** 1 less the mean distance of the two labels. */
  readonly agreement: number;
  /** Agreement beyond chance; undefined where all labels are the same, so that nothing could have differed. */
  readonly alpha: number | undefined;
  /** 95%, by drawing the items anew; undefined with fewer than ten. */
  readonly interval: { readonly low: number; readonly high: number } | undefined;
}

const LEAST_ITEMS = 10;
const RESAMPLES = 400;

/**
 * Intra-rater reliability: Krippendorff's alpha of one annotator's first and second labels, taken for two observers.
 * Chance is how far apart their labels of any two items are, by the task type's own distance, which is squared for
 * ordered labels as everywhere. K. Krippendorff, "Content Analysis" (2004), calls it stability. Undefined without pairs.
 */
export function intraRater<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  pairs: readonly RepeatedAnswer<L>[],
  seed: string,
): IntraRater | undefined {
  const n = pairs.length;
  if (n === 0) return undefined;
  const compare = type.comparing?.(config) ?? { distance: (a: L, b: L) => type.distance(a, b, config) };
  const squared = type.agreementLevel !== 'nominal' && type.agreementLevel !== 'distance';
  const equal = pairs.filter(({ first, again }) => type.canonical(first) === type.canonical(again)).length;
  const plain = pairs.map(({ first, again }) => compare.distance(first, again));
  const delta = distances(
    pairs.flatMap(({ first, again }) => [first, again]),
    (a, b) => {
      const distance = compare.distance(a, b);
      return squared ? distance ** 2 : distance;
    },
  );
  const alpha = alphaOf(delta, new Float64Array(n).fill(1));
  const { low: sameLow, high: sameHigh } = accuracyInterval(equal, n);
  return {
    ...{ items: n, same: equal / n, sameLow, sameHigh, alpha },
    agreement: 1 - plain.reduce((sum, each) => sum + each, 0) / n,
    interval: alpha === undefined || n < LEAST_ITEMS ? undefined : intervalOf(delta, n, seed),
  };
}

interface Distances {
  /** Between an item's two labels. */
  readonly within: Float64Array;
  /** The sum over the pairs of a label of item i and one of item j, at i * n + j; within an item its one pair counts twice. */
  readonly across: Float64Array;
}

function distances<L>(labels: readonly L[], delta: (a: L, b: L) => number): Distances {
  const n = labels.length / 2;
  const within = new Float64Array(n);
  const across = new Float64Array(n * n);
  for (let a = 0; a < labels.length; a++) {
    for (let b = 0; b < a; b++) {
      const distance = delta(labels[a] as L, labels[b] as L);
      const [i, j] = [a >> 1, b >> 1];
      if (i === j) within[i] = distance;
      for (const at of [i * n + j, j * n + i]) across[at] = (across[at] ?? 0) + distance;
    }
  }
  return { within, across };
}

/** Alpha where item i counts `weight[i]` times. */
function alphaOf({ within, across }: Distances, weight: Float64Array): number | undefined {
  const n = within.length;
  let [items, observed, all] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const wi = weight[i] ?? 0;
    if (wi === 0) continue;
    items += wi;
    observed += wi * (within[i] ?? 0);
    for (let j = 0; j < n; j++) {
      all += wi * (weight[j] ?? 0) * (across[i * n + j] ?? 0);
    }
  }
  const answers = 2 * items;
  const expected = all / (answers * (answers - 1));
  return expected > 0 ? 1 - observed / items / expected : undefined;
}

function intervalOf(delta: Distances, n: number, seed: string): IntraRater['interval'] {
  const rng = seededRng(seed);
  const weight = new Float64Array(n);
  const values: number[] = [];
  for (let k = 0; k < RESAMPLES; k++) {
    weight.fill(0);
    for (let draw = 0; draw < n; draw++) {
      const at = rng.int(n);
      weight[at] = (weight[at] ?? 0) + 1;
    }
    const alpha = alphaOf(delta, weight);
    if (alpha !== undefined) values.push(alpha);
  }
  if (values.length < RESAMPLES / 2) return undefined;
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.round(share * (values.length - 1))] ?? 0;
  return { low: at(0.025), high: at(0.975) };
}
