import type { CampaignSettings } from '../settings.ts';
import { type PlanGiven, planInputs } from './inputs.ts';
import { optionsFor, ownOption } from './options.ts';
import { makePlan, type Wish } from './plan.ts';
import { planView } from './plan-view.ts';

/** All that a plan by simulation depends on, as plain data. */
export interface AskedPlan {
  readonly given: PlanGiven;
  /** The campaign that is planned, where there is one: its rules are played. */
  readonly own?: CampaignSettings | undefined;
  readonly runs: number;
  readonly maxPlayed: number;
  readonly seed: string;
  readonly wish: Wish;
  /** The cap of the campaign that is planned. */
  readonly capMicros?: bigint | undefined;
  /** How many of its tasks are decided already. */
  readonly decided?: number | undefined;
}

/** Makes a plan, as documents have it. */
export function answerPlan({ given, own, decided = 0, ...settings }: AskedPlan) {
  const inputs = planInputs(given);
  const withJudge = given.judge !== null;
  const plan = makePlan(inputs.campaign, inputs.draw, { ...settings, options: optionsFor(withJudge, own) });
  return planView(plan, inputs, {
    startMs: given.startMs,
    played: { by: 'simulation', tasks: Math.min(given.tasks, settings.maxPlayed) },
    own: own && { settings: own, option: ownOption(own, withJudge), decided },
    capMicros: settings.capMicros,
  });
}

/** A plan as documents have it. */
export type PlanAnswer = ReturnType<typeof answerPlan>;
