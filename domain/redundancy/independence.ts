/** Agreement within so many standard errors of chance is taken for chance. */
const STANDARD_ERRORS = 2;
// Annotator ids are dense, so the product stays far below 2 ** 53.
const PAIR = 2 ** 26;

/** What is known of how independent annotators are, kept as answers come in. */
export interface Independence {
  /** Takes in an answer; answers are numbered from 0 as they come. */
  add(unit: number, annotator: number, label: number): void;
  /**
   * How far each two annotators are one voice, for annotators of that accuracy: 0 = independent, 1 = the second answer
   * adds nothing to the first.
   */
  correlations(accuracy: ArrayLike<number>): (a: number, b: number) => number;
  /** What each answer so far counts, from 0 to 1, by number into `weight`. */
  weigh(accuracy: ArrayLike<number>, weight: Float64Array): void;
}

/**
 * Finds annotators who agree more often than two independent ones of their accuracy would. With o of their n shared
 * tasks answered alike and e expected by chance,
 *
 *   correlation = (o - e - 2 standard errors of e) / (n - e), from 0 to 1:
 *
 * the surplus in which one can trust, over the most it could be. Copies come near 1 after some dozen tasks; a pair with
 * few shared tasks is innocent. An answer among others of its task that say the same counts 1 / (1 + the sum of its
 * correlations with them), so n copies count as one answer and independent ones in full (Kish's design effect).
 * Time and memory grow with the pairs of answers to a task; `capacity` is the most answers that will come.
 */
export function independence(size: { unitCount: number; labelCount: number; capacity: number }): Independence {
  const { unitCount, labelCount, capacity } = size;
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
  /** Answers to one task that say the same: three numbers each, both answers and the pair of annotators. */
  const same: number[] = [];
  let count = 0;

  const pairOf = (a: number, b: number) => {
    const key = keyOf(a, b);
    const known = pairIds.get(key);
    if (known !== undefined) return known;
    const id = shared.length;
    pairIds.set(key, id);
    shared.push(0);
    alike.push(0);
    first.push(a);
    second.push(b);
    return id;
  };

  /** By pair; undefined where all are independent, so far as is known. */
  const found = (accuracy: ArrayLike<number>): Float64Array | undefined => {
    const correlation = new Float64Array(shared.length);
    let isAny = false;
    for (let pair = 0; pair < shared.length; pair++) {
      const n = shared[pair] as number;
      const chance = agreementByChance(
        accuracy[first[pair] as number] as number,
        accuracy[second[pair] as number] as number,
        labelCount,
      );
      const surplus = (alike[pair] as number) - n * chance - STANDARD_ERRORS * Math.sqrt(n * chance * (1 - chance));
      if (surplus <= 0) continue;
      correlation[pair] = Math.min(1, surplus / (n - n * chance));
      isAny = true;
    }
    return isAny ? correlation : undefined;
  };

  return {
    add(unit, annotator, label) {
      const answer = count++;
      who[answer] = annotator;
      said[answer] = label;
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
    correlations(accuracy) {
      const correlation = found(accuracy);
      return (a, b) => correlation?.[pairIds.get(keyOf(a, b)) ?? -1] ?? 0;
    },
    weigh(accuracy, weight) {
      const correlation = found(accuracy);
      weight.fill(correlation ? 0 : 1, 0, count);
      if (!correlation) return;
      // First what is shared with others, then what is left.
      for (let at = 0; at < same.length; at += 3) {
        const voice = correlation[same[at + 2] as number] as number;
        if (voice === 0) continue;
        const [one, other] = [same[at] as number, same[at + 1] as number];
        weight[one] = (weight[one] as number) + voice;
        weight[other] = (weight[other] as number) + voice;
      }
      for (let i = 0; i < count; i++) weight[i] = 1 / (1 + (weight[i] as number));
    },
  };
}

/** The chance that two independent annotators say the same: both right, or both wrong in the same way. */
function agreementByChance(a: number, b: number, labelCount: number): number {
  return a * b + ((1 - a) * (1 - b)) / Math.max(1, labelCount - 1);
}

function keyOf(a: number, b: number): number {
  return Math.min(a, b) * PAIR + Math.max(a, b);
}
