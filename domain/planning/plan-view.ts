import { formatUsd } from '../money.ts';
import type { JudgeAssumptions } from './assumptions.ts';
import { momentAfter, TURNOUT_LOG_SD } from './calendar.ts';
import type { PlanInputs } from './inputs.ts';
import { type Band, frontier, type Plan } from './plan.ts';
import { LAPSES } from './played-crowd.ts';

/** A plan as documents have it: amounts also in micro-dollars, the finish also as a moment, with what was assumed. */
export function planView(plan: Plan, inputs: PlanInputs, startMs: number) {
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
    assumptions: assumptionsView(inputs),
  };
}

function assumptionsView({ source, crowd, campaign, atWork, unsure }: PlanInputs) {
  const { tasks, annotators, goldRatio, feeRatio, priceMicros, judge } = campaign;
  return {
    ...{
      source,
      unsure,
      ...crowd,
      lapses: LAPSES,
      turnoutLogSd: TURNOUT_LOG_SD,
      tasks,
      annotators,
      atWork: [...atWork],
      goldRatio,
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
