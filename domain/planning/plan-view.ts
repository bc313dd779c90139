import { formatUsd } from '../money.ts';
import { DEFAULT_GOLD_FLOOR } from '../routing.ts';
import type { CampaignSettings } from '../settings.ts';
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
  /** The campaign that is planned, where there is one: its policy as it stands, and how many of its tasks have ended. */
  readonly own?:
    | { readonly settings: CampaignSettings; readonly option: string | null; readonly decided: number }
    | undefined;
  readonly capMicros?: bigint | undefined;
}

/** A plan as documents have it: amounts also in micro-dollars, the finish also as a moment, with what was assumed. */
export function planView(plan: Plan, inputs: PlanInputs, { startMs, played, own, capMicros }: Made) {
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
    own: own?.option ?? null,
    cap: capMicros === undefined ? null : { usd: formatUsd(capMicros), micros: Number(capMicros) },
    notes: notesOn(plan, inputs, own),
    assumptions: assumptionsView(inputs),
  };
}

/** What a plan does not say by its numbers. */
function notesOn({ options }: Plan, { campaign }: PlanInputs, own: Made['own']): string[] {
  const { annotators, judge, hourlyMicros = 0n } = campaign;
  const few = options.flatMap(({ name, judge: judged, asks: { most } }) => {
    const people = most - (judged ? 1 : 0);
    if (people <= annotators) return [];
    return [
      `${name} asks up to ${people} annotators, and there are ${annotators}: what these leave open waits until its last window has passed.`,
    ];
  });
  if (own === undefined) return few;
  const { settings, decided } = own;
  const judges = !settings.workforces.includes('llm')
    ? []
    : judge === null
      ? [
          'Its judges are not played, as it is not said how often they are right: with a judge that answers first it is.',
        ]
      : settings.judge === undefined
        ? []
        : ['Its judges decide some tasks alone, which is not played: it will cost less.'];
  const begun =
    decided === 0 ? [] : [`${decided} of its tasks have ended already: planned is the whole campaign, begun anew.`];
  const rateMicros = BigInt(settings.hourlyMicros ?? 0);
  const floors =
    hourlyMicros <= rateMicros
      ? []
      : [
          `Answers earn $${formatUsd(hourlyMicros)} an hour in the mean, as the floors of pay are above its rate of $${formatUsd(rateMicros)}.`,
        ];
  return [...few, ...judges, ...begun, ...floors];
}

function assumptionsView({ source, crowd, campaign, atWork, unsure }: PlanInputs) {
  const { tasks, annotators, goldRatio, goldFloor = DEFAULT_GOLD_FLOOR.golds, feeRatio, priceMicros, judge } = campaign;
  const { hourlyMicros } = campaign;
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
    hourlyUsd: hourlyMicros === undefined ? null : formatUsd(hourlyMicros),
    judge: judge && judgeView(judge),
  };
}

const judgeView = ({ accuracy, priceMicros }: JudgeAssumptions) => ({ accuracy, ...priceView(priceMicros) });

/** Prices stay below 2^53 micro-dollars, where a JSON number is exact. */
const priceView = (micros: bigint) => ({ priceUsd: formatUsd(micros), priceMicros: Number(micros) });

function eachOf<T>({ p10, p50, p90 }: Band, of: (value: number) => T): { p10: T; p50: T; p90: T } {
  return { p10: of(p10), p50: of(p50), p90: of(p90) };
}
