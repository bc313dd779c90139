import { SHARPNESS } from '../aggregation/crowd/default.ts';
import { CROWD_RULE, type CrowdVote, chooseByCrowd } from '../aggregation/crowd/live-decision.ts';
import type { JudgingModel } from '../aggregation/crowd/live-model.ts';
import * as task from '../annotation-task.ts';
import { furtherAnswersAreIdle } from '../redundancy/idle-answers.ts';
import type { Rng } from '../rng.ts';
import { DEFAULT_GOLD_FLOOR, expectedGolds } from '../routing.ts';
import type { CampaignSettings } from '../settings.ts';
import type { TaskPolicy } from '../task-policy.ts';
import type { CrowdAssumptions } from './assumptions.ts';
import { finishHours } from './calendar.ts';

/** How many answers a task is asked for, and whether a judge gives the first. */
export interface Option {
  readonly name: string;
  readonly policy: TaskPolicy;
  readonly redundancyPolicy: CampaignSettings['redundancyPolicy'];
  readonly judge: boolean;
}

export interface JudgeAssumptions {
  readonly accuracy: number;
  readonly priceMicros: bigint;
}

export interface CampaignAssumptions {
  readonly tasks: number;
  readonly annotators: number;
  readonly priceMicros: bigint;
  /** Share of assignments that are golds, once an annotator is known; newcomers meet so many sooner. */
  readonly goldRatio: number;
  readonly goldFloor?: number;
  /** What a platform takes on top. */
  readonly feeRatio: number;
  /** Annotators at work in each hour of the day (UTC), from the campaign's first. */
  readonly atWork: readonly number[];
  readonly judge: JudgeAssumptions | null;
}

export interface Outcome {
  readonly costMicros: bigint;
  readonly hours: number;
  readonly accuracy: number;
  readonly answersPerTask: number;
}

/** Tasks that are played one by one; more are taken to go like these. */
const MAX_PLAYED = 1000;

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const logit = (p: number) => Math.log(p / (1 - p));
/** The level at which the mean over normal skill and ease is `accuracy` (probit approximation of the logistic). */
const levelOf = ({ accuracy, skillSd, easeSd }: CrowdAssumptions) =>
  logit(accuracy) * Math.sqrt(1 + 0.346 * (skillSd ** 2 + easeSd ** 2));

/**
 * Plays one campaign: every task goes through the states of the real task workflow (`nextTaskStep` and what follows on
 * it), asks annotators drawn from the crowd, and is decided, or asked on, by the code that decides real tasks once the
 * crowd has been learnt, with annotators known as well as their answers in the campaign allow.
 */
export function playCampaign(
  option: Option,
  campaign: CampaignAssumptions,
  crowd: CrowdAssumptions,
  rng: Rng,
  maxPlayed = MAX_PLAYED,
): Outcome {
  const played = Math.min(campaign.tasks, maxPlayed);
  const level = levelOf(crowd);
  const expected = (campaign.tasks * option.policy.redundancy) / campaign.annotators;
  const workers = Array.from({ length: campaign.annotators }, () => {
    const skill = level + crowd.skillSd * rng.normal();
    return { skill, row: believed(meanAt(skill, crowd.easeSd), expected, crowd, rng) };
  });
  const judge = option.judge && campaign.judge ? judgeOf(campaign.judge, crowd) : undefined;
  const model = modelOf(crowd.choices);
  let right = 0;
  let human = 0;
  for (let t = 0; t < played; t++) {
    const ease = crowd.easeSd * rng.normal();
    const order = rng.shuffle(workers.map((_, at) => at)).slice(0, option.policy.maxRedundancy);
    const answerers = [...(judge ? [judge] : []), ...order.flatMap((at) => workers[at] ?? [])];
    const { answers, correct } = playTask(option, model, String(t), (n) => {
      const who = answerers[n];
      return who && { row: who.row, choice: answerOf(logistic(who.skill + ease), crowd, rng) };
    });
    human += answers - (judge && answers > 0 ? 1 : 0);
    if (correct) right += 1;
  }
  const scale = campaign.tasks / played;
  // Golds are drawn answer by answer: Poisson, by its normal approximation.
  const { goldRatio, goldFloor = DEFAULT_GOLD_FLOOR.golds } = campaign;
  const floor = { ...DEFAULT_GOLD_FLOOR, golds: goldFloor };
  const golds = workers.reduce((sum, { skill }) => {
    const accuracy = meanAt(skill, crowd.easeSd);
    return sum + expectedGolds((human * scale) / workers.length, { goldRatio, floor, accuracy });
  }, 0);
  const people = human * scale + (golds > 0 ? Math.max(0, golds + Math.sqrt(golds) * rng.normal()) : 0);
  const bill = BigInt(Math.round(people)) * campaign.priceMicros;
  const fee = BigInt(Math.round(Number(bill) * campaign.feeRatio));
  const judging = judge && campaign.judge ? BigInt(campaign.tasks) * campaign.judge.priceMicros : 0n;
  return {
    costMicros: bill + fee + judging,
    hours: finishHours(people * secondsEach(people, crowd, rng), campaign, rng),
    accuracy: right / played,
    answersPerTask: human / played + (judge ? 1 : 0),
  };
}

/** The mean of `count` log-normal times: near its expectation, off by its standard error. */
function secondsEach(count: number, { secondsMedian, secondsLogSd }: CrowdAssumptions, rng: Rng): number {
  const mean = secondsMedian * Math.exp(secondsLogSd ** 2 / 2);
  const error = (mean * Math.sqrt(Math.exp(secondsLogSd ** 2) - 1)) / Math.sqrt(Math.max(1, count));
  return Math.max(0, mean + error * rng.normal());
}

/** The true choice is 0, the task's lure 1. */
function answerOf(chance: number, { choices, lureShare }: CrowdAssumptions, rng: Rng): number {
  if (rng.next() < chance) return 0;
  return rng.next() < lureShare ? 1 : 1 + rng.int(choices - 1);
}

/** Mean probability of a right answer over tasks of all kinds of ease. */
const meanAt = (skill: number, easeSd: number) => logistic(skill / Math.sqrt(1 + 0.346 * easeSd ** 2));

type Row = (choice: number) => readonly number[];

/** What the campaign takes an annotator for after about `answers` answers: their share of right ones, shrunk to the mean. */
function believed(accuracy: number, answers: number, crowd: CrowdAssumptions, rng: Rng): Row {
  const noise = Math.sqrt((accuracy * (1 - accuracy)) / Math.max(1, answers)) * rng.normal();
  const prior = 4;
  const seen = (accuracy + noise) * answers;
  return rowsFor((seen + prior * crowd.accuracy) / (answers + prior), crowd.choices);
}

function rowsFor(accuracy: number, choices: number): Row {
  const kept = Math.min(0.99, Math.max(1 / choices + 0.01, accuracy));
  const [same, other] = [Math.log(kept), Math.log((1 - kept) / (choices - 1))];
  const rows = Array.from({ length: choices }, (_, given) =>
    Array.from({ length: choices }, (_, truth) => (truth === given ? same : other)),
  );
  return (choice) => rows[choice] ?? [];
}

function judgeOf({ accuracy }: JudgeAssumptions, crowd: CrowdAssumptions) {
  const skill = logit(Math.min(0.995, accuracy)) * Math.sqrt(1 + 0.346 * crowd.easeSd ** 2);
  return { skill, row: rowsFor(accuracy, crowd.choices) };
}

function modelOf(choices: number): JudgingModel {
  const names = Array.from({ length: choices }, (_, at) => String(at));
  return {
    choices: names,
    kinds: [1],
    weights: [1],
    sharpness: SHARPNESS,
    logPrior: names.map(() => -Math.log(choices)),
  };
}

interface Given {
  readonly row: Row;
  readonly choice: number;
}

/** One task from opening to its end, by the production's steps; `ask` gives its n-th answer, or none when all were asked. */
function playTask(
  { policy, redundancyPolicy }: Option,
  model: JudgingModel,
  name: string,
  ask: (n: number) => Given | undefined,
) {
  const votes: CrowdVote[] = [];
  let state = task.openTask(policy, 0);
  let nowMs = 0;
  for (;;) {
    const step = task.nextTaskStep(state, nowMs);
    switch (step.do) {
      case 'wait': {
        const given = ask(votes.length);
        if (given) {
          const { row, choice } = given;
          votes.push({ annotationId: `${name} ${votes.length}`, key: String(choice), row: row(choice), weight: 1 });
          state = task.answersArrived(state, [String(votes.length)]);
        } else nowMs = step.untilMs ?? nowMs + policy.windowMs;
        break;
      }
      case 'assess':
        state = task.answersAssessed(state, step.annotationIds, step.annotationIds);
        break;
      case 'decide': {
        const result = chooseByCrowd(model, votes, CROWD_RULE);
        const confidence = result?.confidence ?? 0;
        const isEnough = step.acceptAny || confidence >= policy.minConfidence;
        const settled = result && (isEnough || furtherAnswersAreIdle({ ...policy, redundancyPolicy }, result));
        if (settled) return { answers: votes.length, correct: result.key === '0' };
        state = task.decisionTried(state, { settled: false, confidence, acceptAny: step.acceptAny, atMs: nowMs });
        break;
      }
      case 'add_slots':
        state = task.slotsAdded(state, { count: step.count, cause: step.cause, atMs: nowMs });
        break;
      default:
        // Unresolved: what it has cost counts, and no label is a right one.
        return { answers: votes.length, correct: false };
    }
  }
}
