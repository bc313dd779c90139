import { correlatedPairs } from '../aggregation/reliability/correlated-pairs.ts';
import type { PairAgreement } from '../aggregation/reliability/pair-agreement.ts';
import { hasChanged } from '../refitting.ts';

// Annotator ids are dense, so the product stays far below 2 ** 53.
const PAIR = 2 ** 26;
/** Annotators are compared anew when there are so many times the answers: all comparisons cost a few times the last one. */
const GROWTH = 1.1;

/** What is known of how independent annotators are, kept as answers come in. */
export interface Independence {
  /** Takes in an answer; answers are numbered from 0 as they come. */
  add(unit: number, annotator: number, label: number): void;
  /** What each answer so far counts, from 0 to 1, by number into `weight`. */
  weigh(weight: Float64Array): void;
}

/** `labelCount`: labels there are to choose from, of which `idCount` have ids; fewer where they are numbered task by task. */
export interface IndependenceSize {
  readonly unitCount: number;
  readonly raterCount: number;
  readonly labelCount: number;
  readonly idCount: number;
  /** The most answers that will come. */
  readonly capacity: number;
}

/**
 * Finds annotators who are no two voices (`correlatedPairs`). An answer among others of its task that say the same counts
 * 1 / (1 + the sum of its annotator's correlations with theirs), so n copies count as one answer and independent ones in
 * full (Kish's design effect). Time and memory grow with the pairs of answers to a task.
 */
export function independence({ unitCount, raterCount, labelCount, idCount, capacity }: IndependenceSize): Independence {
  const who = new Int32Array(capacity);
  const said = new Int32Array(capacity);
  /** By answer: the one before it on its task, or -1; by task: its last one. */
  const before = new Int32Array(capacity);
  const lastOf = new Int32Array(unitCount).fill(-1);
  const pairIds = new Map<number, number>();
  /** By pair of annotators. */
  const shared: number[] = [];
  const alike: number[] = [];
  const [first, second]: [number[], number[]] = [[], []];
  /** By annotator and label id, and by annotator. */
  const given = new Int32Array(raterCount * idCount);
  const answers = new Int32Array(raterCount);
  /** Answers to one task that say the same: three numbers each, both answers and the pair of annotators. */
  const same: number[] = [];
  let count = 0;
  let comparedAt: number | undefined;
  /** By pair. */
  let correlation: Float64Array | undefined;

  const pairOf = (a: number, b: number) => {
    const key = Math.min(a, b) * PAIR + Math.max(a, b);
    const known = pairIds.get(key);
    if (known !== undefined) return known;
    const id = shared.length;
    pairIds.set(key, id);
    shared.push(0);
    alike.push(0);
    first.push(Math.min(a, b));
    second.push(Math.max(a, b));
    return id;
  };

  /** How often both would say the same by chance. */
  const chanceOf = (a: number, b: number) => {
    if (idCount < labelCount) return 1 / labelCount;
    let sum = 0;
    for (let k = 0; k < idCount; k++) sum += (given[a * idCount + k] as number) * (given[b * idCount + k] as number);
    return sum / ((answers[a] as number) * (answers[b] as number));
  };

  const compare = () => {
    const pairs = shared.flatMap((n, pair): PairAgreement[] => {
      const [a, b] = [first[pair] as number, second[pair] as number];
      const chance = chanceOf(a, b);
      return chance > 1 - 1e-9
        ? []
        : [{ a, b, count: n, chance, excess: ((alike[pair] as number) / n - chance) / (1 - chance) }];
    });
    const { correlated } = correlatedPairs(pairs, raterCount);
    correlation = correlated.length === 0 ? undefined : new Float64Array(shared.length);
    for (const { a, b, correlation: each } of correlated) if (correlation) correlation[pairOf(a, b)] = each;
  };

  return {
    add(unit, annotator, label) {
      const answer = count++;
      who[answer] = annotator;
      said[answer] = label;
      given[annotator * idCount + label] = (given[annotator * idCount + label] as number) + 1;
      answers[annotator] = (answers[annotator] as number) + 1;
      before[answer] = lastOf[unit] as number;
      lastOf[unit] = answer;
      for (let other = before[answer] as number; other >= 0; other = before[other] as number) {
        const pair = pairOf(who[other] as number, annotator);
        shared[pair] = (shared[pair] as number) + 1;
        if (said[other] !== label) continue;
        alike[pair] = (alike[pair] as number) + 1;
        same.push(other, answer, pair);
      }
    },
    weigh(weight) {
      if (hasChanged(count, comparedAt ?? 0, GROWTH)) {
        compare();
        comparedAt = count;
      }
      weight.fill(correlation ? 0 : 1, 0, count);
      if (!correlation) return;
      // First what is shared with others, then what is left.
      for (let at = 0; at < same.length; at += 3) {
        const voice = correlation[same[at + 2] as number] ?? 0;
        if (voice === 0) continue;
        const [one, other] = [same[at] as number, same[at + 1] as number];
        weight[one] = (weight[one] as number) + voice;
        weight[other] = (weight[other] as number) + voice;
      }
      for (let i = 0; i < count; i++) weight[i] = 1 / (1 + (weight[i] as number));
    },
  };
}
