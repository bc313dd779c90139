import { byUnit, type NamedRatings, type Ratings } from '../agreement/ratings.ts';
import { unitTable } from '../agreement/unit-table.ts';
import { seededRng } from '../rng.ts';
import { decimal } from './decimal.ts';

/** So many other orders of the numbers are tried; fewer where they are very many, so that it takes a second at most. */
const ORDERS = { most: 99, least: 19, numbers: 2e7 };

/**
 * Whether labels are scores, and not names that happen to be numbers: in no other order of the same numbers (a permutation
 * test) are answers to one task that differ as near each other, by the squared difference beside that of any
 * two answers. Of names, whichever are taken for each other, one order is as good as another.
 */
export function areScores(ratings: NamedRatings): boolean {
  const scale = ratings.values.map(decimal);
  if (!scale.every(Number.isFinite)) return false;
  const { pairs, counts } = differingPairs(ratings);
  if (pairs.length === 0) return false;
  const all = counts.reduce((sum, count) => sum + count, 0);
  const distance = (numbers: readonly number[]) => {
    const number = (id: number) => numbers[id] as number;
    const mean = counts.reduce((sum, count, id) => sum + count * number(id), 0) / all;
    const variance = counts.reduce((sum, count, id) => sum + count * (number(id) - mean) ** 2, 0) / all;
    return pairs.reduce((sum, { a, b, weight }) => sum + weight * (number(a) - number(b)) ** 2, 0) / variance;
  };
  const own = distance(scale);
  const rng = seededRng('orders');
  const affordable = Math.floor(ORDERS.numbers / (scale.length + pairs.length));
  const orders = Math.max(ORDERS.least, Math.min(ORDERS.most, affordable));
  for (let order = 0; order < orders; order++) {
    const other = rng.shuffle(scale);
    // Of few numbers their own order, or its reverse, comes up now and then: it is no other one.
    if (!isSameOrder(other, scale) && distance(other) <= own) return false;
  }
  return true;
}

/** So large a share is seldom met on fine scales (0.08 and 0.30 of two recorded crowds), and of classes (from 0.43) passed. */
const OFTEN_EQUAL = 0.4;

/**
 * Whether two answers to one task are equal so often as those of classes are: classes that stand in groups, as in a
 * taxonomy, are near each other as scores are. The commonest label is left out, as many scales have a zero for "not at all".
 */
export function areOftenEqual(ratings: Ratings): boolean {
  const times = new Float64Array(ratings.valueCount);
  for (const id of ratings.value) times[id] = (times[id] ?? 0) + 1;
  const commonest = times.indexOf(times.reduce((most, each) => Math.max(most, each), 0));
  const { ids, counts, start, rowCount } = unitTable(ratings);
  let [equal, all] = [0, 0];
  for (let row = 0; row < rowCount; row++) {
    let [same, size] = [0, 0];
    for (let k = start[row] ?? 0; k < (start[row + 1] ?? 0); k++) {
      if (ids[k] === commonest) continue;
      const count = counts[k] ?? 0;
      size += count;
      same += count * (count - 1);
    }
    if (size < 2) continue;
    equal += same / (size - 1);
    all += size;
  }
  return equal > OFTEN_EQUAL * all;
}

/** Whether numbers go up and down as others do, or just the other way round. */
function isSameOrder(numbers: readonly number[], others: readonly number[]): boolean {
  const ranks = [...others.keys()].sort((a, b) => (others[a] as number) - (others[b] as number));
  const steps = ranks.slice(1).map((id, at) => (numbers[id] as number) - (numbers[ranks[at] as number] as number));
  return steps.every((step) => step > 0) || steps.every((step) => step < 0);
}

/** Which two labels are given to one task, how often (as alpha counts), and how often each is given beside another answer. */
function differingPairs(ratings: NamedRatings) {
  const { value, valueCount } = ratings;
  const { start, at } = byUnit(ratings);
  const weights = new Map<number, number>();
  const counts = new Float64Array(valueCount);
  for (let unit = 0; unit < ratings.unitCount; unit++) {
    const [from, to] = [start[unit] as number, start[unit + 1] as number];
    if (to - from < 2) continue;
    const given = new Map<number, number>();
    for (let k = from; k < to; k++) {
      const id = value[at[k] as number] as number;
      counts[id] = (counts[id] as number) + 1;
      given.set(id, (given.get(id) ?? 0) + 1);
    }
    for (const [a, times] of given) {
      for (const [b, others] of given) {
        if (a < b) {
          const pair = a * valueCount + b;
          weights.set(pair, (weights.get(pair) ?? 0) + (times * others) / (to - from - 1));
        }
      }
    }
  }
  const pairs = Array.from(weights, ([pair, weight]) => ({
    a: Math.floor(pair / valueCount),
    b: pair % valueCount,
    weight,
  }));
  return { pairs, counts };
}
