import { byUnit, type Ratings } from '../../agreement/ratings.ts';
import { seededRng } from '../../rng.ts';
import { type CorrelatedPair, correlatedPairs } from '../reliability/correlated-pairs.ts';
import { crossed, type NumberedTask, pairAgreement } from '../reliability/pair-agreement.ts';
import { voiceWeights } from '../reliability/voice-weights.ts';
import type { KnownBeside } from './answers.ts';

/** Pairs of answers that are compared at most: some seconds. Tasks come in random order. */
const MAX_PAIRS = 2_000_000;

export interface Voices {
  /** Annotators who are no two voices. */
  readonly correlated: readonly CorrelatedPair[];
  /** What each answer counts for it among its task's; nothing is said where all are independent. */
  readonly beside: Pick<KnownBeside, 'weights'>;
  /** The same of some answers to one task (positions in the ratings), among these alone. */
  readonly among: (places: ArrayLike<number>) => number[];
}

/** Nobody is known to be no voice of their own. */
export const ALL_INDEPENDENT: Voices = {
  correlated: [],
  beside: {},
  among: ({ length }) => new Array<number>(length).fill(1),
};

/**
 * Which annotators are no two voices, and what their answers count. Ratings come task by task; `known` is the right choice
 * by task, or -1.
 */
export function voicesOf(ratings: Ratings, known: Int32Array): Voices {
  const { rater, value, unitCount, raterCount } = ratings;
  const { start, at } = byUnit(ratings);
  const tasks = Array.from({ length: unitCount }, (_, unit): NumberedTask<number> => {
    const answers = Array.from(at.subarray(start[unit] as number, start[unit + 1] as number), (i) => {
      return { by: rater[i] as number, label: value[i] as number };
    }).sort((a, b) => a.by - b.by);
    const right = known[unit] ?? -1;
    return right < 0 ? answers : [...answers, { by: raterCount, label: right }];
  });
  const drawn = seededRng('voices').shuffle(tasks);
  const similarity = (a: number, b: number) => (a === b ? 1 : 0);
  const chance = crossed(drawn, raterCount + 1, similarity);
  const pairs = pairAgreement(drawn, chance, { similarity, maxPairs: MAX_PAIRS });
  const { correlated } = correlatedPairs(pairs, raterCount);
  if (correlated.length === 0) return ALL_INDEPENDENT;
  const byPair = new Map(correlated.map(({ a, b, correlation }) => [a * raterCount + b, correlation]));
  const correlationOf = (a: number, b: number) => byPair.get(Math.min(a, b) * raterCount + Math.max(a, b)) ?? 0;
  const among = (places: ArrayLike<number>) =>
    voiceWeights(places.length, (p, q) => {
      const [i, j] = [places[p] as number, places[q] as number];
      return value[i] === value[j] ? correlationOf(rater[i] as number, rater[j] as number) : 0;
    });
  const isOfPair = new Set(correlated.flatMap(({ a, b }) => [a, b]));
  const weights = new Float64Array(rater.length).fill(1);
  for (let unit = 0; unit < unitCount; unit++) {
    const all = at.subarray(start[unit] as number, start[unit + 1] as number);
    // All others count in full; a gold has an answer of everybody.
    const places = all.filter((i) => isOfPair.has(rater[i] as number));
    for (const [p, weight] of among(places).entries()) weights[places[p] as number] = weight;
  }
  return { correlated, beside: { weights }, among };
}
