import { ENOUGH_KNOWN } from '../reliability/correlated-pairs.ts';
import type { PairAgreement } from '../reliability/pair-agreement.ts';
import { type Answers, answersByWorker } from './answers.ts';
import { workerLabels } from './worker-labels.ts';

/** Annotators, those with most answers, whose pairs are looked at: 125,000 pairs, some seconds. */
const MOST_ANNOTATORS = 500;
/** Comparisons of answers, beyond which only every so manieth task is looked at: under a second. */
const MOST_COMPARED = 1e8;

/**
 * How often each two annotators who share a task agree, and each with the known answers, whose number is the last. Chance
 * is by how often each of the two gives each label, so that whoever always says the same is nobody's copy for it.
 */
export function pairCounts(answers: Answers, known?: Int32Array): PairAgreement[] {
  const { worker, label, start, taskCount, workerCount } = answers;
  const given = answersByWorker(answers);
  const annotators = busiest(given);
  const placeOf = new Int32Array(workerCount).fill(-1);
  for (const [place, w] of annotators.entries()) placeOf[w] = place;
  const ofKnown = annotators.length;
  const places = ofKnown + 1;
  const [shared, alike] = [new Int32Array(places * places), new Int32Array(places * places)];
  const step = Math.ceil((comparisons(answers) + 1) / MOST_COMPARED);
  for (let t = 0; t < taskCount; t += step) {
    const [from, to] = [start[t] as number, start[t + 1] as number];
    const right = known?.[t] ?? -1;
    for (let i = from; i < to; i++) {
      const one = placeOf[worker[i] as number] as number;
      if (one < 0) continue;
      const compare = (other: number, same: boolean) => {
        const at = Math.min(one, other) * places + Math.max(one, other);
        shared[at] = (shared[at] as number) + 1;
        if (same) alike[at] = (alike[at] as number) + 1;
      };
      if (right >= 0) compare(ofKnown, label[i] === right);
      for (let j = i + 1; j < to; j++) {
        const other = placeOf[worker[j] as number] as number;
        if (other >= 0) compare(other, label[i] === label[j]);
      }
    }
  }
  const chanceOf = chances(answers, given, known);
  const pairs: PairAgreement[] = [];
  for (const [one, a] of annotators.entries()) {
    const chanceWith = chanceOf(a);
    for (let other = one + 1; other < places; other++) {
      const count = shared[one * places + other] as number;
      if (count === 0) continue;
      const b = annotators[other] ?? workerCount;
      const chance = chanceWith(b);
      if (chance > 1 - 1e-9) continue;
      pairs.push({
        a,
        b,
        count,
        chance,
        excess: ((alike[one * places + other] as number) / count - chance) / (1 - chance),
      });
    }
  }
  return pairs;
}

function comparisons({ start, taskCount }: Answers): number {
  let all = 0;
  for (let t = 0; t < taskCount; t++) all += ((start[t + 1] as number) - (start[t] as number)) ** 2 / 2;
  return all;
}

/** Those with most answers, in the order of their numbers. */
function busiest(given: Float64Array): Int32Array {
  const order = Int32Array.from(given.keys());
  if (order.length > MOST_ANNOTATORS) order.sort((a, b) => (given[b] as number) - (given[a] as number) || a - b);
  return order.subarray(0, MOST_ANNOTATORS).sort();
}

/**
 * How often two annotators would say the same if each drew labels as often as they give them; the last are the known ones.
 * Where enough of these are known, how often they say what any task's answer says: whoever leans the same way errs alike then.
 */
function chances(answers: Answers, given: Float64Array, known: Int32Array | undefined) {
  const { label, workerCount, labelCount } = answers;
  const { pair, pairLabel, pairCount, start } = workerLabels(answers);
  const share = new Float64Array(pairCount);
  for (const p of pair) share[p] = (share[p] as number) + 1;
  for (let w = 0; w < workerCount; w++) {
    for (let p = start[w] as number; p < (start[w + 1] as number); p++)
      share[p] = (share[p] as number) / (given[w] as number);
  }
  const right = known?.filter((label) => label >= 0) ?? new Int32Array();
  const ofKnown = new Float64Array(labelCount);
  for (const label of right) ofKnown[label] = (ofKnown[label] as number) + 1 / right.length;
  const own = new Float64Array(labelCount);
  const ownOf = (w: number) => {
    if (w === workerCount) own.set(ofKnown);
    else {
      own.fill(0);
      for (let p = start[w] as number; p < (start[w + 1] as number); p++)
        own[pairLabel[p] as number] = share[p] as number;
    }
    return own;
  };
  if (right.length >= ENOUGH_KNOWN) {
    const all = new Float64Array(labelCount);
    for (const l of label) all[l] = (all[l] as number) + 1 / label.length;
    const alike = Float64Array.from({ length: workerCount + 1 }, (_, w) => {
      return ownOf(w).reduce((sum, each, k) => sum + each * (all[k] as number), 0);
    });
    return (a: number) => (b: number) => ((alike[a] as number) + (alike[b] as number)) / 2;
  }
  return (a: number) => {
    ownOf(a);
    return (b: number) => {
      let sum = 0;
      if (b === workerCount) for (let k = 0; k < labelCount; k++) sum += (own[k] as number) * (ofKnown[k] as number);
      else {
        for (let p = start[b] as number; p < (start[b + 1] as number); p++) {
          sum += (own[pairLabel[p] as number] as number) * (share[p] as number);
        }
      }
      return sum;
    };
  };
}
