import type { PairAgreement } from './pair-agreement.ts';

/** How many answers' worth of the crowd's mean each annotator's own record is weighed against. */
const PRIOR_ANSWERS = 4;
/** The crowd's mean is no less, and a median is by nobody's agreement over less of a factor. */
const LEAST_FACTOR = 0.05;
const EXACT = { maxIterations: 500, tolerance: 1e-6 };

/** A pair's agreement, and whether it says something of each one's skill: not where they are no two voices. */
export interface WeighedPair extends PairAgreement {
  readonly apart: boolean;
}

export interface OneFactor {
  /** By annotator, 0 to 1; who is never wrong (the known answers) comes last, with 1. */
  readonly factor: Float64Array;
  /** The annotators' mean. */
  readonly crowd: number;
}

/**
 * The one factor of a table of agreements, `excess` of a and b = factor of a times factor of b: alternating least squares
 * over the pairs, each weighed by the tasks they share, the factors shrunk to their mean. Undefined where nothing agrees
 * beyond chance.
 */
export function oneFactor(
  given: readonly WeighedPair[],
  annotators: number,
  { maxIterations, tolerance } = EXACT,
): OneFactor | undefined {
  const pairs = given.filter(({ apart }) => apart);
  const mean = meanExcess(pairs);
  if (!(mean > 0)) return undefined;
  let crowd = Math.min(1, Math.sqrt(mean));
  const factor = new Float64Array(annotators + 1).fill(crowd);
  factor[annotators] = 1;
  const { start, other, count, excess } = byAnnotator(pairs, annotators);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    let change = 0;
    for (let w = 0; w < annotators; w++) {
      let [above, below] = [PRIOR_ANSWERS * crowd ** 3, PRIOR_ANSWERS * crowd ** 2];
      for (let at = start[w] as number; at < (start[w + 1] as number); at++) {
        const known = factor[other[at] as number] as number;
        const weight = (count[at] as number) * known;
        above += weight * (excess[at] as number);
        below += weight * known;
      }
      const next = Math.min(1, Math.max(0, above / below));
      change = Math.max(change, Math.abs(next - (factor[w] as number)));
      factor[w] = next;
    }
    crowd = crowdOf(factor, annotators);
    if (change < tolerance) break;
  }
  return { factor, crowd };
}

/** Agreement beyond chance, by how many tasks each pair shares. */
export function meanExcess(pairs: readonly PairAgreement[]): number {
  const total = pairs.reduce((sum, { count }) => sum + count, 0);
  return pairs.reduce((sum, { count, excess }) => sum + count * excess, 0) / total;
}

/** The annotators' mean; at 0 the prior would weigh nothing, and nobody could come back. */
function crowdOf(factor: Float64Array, annotators: number): number {
  return Math.max(LEAST_FACTOR, factor.subarray(0, annotators).reduce((sum, each) => sum + each, 0) / annotators);
}

/** Rounds of medians; they are a start. */
const MEDIAN_ROUNDS = 4;

/**
 * The same by medians, for a start: an annotator's factor is the median of what each pair says of it, weighed as above, which
 * a ring hardly lifts as long as its members mostly meet others.
 */
export function medianFactors(pairs: readonly PairAgreement[], annotators: number): OneFactor {
  const mean = meanExcess(pairs);
  const excesses = Float64Array.from(pairs, ({ excess }) => excess);
  const middle = weightedMedian(
    excesses,
    Float64Array.from(pairs, ({ count }) => count),
  );
  let crowd = Math.sqrt(Math.min(1, Math.max(LEAST_FACTOR ** 2, Math.min(middle, mean))));
  let factor = new Float64Array(annotators + 1).fill(crowd);
  factor[annotators] = 1;
  const { start, other, count, excess } = byAnnotator(pairs, annotators);
  for (let round = 0; round < MEDIAN_ROUNDS; round++) {
    const before = factor;
    factor = before.map((_, w) => {
      if (w === annotators) return 1;
      const [from, to] = [start[w] as number, start[w + 1] as number];
      const peers = other.subarray(from, to);
      const says = Float64Array.from(peers, (peer, at) => {
        return (excess[from + at] as number) / Math.max(LEAST_FACTOR, before[peer] as number);
      });
      const weights = Float64Array.from(
        peers,
        (peer, at) => (count[from + at] as number) * (before[peer] as number) ** 2,
      );
      const weight = weights.reduce((sum, each) => sum + each, 0);
      const prior = PRIOR_ANSWERS * crowd ** 2;
      return Math.min(1, Math.max(0, (weight * weightedMedian(says, weights) + prior * crowd) / (weight + prior)));
    });
    crowd = crowdOf(factor, annotators);
  }
  return { factor, crowd };
}

/** The lower one of two; 0 of none. */
function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const order = Int32Array.from(values.keys()).sort((i, j) => (values[i] as number) - (values[j] as number));
  const half = weights.reduce((sum, each) => sum + each, 0) / 2;
  let sum = 0;
  const median = order.find((at) => {
    sum += weights[at] as number;
    return sum >= half;
  });
  return median === undefined ? 0 : (values[median] as number);
}

/** The pairs of each annotator in one row of arrays; the known answers have no list, they are never wrong. */
function byAnnotator(pairs: readonly PairAgreement[], annotators: number) {
  const start = new Int32Array(annotators + 1);
  const mine = ({ a, b }: PairAgreement) => (b < annotators ? [a, b] : [a]);
  for (const pair of pairs) for (const w of mine(pair)) start[w + 1] = (start[w + 1] as number) + 1;
  for (let w = 0; w < annotators; w++) start[w + 1] = (start[w + 1] as number) + (start[w] as number);
  const next = start.slice();
  const size = start[annotators] as number;
  const [other, count, excess] = [new Int32Array(size), new Float64Array(size), new Float64Array(size)];
  for (const pair of pairs) {
    for (const w of mine(pair)) {
      const at = next[w] as number;
      next[w] = at + 1;
      other[at] = pair.a === w ? pair.b : pair.a;
      count[at] = pair.count;
      excess[at] = pair.excess;
    }
  }
  return { start, other, count, excess };
}

/** An annotator's factor without one pair (below 0 of somebody who says the contrary), and on how many answers of a perfect peer it rests. */
export interface FactorWithout {
  readonly factor: number;
  readonly answers: number;
  /** Whether it is by known answers. */
  readonly byKnown: boolean;
}

/**
 * Factors as by `oneFactor`, each without one of its pairs: by known answers alone for whoever has met `enoughKnown` of
 * them, else by all other pairs, of which there must be `leastPeers`.
 */
export function factorsWithout(
  pairs: readonly WeighedPair[],
  annotators: number,
  {
    fit,
    enoughKnown,
    leastPeers,
  }: { readonly fit: OneFactor; readonly enoughKnown: number; readonly leastPeers: number },
): (w: number, pair: WeighedPair) => FactorWithout | undefined {
  const { factor, crowd } = fit;
  const prior = { above: PRIOR_ANSWERS * crowd ** 3, below: PRIOR_ANSWERS * crowd ** 2 };
  const partOf = (w: number, { a, b, count, excess, apart }: WeighedPair) => {
    const other = apart ? (factor[a === w ? b : a] as number) : 0;
    return { above: count * other * excess, below: count * other ** 2 };
  };
  const all = Array.from({ length: annotators }, () => ({ ...prior, peers: 0 }));
  const known = new Map<number, { above: number; below: number }>();
  for (const pair of pairs) {
    for (const w of [pair.a, pair.b]) {
      const sums = all[w];
      if (!sums) continue;
      const { above, below } = partOf(w, pair);
      sums.above += above;
      sums.below += below;
      sums.peers += 1;
    }
    if (pair.b === annotators && pair.count >= enoughKnown) known.set(pair.a, partOf(pair.a, pair));
  }
  return (w, pair) => {
    const byKnown = known.get(w);
    const part = partOf(w, pair);
    const sums = all[w] ?? { ...prior, peers: 0 };
    const { above, below } = byKnown
      ? { above: prior.above + byKnown.above, below: prior.below + byKnown.below }
      : { above: sums.above - part.above, below: sums.below - part.below };
    if (!byKnown && sums.peers - 1 < leastPeers) return undefined;
    return { factor: Math.min(1, Math.max(-1, above / below)), answers: below, byKnown: byKnown !== undefined };
  };
}
