import { factorsWithout, type OneFactor, oneFactor, type WeighedPair } from './one-factor.ts';
import type { PairAgreement } from './pair-agreement.ts';

/** Two annotators and how far they are one voice: 0 = independent, 1 = the second answer adds nothing to the first. */
export interface CorrelatedPair {
  readonly a: number;
  readonly b: number;
  readonly correlation: number;
}

export interface Correlations {
  readonly correlated: readonly CorrelatedPair[];
  /** What everybody else's agreement says of each; undefined where nothing agrees beyond chance. */
  readonly fit: OneFactor | undefined;
}

/** Standard errors by which a pair must agree more than was expected: there are many pairs. */
const CERTAIN = 3.5;
/** Who has met so many known answers is judged by these alone... */
const ENOUGH_KNOWN = 15;
/** ...and others by at least so many peers: with fewer nothing tells the two who copy from the two who do not. */
const LEAST_PEERS = 3;
/**
 * Correlations below these are taken for none. Judged by peers alone, the few who know among many who guess are alike, too,
 * and not for want of independence: there only what is nearly a copy is one.
 */
const LEAST = { byKnown: 0.3, byPeers: 0.8 } as const;
/** Tasks that a pair must share. */
const LEAST_SHARED = 8;
const ROUNDS = 10;
/** Until it is known which pairs are left out, factors need not be exact. */
const ROUGH = { maxIterations: 50, tolerance: 1e-3 };

/**
 * Finds annotators who agree with each other more than they do with the truth, or with everybody else, would explain:
 * copies, or two who err alike. Two independent ones agree beyond chance by the product of their factors (`oneFactor`). A
 * pair is judged by factors that leave their own agreement out: by known answers where there are enough, else by
 * everybody else; so what they share cannot make them look skilled. With excess e of n shared tasks where x was expected,
 * and e - x at least 3.5 standard errors,
 *
 *   correlation = (e - x) / (1 - x), from 0 to 1:
 *
 * the surplus over the most that it could be; a small one is taken for none. What all pairs have (their median) is the
 * tasks' doing, easy and hard ones, and is taken off; so is what all other pairs of either one have, where that is more:
 * those who do one kind of work, which is easier than the known answers, agree with all who do it. The agreement of a
 * pair that is no two voices says nothing of either one's skill: it is left out, and all are judged anew, until nothing
 * changes. (The model is Ghosh, Kale and McAfee's, "Who moderates the moderators?", 2011; leaving out the pair under test
 * is ours.)
 *
 * `annotators` is their number; the known answers have that number as theirs, and come second in their pairs.
 */
export function correlatedPairs(agreements: readonly PairAgreement[], annotators: number): Correlations {
  let pairs = agreements.map((pair): WeighedPair => ({ ...pair, apart: true }));
  let correlated: CorrelatedPair[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const fit = oneFactor(pairs, annotators, ROUGH);
    if (!fit) break;
    const correlations = judged(pairs, annotators, fit);
    const next = pairs.map((pair, at) => ({ ...pair, apart: (correlations[at] ?? 0) === 0 }));
    correlated = next.flatMap(({ a, b, apart }, at) => (apart ? [] : [{ a, b, correlation: correlations[at] ?? 0 }]));
    const settled = next.every(({ apart }, at) => apart === pairs[at]?.apart);
    pairs = next;
    if (settled) break;
  }
  return { correlated, fit: oneFactor(pairs, annotators) };
}

/** The correlation of each pair; 0 where none is certain. */
function judged(pairs: readonly WeighedPair[], annotators: number, fit: OneFactor): number[] {
  const limits = { enoughKnown: ENOUGH_KNOWN, leastPeers: LEAST_PEERS };
  const withoutPair = factorsWithout(pairs, annotators, { fit, ...limits });
  const compared = pairs.map((pair) => {
    if (pair.b === annotators || pair.count < LEAST_SHARED) return undefined;
    const [one, other] = [withoutPair(pair.a, pair), withoutPair(pair.b, pair)];
    if (!one || !other) return undefined;
    // Of an agreement that is expected, and of the factors that it is expected by.
    const unsure = other.factor ** 2 / one.answers + one.factor ** 2 / other.answers;
    const least = one.byKnown && other.byKnown ? LEAST.byKnown : LEAST.byPeers;
    return { pair, least, expected: Math.min(0.999, one.factor * other.factor), unsure };
  });
  const known = compared.filter((each) => each !== undefined);
  // In order once for all.
  const shares = known
    .map(({ pair, expected }) => ({ pair, count: pair.count, share: (pair.excess - expected) / (1 - expected) }))
    .sort((a, b) => a.share - b.share);
  const common = commonShare(shares);
  const sharesOf = new Map<number, typeof shares>();
  for (const each of shares) {
    for (const w of [each.pair.a, each.pair.b]) {
      const own = sharesOf.get(w);
      if (own) own.push(each);
      else sharesOf.set(w, [each]);
    }
  }
  const besides = (w: number, pair: WeighedPair) => {
    return commonShare((sharesOf.get(w) ?? []).filter((each) => each.pair !== pair));
  };
  return compared.map((each) => {
    if (!each) return 0;
    const { pair } = each;
    if (correlationBeyond(each, common) === 0) return 0;
    return correlationBeyond(each, Math.max(common, besides(pair.a, pair), besides(pair.b, pair)));
  });
}

interface Compared {
  readonly pair: WeighedPair;
  readonly least: number;
  readonly expected: number;
  readonly unsure: number;
}

/** A pair's correlation beyond what is expected and `common` to others; 0 where it is not certain. */
function correlationBeyond({ pair, least, unsure, ...by }: Compared, common: number): number {
  const { chance, count, excess } = pair;
  const expected = by.expected + common * (1 - by.expected);
  const alike = chance + (1 - chance) * expected;
  const error = Math.sqrt((alike * (1 - alike)) / (1 - chance) ** 2 / count + unsure);
  const surplus = excess - expected;
  const correlation = Math.min(1, surplus / (1 - expected));
  return surplus < CERTAIN * error || correlation < least ? 0 : correlation;
}

/** The weighted median (the lower one of two) of shares in ascending order, or 0 where it is less. */
function commonShare(sorted: readonly { readonly count: number; readonly share: number }[]): number {
  const half = sorted.reduce((sum, { count }) => sum + count, 0) / 2;
  let sum = 0;
  const median = sorted.find(({ count }) => {
    sum += count;
    return sum >= half;
  });
  return Math.min(0.999, Math.max(0, median?.share ?? 0));
}
