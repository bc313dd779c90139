import { defaultMethod } from '../aggregation/crowd/default.ts';
import type { CrowdFit } from '../aggregation/crowd/fit.ts';
import { byUnit, type NamedRatings, type Ratings } from '../agreement/ratings.ts';
import { type Rng, seededRng } from '../rng.ts';

/** How many answers a task is asked for. */
export type ReplayPolicy =
  | { readonly kind: 'fixed'; readonly n: number }
  | { readonly kind: 'adaptive'; readonly min: number; readonly max: number; readonly target: number };

export interface Replayed {
  readonly policy: ReplayPolicy;
  /** Share of the tasks with a known answer that came out right, over all seeds. */
  readonly accuracy: number;
  /** Mean over the seeds. */
  readonly answersPerTask: number;
  readonly answersUsed: number;
  readonly seeds: number;
}

/** An adaptive campaign is given this many answers a task on average, and spends them where they are needed. */
const MEAN_ANSWERS = 3;
/** The answers beyond the least are asked for in so many parts, with a new look at the crowd before each. */
const WAVES = 10;
/** Of so many annotators who come next to a task, the one who was right most often so far is asked. */
const NEXT_ANNOTATORS = 5;
/** An annotator's record is taken together with this many answers of a middling annotator. */
const PRIOR_ANSWERS = 4;

/**
 * Asks a recorded crowd again under another policy: each seed brings the recorded answers of each task in another
 * order. Fixed: the first n of each task. Adaptive: the first `min` of each, then one more for the tasks of which the
 * default method is least sure, until all are at `target` or `max`, or three answers a task are used up. Who is asked,
 * and for what, depends on the answers so far alone, never on the known ones. Labels by the default method.
 */
export function replay(
  ratings: NamedRatings,
  gold: ReadonlyMap<string, string>,
  policy: ReplayPolicy,
  seeds: number,
): Replayed {
  let right = 0;
  let known = 0;
  let used = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const crowd = new RecordedCrowd(ratings, seededRng(`replay ${seed}`));
    crowd.askAll(policy.kind === 'fixed' ? policy.n : policy.min);
    if (policy.kind === 'adaptive') askWhereNeeded(crowd, policy);
    const { labels } = defaultMethod(crowd.answers(), { seed });
    for (const [unit, name] of ratings.units.entries()) {
      const truth = gold.get(name);
      if (truth === undefined) continue;
      known += 1;
      if (ratings.values[labels[unit] ?? -1] === truth) right += 1;
    }
    used += crowd.used;
  }
  return {
    policy,
    accuracy: known === 0 ? 0 : right / known,
    answersPerTask: ratings.unitCount === 0 ? 0 : used / seeds / ratings.unitCount,
    answersUsed: Math.round(used / seeds),
    seeds,
  };
}

function askWhereNeeded(crowd: RecordedCrowd, policy: { readonly max: number; readonly target: number }): void {
  const most = Math.floor(MEAN_ANSWERS * crowd.ratings.unitCount);
  const wave = Math.ceil((most - crowd.used) / WAVES);
  while (crowd.used < most) {
    const answers = crowd.answers();
    const fit = defaultMethod(answers);
    const sure = (unit: number) => fit.confidence[unit] ?? 0;
    const open = crowd.unitsBelow(policy.max).filter((unit) => sure(unit) < policy.target);
    if (open.length === 0) return;
    open.sort((a, b) => sure(a) - sure(b) || crowd.tieBreak(a) - crowd.tieBreak(b));
    const records = recordsOf(answers, fit);
    for (const unit of open.slice(0, Math.min(wave, most - crowd.used))) crowd.askBest(unit, records);
  }
}

/** How often each annotator gave what the fit takes for true, shrunk towards the crowd's mean. */
function recordsOf(answers: Ratings, fit: CrowdFit): Float64Array {
  const right = new Float64Array(answers.raterCount);
  const count = new Float64Array(answers.raterCount);
  let all = 0;
  for (let i = 0; i < answers.unit.length; i++) {
    const [unit, rater, value] = [answers.unit[i] ?? 0, answers.rater[i] ?? 0, answers.value[i] ?? 0];
    const whole = fit.labels[unit] === value ? 1 : 0;
    const part = fit.posteriors ? (fit.posteriors[unit * answers.valueCount + value] ?? 0) : whole;
    right[rater] = (right[rater] ?? 0) + part;
    count[rater] = (count[rater] ?? 0) + 1;
    all += part;
  }
  const mean = answers.unit.length === 0 ? 0 : all / answers.unit.length;
  return right.map((sum, rater) => (sum + PRIOR_ANSWERS * mean) / ((count[rater] ?? 0) + PRIOR_ANSWERS));
}

/** Recorded answers that are given out one by one, in an order of each task's own. */
class RecordedCrowd {
  readonly ratings: Ratings;
  used = 0;
  readonly #order: number[][];
  readonly #asked: Int32Array;
  readonly #ties: Float64Array;

  constructor(ratings: Ratings, rng: Rng) {
    this.ratings = ratings;
    const { start, at } = byUnit(ratings);
    this.#order = Array.from({ length: ratings.unitCount }, (_, unit) =>
      rng.shuffle(Array.from(at.subarray(start[unit] ?? 0, start[unit + 1] ?? 0))),
    );
    this.#asked = new Int32Array(ratings.unitCount);
    this.#ties = Float64Array.from(this.#order, () => rng.next());
  }

  /** Asks for the first `n` answers of each task, or all there are. */
  askAll(n: number): void {
    for (const [unit, order] of this.#order.entries()) {
      this.#asked[unit] = Math.min(n, order.length);
      this.used += this.#asked[unit] ?? 0;
    }
  }

  /** Asks one annotator more, of the next few the one with the best record. */
  askBest(unit: number, records: Float64Array): void {
    const order = this.#order[unit] ?? [];
    const from = this.#asked[unit] ?? 0;
    const recordAt = (place: number) => records[this.ratings.rater[order[place] ?? 0] ?? 0] ?? 0;
    let best = from;
    for (let place = from + 1; place < Math.min(order.length, from + NEXT_ANNOTATORS); place++) {
      if (recordAt(place) > recordAt(best)) best = place;
    }
    order.splice(from, 0, ...order.splice(best, 1));
    this.#asked[unit] = from + 1;
    this.used += 1;
  }

  /** Tasks with fewer than `max` answers that have one left to ask for. */
  unitsBelow(max: number): number[] {
    const below: number[] = [];
    for (const [unit, order] of this.#order.entries()) {
      if ((this.#asked[unit] ?? 0) < Math.min(max, order.length)) below.push(unit);
    }
    return below;
  }

  tieBreak(unit: number): number {
    return this.#ties[unit] ?? 0;
  }

  /** The answers asked for so far. */
  answers(): Ratings {
    const places = this.#order.flatMap((order, unit) => order.slice(0, this.#asked[unit]));
    const of = (column: Int32Array) => Int32Array.from(places, (place) => column[place] ?? 0);
    const { unit, rater, value } = this.ratings;
    return { ...this.ratings, unit: of(unit), rater: of(rater), value: of(value) };
  }
}
