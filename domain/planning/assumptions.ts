import type { NamedRatings } from '../agreement/ratings.ts';
import type { Rng } from '../rng.ts';

/**
 * What a plan takes for true of its crowd. An answer is right with the probability logistic(level + skill + ease), where
 * skill is the annotator's and ease the task's, both normal with mean zero (a Rasch model with a level).
 */
export interface CrowdAssumptions {
  /** Choices of a task. */
  readonly choices: number;
  /** Share of single answers that are right. */
  readonly accuracy: number;
  /** Standard deviation of skill, in log-odds. */
  readonly skillSd: number;
  /** Standard deviation of ease, in log-odds: how much harder some tasks are than others. */
  readonly easeSd: number;
  /** Of the wrong answers to a task, the share that falls for the same wrong choice. */
  readonly lureShare: number;
  /** Median seconds of an answer, and the standard deviation of their logarithm. */
  readonly secondsMedian: number;
  readonly secondsLogSd: number;
}

/** Answers with known truths: what a pilot is. */
export interface Pilot {
  /** By task: who answered, and whether rightly; `choice` tells wrong answers apart. */
  readonly tasks: readonly (readonly PilotAnswer[])[];
  readonly choices: number;
}

export interface PilotAnswer {
  readonly worker: number;
  readonly right: boolean;
  readonly choice: number;
}

/** A pilot from recorded answers: the tasks with a known truth, at least two of them with two answers. */
export function pilotOf(ratings: NamedRatings, gold: ReadonlyMap<string, string>): Pilot {
  const tasks: PilotAnswer[][] = ratings.units.map(() => []);
  for (let i = 0; i < ratings.unit.length; i++) {
    const unit = ratings.unit[i] ?? 0;
    const truth = gold.get(ratings.units[unit] ?? '');
    if (truth === undefined) continue;
    const choice = ratings.value[i] ?? 0;
    tasks[unit]?.push({ worker: ratings.rater[i] ?? 0, right: ratings.values[choice] === truth, choice });
  }
  return { tasks: tasks.filter((answers) => answers.length > 0), choices: Math.max(2, ratings.valueCount) };
}

/** A pilot of as many tasks, drawn from this one with replacement: how much the estimates could have been others. */
export function resampled(pilot: Pilot, rng: Rng): Pilot {
  return { ...pilot, tasks: pilot.tasks.map(() => pilot.tasks[rng.int(pilot.tasks.length)] ?? []) };
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/**
 * Accuracy, and the spread of skill and ease, by moments: two answers to one task are right together more often than
 * chance says by the variance of the tasks' probabilities, two answers of one annotator by that of the annotators'.
 * Variances of probabilities become variances of log-odds by the slope of the logistic at the mean.
 */
export function estimateCrowd(
  pilot: Pilot,
  seconds: Pick<CrowdAssumptions, 'secondsMedian' | 'secondsLogSd'>,
): CrowdAssumptions {
  const answers = pilot.tasks.flat();
  const mean = answers.reduce((sum, { right }) => sum + (right ? 1 : 0), 0) / Math.max(1, answers.length);
  const accuracy = clamp(mean, 0.5 / pilot.choices, 0.995);
  const slope = accuracy * (1 - accuracy);
  const byWorker = new Map<number, { right: boolean }[]>();
  for (const answer of answers) byWorker.set(answer.worker, [...(byWorker.get(answer.worker) ?? []), answer]);
  const sd = (groups: Iterable<readonly { right: boolean }[]>) =>
    clamp(Math.sqrt(Math.max(0, pairCovariance(groups, mean))) / slope, 0, 3);
  return {
    choices: pilot.choices,
    accuracy,
    skillSd: sd(byWorker.values()),
    easeSd: sd(pilot.tasks),
    lureShare: lureShareOf(pilot),
    ...seconds,
  };
}

/** The mean product of deviations over all pairs within a group. */
function pairCovariance(groups: Iterable<readonly { right: boolean }[]>, mean: number): number {
  let products = 0;
  let pairs = 0;
  for (const group of groups) {
    const deviations = group.map(({ right }) => (right ? 1 : 0) - mean);
    const sum = deviations.reduce((total, each) => total + each, 0);
    const squares = deviations.reduce((total, each) => total + each * each, 0);
    products += (sum * sum - squares) / 2;
    pairs += (group.length * (group.length - 1)) / 2;
  }
  return pairs === 0 ? 0 : products / pairs;
}

/** From how often two wrong answers to a task are the same. */
function lureShareOf({ tasks, choices }: Pilot): number {
  if (choices === 2) return 1;
  let [same, pairs] = [0, 0];
  for (const answers of tasks) {
    const wrong = answers.filter(({ right }) => !right);
    for (const [at, one] of wrong.entries()) {
      for (const other of wrong.slice(at + 1)) {
        pairs += 1;
        if (one.choice === other.choice) same += 1;
      }
    }
  }
  const chance = 1 / (choices - 1);
  const share = pairs === 0 ? chance : same / pairs;
  return clamp(Math.sqrt(Math.max(0, (share - chance) / (1 - chance))), 0, 1);
}
