import { PLAN_DEFAULTS } from '../../domain/planning/defaults.ts';
import { planInputs } from '../../domain/planning/inputs.ts';
import { optionOf } from '../../domain/planning/options.ts';
import { type Band, makePlan } from '../../domain/planning/plan.ts';
import { createCampaignSchema, resolveSettings } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import { banded, percent } from '../output.ts';
import type { Preset } from './presets.ts';

const RUNS = 20;
const MAX_PLAYED = 150;
const ANNOTATORS = 24;

/** A demo's plan, made before it runs: what a task costs, and how many of the pool the money pays for. */
export interface DemoPlan {
  readonly tasks: Band;
  /** Whether the money ends it, in most of the simulated campaigns, before the pool does. */
  readonly capped: boolean;
  readonly costUsdEach: Band;
  readonly accuracy: Band;
  readonly runs: number;
  readonly assumptions: Readonly<Record<string, number>>;
}

/** What was planned, and whether what came of it lies in the band from P10 to P90. */
export interface Planned extends DemoPlan {
  /** For the tasks that were decided in the end; no more than the cap. */
  readonly costUsd: Band;
  readonly actualTasks: number;
  readonly actualUsd: number;
  /** Of the cost, or of the tasks where the cap says what they cost together. */
  readonly costHeld: boolean;
  readonly accuracyHeld: boolean;
}

/** Plans a demo with its own policy and price, and the assumptions of a plan without a pilot. */
export function planDemo(preset: Preset, given: { pool: number; golds: number; seed: string }): DemoPlan {
  const { settings, capMicros } = resolveSettings(createCampaignSchema.parse(preset.campaign));
  const { choices = () => undefined } = getTaskType(preset.taskType);
  // As `quorate plan` assumes where nobody says otherwise: nothing of the demo's own crowd is known beforehand.
  const { campaign, crowd, draw } = planInputs({
    ...PLAN_DEFAULTS,
    choices: choices(settings.config)?.length ?? PLAN_DEFAULTS.choices,
    ...{ tasks: given.pool, type: preset.taskType, annotators: ANNOTATORS, judge: null, startMs: 0 },
    priceMicros: BigInt(settings.priceMicros),
    ...{ goldRatio: settings.goldRatio, goldFloor: settings.goldFloor, goldItems: given.golds },
    atWork: new Array<number>(24).fill(ANNOTATORS),
  });
  const plan = makePlan(campaign, draw, {
    ...{ runs: RUNS, seed: given.seed, maxPlayed: MAX_PLAYED, capMicros },
    // A plan is in the crowd's own time, of which the demo lets more go by in each of its seconds.
    options: [optionOf('demo', { ...settings, windowMs: settings.windowMs / preset.timeScale })],
  });
  const [planned] = plan.options;
  if (!planned?.cap) throw new Error('A plan of one option with a cap has none.');
  const { p10, p50, p90 } = planned.costUsd;
  // Without a pilot no class differs from another.
  const { classes: _, ...assumed } = crowd;
  return {
    tasks: planned.cap.tasks,
    capped: planned.cap.enough < 0.5,
    costUsdEach: { p10: p10 / given.pool, p50: p50 / given.pool, p90: p90 / given.pool },
    accuracy: planned.accuracy,
    runs: RUNS,
    assumptions: { ...assumed, unsure: PLAN_DEFAULTS.unsure },
  };
}

/** The plan beside what came of it. */
export function plannedOf(
  plan: DemoPlan,
  actual: { tasks: number; spentMicros: number; capMicros: number; accuracy: number },
): Planned {
  const most = actual.capMicros / 1e6;
  const all = (each: number) => Math.min(most, each * actual.tasks);
  const { p10, p50, p90 } = plan.costUsdEach;
  const costUsd = { p10: all(p10), p50: all(p50), p90: all(p90) };
  const actualUsd = actual.spentMicros / 1e6;
  const holds = (band: Band, value: number) => value >= band.p10 && value <= band.p90;
  return {
    ...{ ...plan, costUsd, actualTasks: actual.tasks, actualUsd },
    costHeld: plan.capped ? holds(plan.tasks, actual.tasks) : holds(costUsd, actualUsd),
    accuracyHeld: holds(plan.accuracy, actual.accuracy),
  };
}

/** The same for a person. */
export function plannedLines(
  planned: Planned,
  { capMicros, labelAccuracy }: { capMicros: number; labelAccuracy: number | null },
) {
  const { tasks, capped, costUsd, accuracy, actualTasks } = planned;
  const held = (holds: boolean) => (holds ? 'within the band' : 'outside of the band');
  const usd = (value: number) => `$${value.toFixed(2)}`;
  const cost = capped
    ? `Planned tasks       ${banded(tasks, (count) => count.toFixed(0))} for the cap of ${usd(capMicros / 1e6)}; actual ${actualTasks} for ${usd(planned.actualUsd)}`
    : `Planned cost        ${banded(costUsd, usd)} for ${actualTasks} tasks; actual ${usd(planned.actualUsd)}`;
  return [
    `${cost}: ${held(planned.costHeld)}`,
    `Planned accuracy    ${banded(accuracy, percent)}; actual ${percent(labelAccuracy ?? 0)}: ${held(planned.accuracyHeld)}`,
  ];
}
