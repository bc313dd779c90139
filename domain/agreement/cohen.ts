import { byUnit, type Ratings } from './ratings.ts';

/**
 * Cohen's kappa of two annotators who labelled the same tasks: (po - pe) / (1 - pe), where po is how often they agree
 * and pe how often they would by chance. Labels are ids from 0 to valueCount - 1. Undefined without tasks, and where
 * both always gave the same one label (pe = 1). J. Cohen, "A coefficient of agreement for nominal scales" (1960).
 */
export function cohenKappa(a: ArrayLike<number>, b: ArrayLike<number>, valueCount: number): number | undefined {
  if (a.length !== b.length) throw new RangeError(`The two annotators have ${a.length} and ${b.length} labels.`);
  const tally = newTally(valueCount);
  for (let i = 0; i < a.length; i++) add(tally, a[i] ?? 0, b[i] ?? 0);
  return kappaOf(tally);
}

export interface PairwiseKappa {
  /** The mean over the pairs that have a kappa; undefined where none has. */
  readonly kappa: number | undefined;
  /** Pairs averaged over. */
  readonly pairs: number;
  /** Pairs with enough shared tasks whose kappa is undefined (one label throughout). */
  readonly undefinedPairs: number;
}

/** Cohen's kappa averaged over all pairs of annotators with at least `minShared` shared tasks. */
export function meanPairwiseKappa(ratings: Ratings, options: { minShared?: number } = {}): PairwiseKappa {
  const minShared = options.minShared ?? 10;
  // Two passes, so that only pairs with enough in common get a table: a large crowd has very many pairs.
  const shared = new Map<number, number>();
  eachSharedTask(ratings, (pair) => shared.set(pair, (shared.get(pair) ?? 0) + 1));
  const tallies = new Map<number, Tally>();
  for (const [pair, tasks] of shared) if (tasks >= minShared) tallies.set(pair, newTally(ratings.valueCount));
  eachSharedTask(ratings, (pair, a, b) => {
    const tally = tallies.get(pair);
    if (tally) add(tally, a, b);
  });
  // Summed in order of the pair's id, so that the order of answers cannot change the last digit.
  const kappas = [...tallies].sort(([x], [y]) => x - y).map(([, tally]) => kappaOf(tally));
  const defined = kappas.filter((kappa) => kappa !== undefined);
  return {
    kappa: defined.length === 0 ? undefined : defined.reduce((sum, kappa) => sum + kappa, 0) / defined.length,
    pairs: defined.length,
    undefinedPairs: kappas.length - defined.length,
  };
}

/** Calls `visit(pair id, lower annotator's value, higher annotator's value)` for each task two annotators share. */
function eachSharedTask(ratings: Ratings, visit: (pair: number, a: number, b: number) => void): void {
  const { start, at } = byUnit(ratings);
  for (let u = 0; u < ratings.unitCount; u++) {
    const to = start[u + 1] ?? 0;
    for (let i = start[u] ?? 0; i < to; i++) {
      for (let j = i + 1; j < to; j++) {
        const [x, y] = [at[i] ?? 0, at[j] ?? 0];
        const [p, q] = [ratings.rater[x] ?? 0, ratings.rater[y] ?? 0];
        const [a, b] = [ratings.value[x] ?? 0, ratings.value[y] ?? 0];
        if (p < q) visit(p * ratings.raterCount + q, a, b);
        else if (q < p) visit(q * ratings.raterCount + p, b, a);
      }
    }
  }
}

interface Tally {
  n: number;
  agreed: number;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

function newTally(valueCount: number): Tally {
  return { n: 0, agreed: 0, first: new Float64Array(valueCount), second: new Float64Array(valueCount) };
}

function add(tally: Tally, a: number, b: number): void {
  tally.n++;
  if (a === b) tally.agreed++;
  tally.first[a] = (tally.first[a] ?? 0) + 1;
  tally.second[b] = (tally.second[b] ?? 0) + 1;
}

function kappaOf({ n, agreed, first, second }: Tally): number | undefined {
  let chance = 0;
  for (let v = 0; v < first.length; v++) chance += (first[v] ?? 0) * (second[v] ?? 0);
  // In whole numbers, so that "always the same label" is found exactly.
  return n === 0 || chance === n * n ? undefined : (agreed * n - chance) / (n * n - chance);
}
