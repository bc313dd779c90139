import { type NamedRatings, toRatings } from '../agreement/ratings.ts';
import type { Rng } from '../rng.ts';
import { type ClassAssumptions, estimateClasses, sameByChance } from './classes.ts';
import { spreadsOf } from './spread.ts';

/**
 * What a plan takes for true of its crowd. An answer is right with the probability logistic(level + skill + ease + lean),
 * where skill is the annotator's and ease the task's, and lean is the annotator's towards, or away from, what is true of the
 * task: all normal with mean zero (a Rasch model with a level, and annotators who prefer an answer). Where what is true makes a
 * difference to all (some choices are mistaken for others by everybody), the level is the class's.
 */
export interface CrowdAssumptions {
  /** Choices of a task. */
  readonly choices: number;
  /** Share of single answers that are right. */
  readonly accuracy: number;
  /** Standard deviation of skill, in log-odds. */
  readonly skillSd: number;
  /** Standard deviation of lean, in log-odds; an annotator's over all choices sum to zero. By default nobody leans. */
  readonly leanSd?: number;
  /** Standard deviation of ease, in log-odds: how much harder some tasks are than others. */
  readonly easeSd: number;
  /** Of the wrong answers to a task, the share that falls for the same wrong choice. */
  readonly lureShare: number;
  /** By choice, where tasks and answers differ by what is true: how often it is, and what it is taken for. By default all are alike. */
  readonly classes?: readonly ClassAssumptions[] | undefined;
  /** Median seconds of an answer, and the standard deviation of their logarithm. */
  readonly secondsMedian: number;
  readonly secondsLogSd: number;
}

/** Median seconds of an answer, and the standard deviation of their logarithm. */
export type AnswerTimes = Pick<CrowdAssumptions, 'secondsMedian' | 'secondsLogSd'>;

export interface JudgeAssumptions {
  readonly accuracy: number;
  readonly priceMicros: bigint;
}

/** What a plan takes for true of everything else. */
export interface CampaignAssumptions {
  readonly tasks: number;
  readonly annotators: number;
  readonly priceMicros: bigint;
  /** By the hour an answer earns its time, up to the price; by default it earns the price. */
  readonly hourlyMicros?: bigint;
  /** Share of assignments that are golds, once an annotator is known; newcomers meet so many sooner. */
  readonly goldRatio: number;
  readonly goldFloor?: number;
  /** How many golds there are: nobody meets one twice. By default there is always another one. */
  readonly goldItems?: number;
  /** How long an annotator holds a task; by default as in campaigns that say nothing else. */
  readonly leaseMs?: number;
  /** What a platform takes on top. */
  readonly feeRatio: number;
  /** Annotators at work in each hour of the day (UTC), from the campaign's first. */
  readonly atWork: readonly number[];
  readonly judge: JudgeAssumptions | null;
}

/** Answers with known truths: what a pilot is. */
export interface Pilot {
  /** By task: who answered, and whether rightly; `choice` tells wrong answers apart, `truth` is the right one if known. */
  readonly tasks: readonly (readonly PilotAnswer[])[];
  readonly choices: number;
}

export interface PilotAnswer {
  readonly worker: number;
  readonly right: boolean;
  readonly choice: number;
  readonly truth?: number;
}

/** A pilot from recorded answers: the tasks with a known truth, at least two of them with two answers. */
export function pilotOf(ratings: NamedRatings, gold: ReadonlyMap<string, string>): Pilot {
  const tasks: PilotAnswer[][] = ratings.units.map(() => []);
  const places = new Map(ratings.values.map((value, at) => [value, at]));
  for (let i = 0; i < ratings.unit.length; i++) {
    const unit = ratings.unit[i] ?? 0;
    const truth = gold.get(ratings.units[unit] ?? '');
    if (truth === undefined) continue;
    const choice = ratings.value[i] ?? 0;
    const right = ratings.values[choice] === truth;
    tasks[unit]?.push({ worker: ratings.rater[i] ?? 0, right, choice, truth: places.get(truth) ?? -1 });
  }
  return { tasks: tasks.filter((answers) => answers.length > 0), choices: Math.max(2, ratings.valueCount) };
}

/** An answer to a gold, as it was graded. */
export interface GradedAnswer {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly right: boolean;
  /** Equal answers have equal text. */
  readonly text: string;
}

/** A pilot from answers to golds; `choices` where it is known how many there are, else as many as were given. */
export function pilotOfGolds(answers: readonly GradedAnswer[], choices?: number): Pilot {
  const { unit, unitCount, rater, value, values } = toRatings(
    answers.map(({ taskId, annotatorId, text }) => ({ task: taskId, worker: annotatorId, label: text })),
  );
  const tasks: PilotAnswer[][] = Array.from({ length: unitCount }, () => []);
  for (const [at, { right }] of answers.entries()) {
    tasks[unit[at] ?? 0]?.push({ worker: rater[at] ?? 0, right, choice: value[at] ?? 0 });
  }
  // Whoever was right says what is.
  const known = tasks.map((given) => {
    const truth = given.find(({ right }) => right)?.choice;
    return truth === undefined ? given : given.map((each) => ({ ...each, truth }));
  });
  return { tasks: known, choices: Math.max(2, choices ?? values.length) };
}

/** Median and spread of times, in seconds; undefined for fewer than ten that are above zero. */
export function timesOf(seconds: readonly (number | null)[]): AnswerTimes | undefined {
  const logs = seconds.flatMap((each) => (each !== null && each > 0 ? [Math.log(each)] : [])).toSorted((a, b) => a - b);
  if (logs.length < LEAST_TIMES) return undefined;
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const [below = 0, above = below] = [logs[(logs.length - 1) >> 1], logs[logs.length >> 1]];
  return { secondsMedian: Math.exp((below + above) / 2), secondsLogSd: Math.sqrt(variance) };
}

const LEAST_TIMES = 10;

/** A pilot of as many tasks, drawn from this one with replacement: how much the estimates could have been others. */
export function resampled(pilot: Pilot, rng: Rng): Pilot {
  return { ...pilot, tasks: pilot.tasks.map(() => pilot.tasks[rng.int(pilot.tasks.length)] ?? []) };
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/**
 * Accuracy, and the spread of skill, lean and ease, by moments: two answers to one task are right together more often than
 * chance says by the variance of the tasks' probabilities, two answers of one annotator by that of the annotators'; and
 * more often where the same is true of both tasks than where it is not, by that of how they lean.
 */
export function estimateCrowd(pilot: Pilot, seconds: AnswerTimes): CrowdAssumptions {
  const answers = pilot.tasks.flat();
  const mean = answers.reduce((sum, { right }) => sum + (right ? 1 : 0), 0) / Math.max(1, answers.length);
  const accuracy = clamp(mean, 0.5 / pilot.choices, 0.995);
  const classes = estimateClasses(pilot, accuracy);
  // What all of a class have in common is no difference of its tasks, nor of annotators.
  const expected = ({ truth }: PilotAnswer) => (truth === undefined ? undefined : classes?.[truth]?.accuracy) ?? mean;
  const together = { ...covariancesInWorkers(pilot, expected), task: covarianceInTasks(pilot.tasks, expected) };
  return {
    choices: pilot.choices,
    accuracy,
    ...spreadsOf(accuracy, pilot.choices, together),
    lureShare: lureShareOf(pilot, classes),
    ...(classes ? { classes } : {}),
    ...seconds,
  };
}

/** How often an answer to such a task is right. */
type Expected = (answer: PilotAnswer) => number;

/** Deviations of answers from the mean: how many, their sum and the sum of their squares. */
interface Deviations {
  count: number;
  sum: number;
  squares: number;
}

function addTo<Key>(groups: Map<Key, Deviations>, key: Key, deviation: number): void {
  const group = groups.get(key) ?? { count: 0, sum: 0, squares: 0 };
  if (group.count === 0) groups.set(key, group);
  group.count += 1;
  group.sum += deviation;
  group.squares += deviation ** 2;
}

/** The mean product of deviations over all pairs of answers to one task. */
function covarianceInTasks(tasks: Pilot['tasks'], expected: Expected): number {
  const groups = new Map<number, Deviations>();
  for (const [at, answers] of tasks.entries())
    for (const each of answers) addTo(groups, at, +each.right - expected(each));
  let [products, pairs] = [0, 0];
  for (const { count, sum, squares } of groups.values()) {
    products += (sum ** 2 - squares) / 2;
    pairs += (count * (count - 1)) / 2;
  }
  return pairs === 0 ? 0 : products / pairs;
}

/**
 * The same over all pairs of one worker's answers to different tasks, apart by whether the same is true of both: where that
 * makes more of a difference than chance, and what is true is known. Else nobody leans.
 */
function covariancesInWorkers(pilot: Pilot, expected: Expected): { same: number; other: number } {
  const all = pairsInWorkers(pilot.tasks, expected, ({ worker }) => `${worker}`);
  const pooled = all.count === 0 ? 0 : all.products / all.count;
  const alike = { same: pooled, other: pooled };
  const known = pilot.tasks.filter(([first]) => first?.truth !== undefined);
  const same = pairsInWorkers(known, expected, ({ worker, truth }) => `${worker} ${truth}`);
  const pairs =
    known.length === pilot.tasks.length ? all : pairsInWorkers(known, expected, ({ worker }) => `${worker}`);
  const other = { products: pairs.products - same.products, count: pairs.count - same.count };
  if (same.count <= 0 || other.count <= 0) return alike;
  const found = { same: same.products / same.count, other: other.products / other.count };
  const answers = pilot.tasks.flat();
  const variance = answers.reduce((sum, each) => sum + expected(each) * (1 - expected(each)), 0) / answers.length;
  return found.same - found.other < variance / Math.sqrt(same.count) ? alike : found;
}

/**
 * All pairs of answers of one key, less those within a task. A task that was drawn twice is one task (`resampled` draws the
 * very same lists): an answer says nothing beside its own copy.
 */
function pairsInWorkers(
  tasks: Pilot['tasks'],
  expected: Expected,
  keyOf: (answer: PilotAnswer) => string,
): { products: number; count: number } {
  const all = new Map<string, Deviations>();
  const within = new Map<readonly PilotAnswer[], Map<string, Deviations>>();
  for (const answers of tasks) {
    const workers = within.get(answers) ?? new Map<string, Deviations>();
    within.set(answers, workers);
    for (const answer of answers) {
      const [key, deviation] = [keyOf(answer), +answer.right - expected(answer)];
      addTo(all, key, deviation);
      addTo(workers, key, deviation);
    }
  }
  let [products, count] = [0, 0];
  const add = (group: Deviations, sign: number) => {
    products += (sign * group.sum ** 2) / 2;
    count += (sign * group.count ** 2) / 2;
  };
  for (const group of all.values()) add(group, 1);
  for (const workers of within.values()) for (const group of workers.values()) add(group, -1);
  return { products, count };
}

/** From how often two wrong answers to a task are the same. */
function lureShareOf({ tasks, choices }: Pilot, classes: readonly ClassAssumptions[] | undefined): number {
  if (choices === 2) return 1;
  let [same, byChance, pairs] = [0, 0, 0];
  for (const answers of tasks) {
    const wrong = answers.filter(({ right }) => !right);
    const chance = sameByChance(answers[0]?.truth, choices, classes);
    for (const [at, one] of wrong.entries()) {
      for (const other of wrong.slice(at + 1)) {
        pairs += 1;
        byChance += chance;
        if (one.choice === other.choice) same += 1;
      }
    }
  }
  if (pairs === 0 || byChance >= pairs) return 0;
  return clamp(Math.sqrt(Math.max(0, (same - byChance) / (pairs - byChance))), 0, 1);
}
