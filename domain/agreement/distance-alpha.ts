import { seededRng } from '../rng.ts';
import { type Delta, krippendorffAlpha } from './krippendorff.ts';
import { byUnit, type Ratings } from './ratings.ts';

export interface EstimatedAlpha {
  /** Undefined where alpha is, see `krippendorffAlpha`. */
  readonly alpha: number | undefined;
  /** Whether it was measured on a random part of the pairs. */
  readonly sampled: boolean;
  /** Of alpha; undefined where that is, and with a single unit. */
  readonly standardError: number | undefined;
}

/**
 * Krippendorff's alpha by any distance, in bounded time. With at most `maxPairs` pairs of different values it is exact.
 * With more the expected disagreement is that of random pairs of answers, and the observed one that of units drawn at
 * random if there are more than `maxPairs` pairs within units: both means are unbiased, with an error of about
 * 0.25 / sqrt(pairs). The draw is the same for the same ratings. The standard error is that of the observed disagreement, a
 * ratio of means over the units (W. Cochran, "Sampling techniques", 1977, 6.4): the expected one rests on far more pairs, so
 * that it is taken as known.
 */
export function distanceAlpha(ratings: Ratings, delta: Delta, maxPairs: number): EstimatedAlpha {
  const units = pairableUnits(ratings);
  const answers = units.flat();
  if (pairsOf(new Set(answers).size) <= maxPairs) {
    const distance = remembered(delta);
    const alpha = krippendorffAlpha(ratings, { level: 'custom', delta: distance });
    const { observed, error } = observedIn(units, distance, Number.POSITIVE_INFINITY);
    return { alpha, sampled: false, standardError: errorOf(alpha, observed, error) };
  }
  const rng = seededRng('pairs of answers');
  const within = units.reduce((sum, unit) => sum + pairsOf(unit.length), 0);
  const { observed, error } = observedIn(within <= maxPairs ? units : rng.shuffle(units), delta, maxPairs);
  let sum = 0;
  for (let pair = 0; pair < maxPairs; pair++) {
    const i = rng.int(answers.length);
    const j = (i + 1 + rng.int(answers.length - 1)) % answers.length;
    sum += between(answers[i] ?? 0, answers[j] ?? 0, delta);
  }
  const expected = sum / maxPairs;
  const alpha = expected > 0 ? 1 - observed / expected : undefined;
  return { alpha, sampled: true, standardError: errorOf(alpha, observed, error) };
}

/** As alpha is 1 - observed / expected, its error is that of what was observed, over what was expected. */
function errorOf(alpha: number | undefined, observed: number, error: number | undefined): number | undefined {
  if (alpha === undefined || error === undefined) return undefined;
  return observed === 0 ? 0 : error * ((1 - alpha) / observed);
}

/** The distance, taken once for each pair of values. */
function remembered(delta: Delta): Delta {
  const known = new Map<number, number>();
  return (a, b) => {
    const key = a < b ? a * 2 ** 26 + b : b * 2 ** 26 + a;
    const distance = known.get(key) ?? delta(a, b);
    known.set(key, distance);
    return distance;
  };
}

const pairsOf = (n: number) => (n * (n - 1)) / 2;
const between = (a: number, b: number, delta: Delta) => (a === b ? 0 : delta(a, b));

/** The values of each unit that has at least two answers. */
function pairableUnits(ratings: Ratings): number[][] {
  const { start, at } = byUnit(ratings);
  const units: number[][] = [];
  for (let u = 0; u < ratings.unitCount; u++) {
    const [from, to] = [start[u] ?? 0, start[u + 1] ?? 0];
    if (to - from > 1) units.push(Array.from(at.subarray(from, to), (i) => ratings.value[i] ?? 0));
  }
  return units;
}

/**
 * Mean disagreement of each answer with the others of its unit, over the first units that `maxPairs` suffice for, and its
 * standard error.
 */
function observedIn(units: readonly number[][], delta: Delta, maxPairs: number) {
  const read: { readonly sum: number; readonly answers: number }[] = [];
  let pairs = 0;
  for (const values of units) {
    pairs += pairsOf(values.length);
    if (pairs > maxPairs && read.length > 0) break;
    let sum = 0;
    for (const [i, a] of values.entries()) {
      for (let j = 0; j < i; j++) sum += (2 * between(a, values[j] ?? 0, delta)) / (values.length - 1);
    }
    read.push({ sum, answers: values.length });
  }
  const answers = read.reduce((all, each) => all + each.answers, 0);
  const observed = read.reduce((all, each) => all + each.sum, 0) / answers;
  const squares = read.reduce((all, each) => all + (each.sum - observed * each.answers) ** 2, 0);
  const n = read.length;
  return { observed, error: n < 2 ? undefined : Math.sqrt((squares * n) / (n - 1)) / answers };
}
