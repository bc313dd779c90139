import { formatUsd } from '../money.ts';
import { DEFAULT_GOLD_FLOOR } from '../routing.ts';
import type { JudgeAssumptions } from './assumptions.ts';
import { momentAfter, TURNOUT_LOG_SD } from './calendar.ts';
import type { PlanInputs } from './inputs.ts';
import { type Band, frontier, type Plan } from './plan.ts';
import { LAPSES } from './played-crowd.ts';

/** What a plan was asked as, and how it was made. */
export interface Made {
  readonly startMs: number;
  readonly played: {
    /** The planner's own simulation of them, or the very workflows under time skipping. */
    readonly by: 'simulation' | 'workflows';
    /** Tasks of each campaign that were played one by one. */
    readonly tasks: number;
  };
  /** The policy of the campaign that is planned, as it stands; null where there is none. */
  readonly own: string | null;
}

/** A plan as documents have it: amounts also in micro-dollars, the finish also as a moment, with what was assumed. */
export function planView(plan: Plan, inputs: PlanInputs, { startMs, played, own }: Made) {
  const { options, ...rest } = plan;
  return {
    options: options.map(({ costUsd, hours, ...option }) => ({
      ...option,
      costUsd,
      costMicros: eachOf(costUsd, (usd) => Math.round(usd * 1e6)),
      hours,
      finishAt: eachOf(hours, (after) => momentAfter(after, startMs)),
    })),
    ...rest,
    leftOut: [...plan.leftOut],
    frontier: frontier(options).map(({ name }) => name),
    startAt: momentAfter(0, startMs),
    played,
    own,
    assumptions: assumptionsView(inputs),
  };
}

function assumptionsView({ source, crowd, campaign, atWork, unsure }: PlanInputs) {
  const { tasks, annotators, goldRatio, goldFloor = DEFAULT_GOLD_FLOOR.golds, feeRatio, priceMicros, judge } = campaign;
  return {
    ...{
      source,
      unsure,
      ...crowd,
      leanSd: crowd.leanSd ?? 0,
      classes: crowd.classes?.map(({ share, accuracy }) => ({ share, accuracy })) ?? null,
      lapses: LAPSES,
      turnoutLogSd: TURNOUT_LOG_SD,
      tasks,
      annotators,
      atWork: [...atWork],
      goldRatio,
      goldFloor,
      feeRatio,
    },
    ...priceView(priceMicros),
    judge: judge && judgeView(judge),
  };
}

const judgeView = ({ accuracy, priceMicros }: JudgeAssumptions) => ({ accuracy, ...priceView(priceMicros) });

/** Prices stay below 2^53 micro-dollars, where a JSON number is exact. */
const priceView = (micros: bigint) => ({ priceUsd: formatUsd(micros), priceMicros: Number(micros) });

function eachOf<T>({ p10, p50, p90 }: Band, of: (value: number) => T): { p10: T; p50: T; p90: T } {
  return { p10: of(p10), p50: of(p50), p90: of(p90) };
}
