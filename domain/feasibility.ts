import { formatUsd } from './money.ts';
import type { Tier } from './tiers.ts';

export interface StartFacts {
  readonly poolItems: number;
  readonly goldItems: number;
  readonly eligibleAnnotators: number;
  readonly tier: Tier;
  readonly redundancy: number;
  readonly batchSize: number;
  readonly maxTasks: number | null;
  readonly goldRatio: number;
  /** Golds that every new annotator meets early. */
  readonly goldFloor: number;
  readonly taskWorstCaseMicros: bigint;
  /** Set aside with each task for asking the same again after some days. */
  readonly repeatsPerTaskMicros: bigint;
  readonly answerPriceMicros: bigint;
  readonly capMicros: bigint;
}

/**
 * Why a campaign cannot start, each reason with the knob to turn; empty when it can.
 * What must fit the budget is the whole of `stop.maxTasks` where that promises a number of tasks, else one batch:
 * without it the budget itself is the stop rule.
 */
export function startRefusals(facts: StartFacts): string[] {
  const reasons: string[] = [];
  if (facts.poolItems === 0) reasons.push('The pool is empty: import items first.');
  if (facts.eligibleAnnotators < facts.redundancy) {
    reasons.push(
      `Redundancy is ${facts.redundancy}, but only ${facts.eligibleAnnotators} active annotators have tier ${facts.tier} or higher: ` +
        'add annotators, lower the tier, or lower the redundancy.',
    );
  }
  const { tasks, earlyMicros: early, micros: worst } = startDemand(facts);
  if (worst > facts.capMicros) {
    const [what, knob] = facts.maxTasks === null ? ['One batch', 'batchSize'] : ['stop.maxTasks', 'stop.maxTasks'];
    const golds = early === 0n ? '' : ` and the first golds of ${facts.eligibleAnnotators} annotators`;
    reasons.push(
      `${what} of ${tasks} tasks${golds} could cost $${formatUsd(worst)}, and the budget is $${formatUsd(facts.capMicros)}: ` +
        `raise budgetUsd, or lower ${knob}, ${early === 0n ? '' : 'goldFloor, '}redundancy or priceUsd.`,
    );
  }
  return reasons;
}

/** What must fit the budget at the start: how many tasks, and the most that they and their golds could cost. */
export function startDemand(facts: StartFacts): { tasks: number; earlyMicros: bigint; micros: bigint } {
  const tasks = Math.min(facts.maxTasks ?? facts.batchSize, facts.poolItems);
  const gold = goldReserveMicros({ ...facts, tasks, answersPerTask: facts.redundancy });
  const earlyMicros = goldFloorMicros({
    ...facts,
    annotators: facts.eligibleAnnotators,
    priceMicros: facts.answerPriceMicros,
  });
  const micros = BigInt(tasks) * (facts.taskWorstCaseMicros + facts.repeatsPerTaskMicros) + gold + earlyMicros;
  return { tasks, earlyMicros, micros };
}

/** Money set aside with a batch for the gold answers that its annotators will meet. */
export function goldReserveMicros(batch: {
  readonly tasks: number;
  readonly answersPerTask: number;
  readonly goldRatio: number;
  readonly goldItems: number;
  readonly answerPriceMicros: bigint;
}): bigint {
  if (batch.goldItems === 0) return 0n;
  return BigInt(Math.ceil(batch.tasks * batch.answersPerTask * batch.goldRatio)) * batch.answerPriceMicros;
}

/** Money for the golds that every new annotator meets early, however few answers they give after. */
export function goldFloorMicros(campaign: {
  readonly annotators: number;
  readonly goldFloor: number;
  readonly goldRatio: number;
  readonly goldItems: number;
  readonly priceMicros: bigint;
}): bigint {
  const { annotators, goldFloor, goldRatio, goldItems, priceMicros } = campaign;
  return goldRatio === 0 ? 0n : BigInt(annotators * Math.min(goldFloor, goldItems)) * priceMicros;
}
