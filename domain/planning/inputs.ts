import { type CostFigures, USUAL_FIGURES } from '../cost/figures.ts';
import { QuorateError } from '../failures.ts';
import { priceFor } from '../money.ts';
import type { TaskTypeName } from '../tasks/task-type.ts';
import type { Tier } from '../tiers.ts';
import {
  type AnswerTimes,
  type CampaignAssumptions,
  type CrowdAssumptions,
  estimateCrowd,
  type JudgeAssumptions,
  type Pilot,
} from './assumptions.ts';
import { beginningAt } from './calendar.ts';
import { PLAN_LIMITS } from './defaults.ts';
import { assumed, fromPilot } from './draw.ts';
import type { CrowdDraw } from './plan.ts';

/** Of what is assumed without being asked for: how wrong answers agree, and how times vary. */
const ALWAYS = { lureShare: 0.5, secondsLogSd: 0.6 } as const;

/** Fewer known tasks say little about a crowd. */
const LEAST_PILOT_TASKS = 20;

/** What is asked of a plan; `PLAN_DEFAULTS` has what may be left out. */
export interface PlanGiven {
  readonly tasks: number;
  readonly type: TaskTypeName;
  readonly tier: Tier;
  /** What an answer usually costs and takes. */
  readonly figures?: CostFigures | undefined;
  /** By default by tier and type. */
  readonly priceMicros?: bigint | undefined;
  /** Where an answer earns its time, up to the price. */
  readonly hourlyMicros?: bigint | undefined;
  /** Of one answer, above 0 and below 1. */
  readonly accuracy: number;
  readonly choices: number;
  readonly skillSd: number;
  readonly easeSd: number;
  readonly unsure: number;
  /** Median seconds of an answer; by default by type. */
  readonly seconds?: number | undefined;
  readonly annotators: number;
  /** Annotators at work by hour of the day (UTC); by default half of them, from nine to five. */
  readonly atWork?: readonly number[] | undefined;
  readonly goldRatio: number;
  /** Of the campaign that is planned, where there is one: as `CampaignAssumptions` has them. */
  readonly goldFloor?: number | undefined;
  readonly goldItems?: number | undefined;
  readonly leaseMs?: number | undefined;
  readonly feeRatio: number;
  readonly judge: JudgeAssumptions | null;
  /** Answers with known truths, in place of accuracy, choices and spreads; with their times where these are known. */
  readonly pilot?: { readonly answers: Pilot; readonly seconds?: AnswerTimes | undefined } | undefined;
  /** When the campaign begins. */
  readonly startMs: number;
}

/** What a plan is played with. */
export interface PlanInputs {
  readonly campaign: CampaignAssumptions;
  /** What is expected of the crowd; `draw` varies it from run to run. */
  readonly crowd: CrowdAssumptions;
  readonly draw: CrowdDraw;
  /** How unsure stated assumptions are; null for a pilot, which says so itself. */
  readonly unsure: number | null;
  /** Where these come from, for people. */
  readonly source: string;
  /** Annotators at work by hour of the day (UTC). */
  readonly atWork: readonly number[];
}

/** Fills in what was not said. Throws what does not go together: `invalid_input`, with the field. */
export function planInputs(given: PlanGiven): PlanInputs {
  const { tasks, type, tier, annotators, goldRatio, feeRatio, judge, startMs } = given;
  const { hourlyMicros, goldFloor, goldItems, leaseMs, figures = USUAL_FIGURES } = given;
  const atWork = given.atWork ?? Array.from({ length: 24 }, (_, hour) => (hour >= 9 && hour < 17 ? annotators / 2 : 0));
  const most = Math.max(...atWork);
  if (most > annotators) {
    const message = `There are ${most} annotators at work at once, but only ${annotators} in all.`;
    throw new QuorateError('invalid_input', message, { field: 'atWork' });
  }
  const priceMicros = given.priceMicros ?? priceFor(figures.hourlyMicros[tier], figures.seconds[type]);
  const campaign = {
    ...{ tasks, annotators, priceMicros, goldRatio, feeRatio, judge, atWork: beginningAt(atWork, startMs) },
    ...(hourlyMicros === undefined ? {} : { hourlyMicros }),
    ...(goldFloor === undefined ? {} : { goldFloor }),
    ...(goldItems === undefined ? {} : { goldItems }),
    ...(leaseMs === undefined ? {} : { leaseMs }),
  };
  return { campaign, atWork, ...crowdOf(given, figures.seconds[type]) };
}

function crowdOf(given: PlanGiven, defaultSeconds: number): Pick<PlanInputs, 'crowd' | 'draw' | 'unsure' | 'source'> {
  const { accuracy, choices, skillSd, easeSd, pilot } = given;
  const measured = pilot?.seconds ?? { secondsMedian: defaultSeconds, secondsLogSd: ALWAYS.secondsLogSd };
  const seconds = given.seconds === undefined ? measured : { ...measured, secondsMedian: given.seconds };
  if (pilot === undefined) {
    if (accuracy <= 0 || accuracy >= 1) {
      const message = 'The accuracy of single answers must be between 0 and 1, neither of them.';
      throw new QuorateError('invalid_input', message, { field: 'accuracy' });
    }
    const crowd = { accuracy, choices, skillSd, easeSd, lureShare: ALWAYS.lureShare, ...seconds };
    return { crowd, draw: assumed(crowd, given.unsure), unsure: given.unsure, source: 'as stated' };
  }
  const { answers } = pilot;
  const known = answers.tasks.length;
  if (known === 0) {
    const message =
      'Nobody has answered a task with a known label, so nothing is known of the crowd; say how often it is right (accuracy).';
    throw new QuorateError('invalid_input', message, { field: 'accuracy' });
  }
  if (known < LEAST_PILOT_TASKS) {
    const message = `Only ${known} tasks of the pilot have both a known label and answers; a pilot needs ${LEAST_PILOT_TASKS}.`;
    throw new QuorateError('invalid_input', message, { field: 'pilot' });
  }
  if (answers.choices > PLAN_LIMITS.choices) {
    const message = `The pilot has ${answers.choices} labels; plans are made for ${PLAN_LIMITS.choices} at most.`;
    throw new QuorateError('invalid_input', message, { field: 'pilot' });
  }
  const source = `a pilot of ${known} tasks with ${answers.tasks.flat().length} answers`;
  return { crowd: estimateCrowd(answers, seconds), draw: fromPilot(answers, seconds), unsure: null, source };
}
