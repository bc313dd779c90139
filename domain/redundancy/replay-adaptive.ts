import { byUnit, type Ratings } from '../agreement/ratings.ts';
import type { Rng } from '../rng.ts';
import { gainPerAnswer } from './expected-gain.ts';
import { type LiveCrowd, liveCrowd, MOST_MATRIX_LABELS } from './live-crowd.ts';
import { nextAnswerBy } from './next-answer.ts';
import type { AdaptivePolicy } from './policy.ts';

/** Share of the tasks that are in flight at a time: so many answers come in between two refits. */
const IN_FLIGHT = 1 / 25;
/** Rounds of EM in a refit. */
const ROUNDS = 4;

/**
 * The answers, by position, that an adaptive campaign over a recorded crowd asks for; in the order of asking. First the
 * least of every task, then one more where it is expected to gain most (`nextAnswerBy`), until nothing is worth it or
 * the answers paid for are used up; each time by the annotator at hand who would tell most. `onAsked` is told which share
 * of these is asked. `crowd` is what is known of the crowd in the end.
 */
export function askAdaptively(
  ratings: Ratings,
  policy: Required<AdaptivePolicy>,
  rng: Rng,
  onAsked: (share: number) => void = () => {},
): { asked: number[]; crowd: LiveCrowd } {
  const { unitCount, raterCount, valueCount, rater } = ratings;
  const { min, max, atHand } = policy;
  const { start, at } = byUnit(ratings);
  const waiting = Array.from({ length: unitCount }, (_, u) =>
    rng.shuffle(Array.from(at.subarray(start[u] as number, start[u + 1] as number))),
  );
  const tasks = rng.shuffle(Array.from({ length: unitCount }, (_, u) => u));
  const budget = Math.min(ratings.unit.length, budgetOf(ratings, policy));
  const mostAnswers = waiting.reduce((most, { length }) => Math.max(most, length), 1);
  const idCount = valueCount <= MOST_MATRIX_LABELS ? valueCount : Math.min(max, mostAnswers);
  const crowd = liveCrowd({ unitCount, raterCount, labelCount: valueCount, idCount, capacity: budget });
  const idOf = labelIds(idCount === valueCount ? undefined : unitCount);
  const chosen: number[] = [];
  const counts = new Int32Array(unitCount);
  const ask = (unit: number) => {
    const queue = waiting[unit] as number[];
    const best = mostTelling(crowd, unit, queue.slice(0, atHand), rater);
    const [answer = 0] = queue.splice(best, 1);
    crowd.add(unit, rater[answer] as number, idOf(unit, ratings.value[answer] as number));
    counts[unit] = (counts[unit] as number) + 1;
    chosen.push(answer);
  };

  const inFlight = Math.max(1, Math.ceil(unitCount * IN_FLIGHT));
  for (let answers = 0; answers < Math.min(min, mostAnswers); answers++) {
    for (const unit of tasks) {
      if ((waiting[unit] as number[]).length === 0 || chosen.length >= budget) continue;
      ask(unit);
      if (chosen.length % inFlight !== 0) continue;
      crowd.refit(ROUNDS);
      onAsked(chosen.length / budget);
    }
  }
  while (chosen.length < budget) {
    crowd.refit(ROUNDS);
    onAsked(chosen.length / budget);
    const gainOf = gainPerAnswer(crowd.accuracy(), valueCount);
    const open: { unit: number; gain: number; confidence: number }[] = [];
    for (const unit of tasks) {
      if ((waiting[unit] as number[]).length === 0) continue;
      const task = { answers: counts[unit] as number, posterior: crowd.posterior(unit) };
      const { next, gain, confidence } = nextAnswerBy(policy, task, gainOf);
      if (next === 'ask_more') open.push({ unit, gain, confidence });
    }
    if (open.length === 0) break;
    open.sort((a, b) => b.gain - a.gain || a.confidence - b.confidence);
    for (const { unit } of open.slice(0, Math.min(inFlight, budget - chosen.length))) ask(unit);
  }
  crowd.refit(ROUNDS);
  return { asked: chosen, crowd };
}

/** The most answers that a policy pays for. */
export function budgetOf({ unitCount }: Pick<Ratings, 'unitCount'>, { average }: Required<AdaptivePolicy>): number {
  return Math.floor(average * unitCount);
}

/** Of the answers at hand the one whose annotator would tell most about the task; the first among equals. */
function mostTelling(crowd: LiveCrowd, unit: number, answers: readonly number[], rater: Int32Array): number {
  if (answers.length < 2) return 0;
  const gains = answers.map((answer) => crowd.informationGain(unit, rater[answer] as number));
  const most = Math.max(...gains);
  return gains.findIndex((gain) => gain > most - 1e-12);
}

/** Label ids as they are, or numbered task by task in order of appearance where there are very many labels. */
function labelIds(unitCount: number | undefined) {
  if (unitCount === undefined) return (_: number, value: number) => value;
  const met = Array.from({ length: unitCount }, (): number[] => []);
  return (unit: number, value: number) => {
    const known = met[unit] as number[];
    const id = known.indexOf(value);
    return id >= 0 ? id : known.push(value) - 1;
  };
}
