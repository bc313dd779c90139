import {
  factorsWithout,
  meanExcess,
  medianFactors,
  type OneFactor,
  oneFactor,
  type WeighedPair,
} from './one-factor.ts';
import type { PairAgreement } from './pair-agreement.ts';
import { findRings } from './rings.ts';

/** Two annotators and how far they are one voice: 0 = independent, 1 = the second answer adds nothing to the first. */
export interface CorrelatedPair {
  readonly a: number;
  readonly b: number;
  readonly correlation: number;
}

export interface Correlations {
  readonly correlated: readonly CorrelatedPair[];
  /** The pairs; not apart are those who are no two voices. */
  readonly pairs: readonly WeighedPair[];
}

/** Standard errors by which a pair that is judged by known answers must agree more than was expected: there are many pairs. */
const CERTAIN = 3.5;
/** Who has met so many known answers is judged by these alone... */
export const ENOUGH_KNOWN = 15;
/** ...and others by at least so many peers: with fewer nothing tells the two who copy from the two who do not. */
const LEAST_PEERS = 3;
/** By known answers, correlations below this are taken for none. */
const LEAST = 0.3;
/** Judged by peers alone only what is nearly a copy is one; what copies have in common is about this. */
const BY_PEERS = { least: 0.8, copies: [0.85, 0.92, 0.98] } as const;
/** How far one's factor on the tasks that two share may be from that on all: these are easier for some, as happens. */
const LOCAL = 0.12;
/**
 * By so many standard errors two who are independent may agree more than is expected. What is not known of their factors
 * is much the same for all pairs of a group, and would add up to evidence.
 */
const DOUBT = 2;
/** Evidence of a pair counts for so much at most, and no answer is taken for more certain than this. */
const [MOST_EVIDENCE, UNLIKELY] = [50, 0.002];
/** Tasks that a pair must share. */
const LEAST_SHARED = 8;
const ROUNDS = 10;
/** Rounds in which who may be in a ring is suspect, to be judged by all others alone. */
const SUSPECTING = 3;
/** ln of the odds that a ring must have beyond the number of groups that it is picked from. */
const CERTAIN_RING = 3;
/** Crowds below this, of those who are in no ring, cannot tell who errs. */
const LEAST_CROWD = 0.3;
/** Until it is known which pairs are left out, factors need not be exact. */
const ROUGH = { maxIterations: 50, tolerance: 1e-3 };

/**
 * Finds annotators who agree with each other more than they do with the truth, or with everybody else, would explain:
 * copies, rings of them, or two who err alike. Two independent ones agree beyond chance by the product of their factors
 * (`oneFactor`). A pair is judged by factors that leave out their own agreement and that of all suspects: by known answers
 * where there are enough, else by everybody else; so what a ring shares cannot make it look skilled. At first every group is
 * suspect that agrees more than the medians of its members explain (`medianFactors`); who is cleared teaches again, until
 * nothing changes. With excess e of n shared tasks where x was expected,
 *
 *   correlation = (e - x) / (1 - x), from 0 to 1:
 *
 * the surplus over the most that it could be. By known answers, e - x must be at least 3.5 standard errors. By peers, a
 * pair must nearly be copies, and the evidence of a group (`findRings`) exceed the number of such groups. What all pairs
 * have (their median) is the tasks' doing, easy and hard ones, and is taken off; so is what all pairs of either one have
 * (their median), where that is more: those who do one kind of work, which is easier than the known answers, agree with all who do
 * it. Where good work is expected to agree, agreement is no evidence: only errors that are shared are. (The model is Ghosh, Kale and
 * McAfee's, "Who moderates the moderators?", 2011; leaving out the suspects is ours.)
 *
 * `annotators` is their number; the known answers have that number as theirs, and come second in their pairs.
 */
export function correlatedPairs(agreements: readonly PairAgreement[], annotators: number): Correlations {
  let pairs = allApart(agreements);
  let correlated: CorrelatedPair[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const suspecting = round < SUSPECTING;
    const fit = round === 0 ? medianFactors(pairs, annotators) : oneFactor(pairs, annotators, ROUGH);
    if (!fit && round > SUSPECTING) break;
    if (!fit) {
      // Nobody is left who agrees with anybody: then there is nothing to suspect them by.
      pairs = allApart(pairs);
      correlated = [];
      continue;
    }
    const correlations = judged(pairs, annotators, { fit, suspecting, byMedian: round === 0 });
    const next = pairs.map((pair, at) => ({ ...pair, apart: (correlations[at] ?? 0) === 0 }));
    correlated = next.flatMap(({ a, b, apart }, at) => (apart ? [] : [{ a, b, correlation: correlations[at] ?? 0 }]));
    const settled = next.every(({ apart }, at) => apart === pairs[at]?.apart);
    pairs = next;
    // Whoever is not even suspect is no copy.
    if (settled && (!suspecting || (round > 0 && correlated.length === 0))) break;
  }
  return { correlated, pairs };
}

function allApart(pairs: readonly PairAgreement[]): WeighedPair[] {
  return pairs.map((pair) => ({ ...pair, apart: true }));
}

/** The correlation of each pair; 0 where none is certain. */
function judged(
  pairs: readonly WeighedPair[],
  annotators: number,
  { fit, suspecting, byMedian }: { readonly fit: OneFactor; readonly suspecting: boolean; readonly byMedian: boolean },
): number[] {
  const limits = { enoughKnown: ENOUGH_KNOWN, leastPeers: LEAST_PEERS };
  const scale = scaleError(pairs);
  const withoutPair = factorsWithout(pairs, annotators, { fit, ...limits });
  const compared = pairs.flatMap((pair, at): Compared[] => {
    if (pair.b === annotators || pair.count < LEAST_SHARED) return [];
    const [one, other] = [pair.a, pair.b].map((w) => {
      const without = withoutPair(w, pair);
      return without && byMedian ? { ...without, factor: fit.factor[w] as number } : without;
    });
    if (!one || !other) return [];
    // Of an agreement that is expected, and of the factors that it is expected by.
    const unsure = other.factor ** 2 / one.answers + one.factor ** 2 / other.answers;
    const expected = Math.min(0.999, Math.max(0, one.factor * other.factor));
    const share = (pair.excess - expected) / (1 - expected);
    const local = LOCAL ** 2 * (one.factor ** 2 + other.factor ** 2);
    const doubt = suspecting ? 0 : Math.sqrt(unsure + local + (scale * expected) ** 2);
    return [{ pair, at, share, expected, unsure, doubt, byKnown: one.byKnown && other.byKnown }];
  });
  compared.sort((a, b) => a.share - b.share);
  const common = commonShare(compared);
  const sharesOf = Array.from({ length: annotators }, (): Compared[] => []);
  for (const each of compared) for (const w of [each.pair.a, each.pair.b]) sharesOf[w]?.push(each);
  const commonOf = sharesOf.map((own) => commonShare(own));
  const correlations = new Array<number>(pairs.length).fill(0);
  const byPeers: { readonly each: Compared; readonly expected: number }[] = [];
  const canTell = suspecting || fit.crowd >= LEAST_CROWD;
  for (const each of compared) {
    const { a, b } = each.pair;
    const most = Math.max(common, commonOf[a] ?? 0, commonOf[b] ?? 0);
    const expected = each.expected + most * (1 - each.expected);
    if (each.byKnown) correlations[each.at] = correlationByKnown(each, expected);
    else if (canTell) byPeers.push({ each, expected });
  }
  // What others do is evidence only beside somebody's who is suspect.
  const isNearly = ({ each: { pair }, expected }: (typeof byPeers)[number]) => {
    return pair.excess - expected >= BY_PEERS.least * (1 - expected);
  };
  const suspects = new Set(byPeers.filter(isNearly).flatMap(({ each: { pair } }) => [pair.a, pair.b]));
  const judgedByPeers = byPeers
    .filter(({ each: { pair } }) => suspects.has(pair.a) && suspects.has(pair.b))
    .map((by) => {
      const { evidence, correlation } = copyEvidence(by.each, by.expected);
      const { at, pair } = by.each;
      return { a: pair.a, b: pair.b, at, correlation, evidence: Math.min(isNearly(by) ? MOST_EVIDENCE : 0, evidence) };
    });
  const ringOf = findRings(judgedByPeers, {
    annotators,
    compared: sharesOf.reduce((sum, { length }) => sum + (length > 0 ? 1 : 0), 0),
    certain: suspecting ? 0 : CERTAIN_RING,
  });
  for (const { a, b, at, correlation } of judgedByPeers) {
    if (ringOf[a] !== -1 && ringOf[a] === ringOf[b]) correlations[at] = correlation;
  }
  return correlations;
}

/**
 * The standard error of how much those who are apart agree, as a share of it: the factor of somebody good is by agreement
 * with the others over theirs, which are by this.
 */
function scaleError(pairs: readonly WeighedPair[]): number {
  const apart = pairs.filter(({ apart }) => apart);
  const count = apart.reduce((sum, pair) => sum + pair.count, 0);
  const mean = meanExcess(apart);
  const variance = apart.reduce((sum, { count: n, chance }) => sum + (n * chance) / (1 - chance), 0) / count ** 2;
  return mean > 0 ? Math.sqrt(variance) / mean : 1;
}

interface Compared {
  readonly pair: WeighedPair;
  /** Its place among the pairs. */
  readonly at: number;
  /** What it agrees beyond what is expected, of the most that it could. */
  readonly share: number;
  readonly expected: number;
  readonly unsure: number;
  /** The standard error of what is expected, all in all. */
  readonly doubt: number;
  readonly byKnown: boolean;
}

/** The correlation beyond what is expected; 0 where it is not certain. */
function correlationByKnown({ pair, unsure }: Compared, expected: number): number {
  const { chance, count, excess } = pair;
  const alike = chance + (1 - chance) * expected;
  const error = Math.sqrt((alike * (1 - alike)) / (1 - chance) ** 2 / count + unsure);
  const surplus = excess - expected;
  const correlation = Math.min(1, surplus / (1 - expected));
  return surplus < CERTAIN * error || correlation < LEAST ? 0 : correlation;
}

/**
 * What the agreement of two says for their being copies, rather than two who are as good as what is known of them allows,
 * and the correlation that is expected of copies. The few who know among many who guess are alike, too: nothing known of
 * their skill speaks against its being perfect. Copies are found where others are good enough to tell that they err.
 */
function copyEvidence({ pair, doubt }: Compared, expected: number): { evidence: number; correlation: number } {
  const { chance, count, excess } = pair;
  const alike = count * (chance + (1 - chance) * excess);
  const logOf = (beyond: number) => {
    const p = Math.min(1 - UNLIKELY, Math.max(UNLIKELY, chance + (1 - chance) * beyond));
    return alike * Math.log(p) + (count - alike) * Math.log(1 - p);
  };
  const copies = BY_PEERS.copies.map((correlation) => logOf(expected + (1 - expected) * correlation));
  const most = Math.max(...copies);
  const weights = copies.map((log) => Math.exp(log - most));
  const sum = weights.reduce((total, each) => total + each, 0);
  const asNone = logOf(Math.min(1, expected + DOUBT * doubt));
  return {
    evidence: most + Math.log(sum / copies.length) - asNone,
    correlation: BY_PEERS.copies.reduce<number>((total, each, n) => total + each * (weights[n] as number), 0) / sum,
  };
}

/** The weighted median (the lower one of two) of shares in ascending order, or 0 where it is less. */
function commonShare(sorted: readonly Compared[]): number {
  const half = sorted.reduce((sum, { pair }) => sum + pair.count, 0) / 2;
  let sum = 0;
  const median = sorted.find(({ pair }) => {
    sum += pair.count;
    return sum >= half;
  });
  return Math.min(0.999, Math.max(0, median?.share ?? 0));
}
