import { PLAN_DEFAULTS } from '../../domain/planning/defaults.ts';
import { planInputs } from '../../domain/planning/inputs.ts';
import { optionOf } from '../../domain/planning/options.ts';
import { type Band, makePlan } from '../../domain/planning/plan.ts';
import { createCampaignSchema, resolveSettings, taskWorstCaseMicros } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import { percent } from '../output.ts';
import type { Preset } from './presets.ts';

const RUNS = 20;
const MAX_PLAYED = 150;
const ANNOTATORS = 24;

/** A demo's plan, made before it runs: by task, as how many tasks there will be is for its stop rules. */
export interface DemoPlan {
  /** Tasks that the pool has, or the money is enough for in the worst case. */
  readonly tasks: number;
  readonly costUsdEach: Band;
  readonly accuracy: Band;
  readonly runs: number;
  readonly assumptions: Readonly<Record<string, number>>;
}

/** What was planned, and whether what came of it lies in the band from P10 to P90. */
export interface Planned extends DemoPlan {
  /** For the tasks that were decided in the end. */
  readonly costUsd: Band;
  readonly actualUsd: number;
  readonly costHeld: boolean;
  readonly accuracyHeld: boolean;
}

/** Plans a demo with its own policy and price, and the assumptions of a plan without a pilot. */
export function planDemo(preset: Preset, given: { pool: number; golds: number; seed: string }): DemoPlan {
  const { settings, capMicros } = resolveSettings(createCampaignSchema.parse(preset.campaign));
  const tasks = Math.max(1, Math.min(given.pool, Number(capMicros / taskWorstCaseMicros(settings))));
  const { choices = () => undefined } = getTaskType(preset.taskType);
  // As `quorate plan` assumes where nobody says otherwise: nothing of the demo's own crowd is known beforehand.
  const { campaign, crowd, draw } = planInputs({
    ...PLAN_DEFAULTS,
    choices: choices(settings.config)?.length ?? PLAN_DEFAULTS.choices,
    ...{ tasks, type: preset.taskType, annotators: ANNOTATORS, judge: null, startMs: 0 },
    priceMicros: BigInt(settings.priceMicros),
    ...{ goldRatio: settings.goldRatio, goldFloor: settings.goldFloor, goldItems: given.golds },
    atWork: new Array<number>(24).fill(ANNOTATORS),
  });
  const plan = makePlan(campaign, draw, {
    ...{ runs: RUNS, seed: given.seed, maxPlayed: MAX_PLAYED },
    // A plan is in the crowd's own time, of which the demo lets more go by in each of its seconds.
    options: [optionOf('demo', { ...settings, windowMs: settings.windowMs / preset.timeScale })],
  });
  const [planned] = plan.options;
  if (!planned) throw new Error('A plan of one option has none.');
  const { p10, p50, p90 } = planned.costUsd;
  // Without a pilot no class differs from another.
  const { classes: _, ...assumed } = crowd;
  return {
    tasks,
    costUsdEach: { p10: p10 / tasks, p50: p50 / tasks, p90: p90 / tasks },
    accuracy: planned.accuracy,
    runs: RUNS,
    assumptions: { ...assumed, unsure: PLAN_DEFAULTS.unsure },
  };
}

/** The plan beside what came of it. */
export function plannedOf(plan: DemoPlan, actual: { tasks: number; spentMicros: number; accuracy: number }): Planned {
  const { p10, p50, p90 } = plan.costUsdEach;
  const costUsd = { p10: p10 * actual.tasks, p50: p50 * actual.tasks, p90: p90 * actual.tasks };
  const actualUsd = actual.spentMicros / 1e6;
  const holds = (band: Band, value: number) => value >= band.p10 && value <= band.p90;
  return {
    ...{ ...plan, costUsd, actualUsd },
    costHeld: holds(costUsd, actualUsd),
    accuracyHeld: holds(plan.accuracy, actual.accuracy),
  };
}

/** The same for a person. */
export function plannedLines(
  planned: Planned,
  { tasks, labelAccuracy }: { tasks: number; labelAccuracy: number | null },
) {
  const { costUsd, accuracy } = planned;
  const held = (holds: boolean) => (holds ? 'within the band' : 'outside of the band');
  const usd = (value: number) => `$${value.toFixed(2)}`;
  return [
    `Planned cost        ${usd(costUsd.p50)} (${usd(costUsd.p10)} to ${usd(costUsd.p90)}) for ${tasks} tasks; actual ${usd(planned.actualUsd)}: ${held(planned.costHeld)}`,
    `Planned accuracy    ${percent(accuracy.p50)} (${percent(accuracy.p10)} to ${percent(accuracy.p90)}); actual ${percent(labelAccuracy ?? 0)}: ${held(planned.accuracyHeld)}`,
  ];
}
