import { formatUsd, leastMicros } from './money.ts';
import { DEFAULT_STANDING_RULES } from './quality/standing-state.ts';
import { DEFAULT_GOLD_FLOOR, MOST_GOLDS } from './routing.ts';
import type { Tier } from './tiers.ts';
import { VENDOR_NEEDS } from './vendors/capabilities.ts';
import { isVendor } from './vendors/names.ts';

export interface StartFacts {
  readonly type: string;
  readonly strategy: string;
  /** Whether a model learns from such tasks. */
  readonly learns: boolean;
  readonly poolItems: number;
  readonly goldItems: number;
  readonly eligibleAnnotators: number;
  readonly tier: Tier;
  readonly workforces: readonly string[];
  /** BCP 47 tag of who is offered it; undefined for everybody. */
  readonly language: string | undefined;
  readonly redundancy: number;
  /** Up to how many answers a task may be extended to. */
  readonly maxRedundancy: number;
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
  /** What other caps leave: of all campaigns together, and of the workforce that is asked first; null where there is none. */
  readonly organisationFreeMicros?: bigint | null;
  readonly workforceFree?: { readonly name: string; readonly freeMicros: bigint } | null;
}

/**
 * Why a campaign cannot start, each reason with the knob to turn; empty when it can.
 * What must fit the budget is the whole of `stop.maxTasks` where that promises a number of tasks, else one batch:
 * without it the budget itself is the stop rule.
 */
export function startRefusals(facts: StartFacts): string[] {
  const reasons: string[] = [];
  if (facts.poolItems === 0) reasons.push('The pool is empty: import items first.');
  const tooFew = tooFewFor(facts);
  if (tooFew !== undefined) reasons.push(`${tooFew}: add annotators, lower the tier, or lower the redundancy.`);
  const { tasks, earlyMicros: early, workMicros, micros: worst } = startDemand(facts);
  const [what, knob] = facts.maxTasks === null ? ['One batch', 'batchSize'] : ['stop.maxTasks', 'stop.maxTasks'];
  const golds = early === 0n ? '' : ' and the first golds of its annotators';
  const all = `${what} of ${tasks} tasks${golds} could cost $${formatUsd(worst)}`;
  const lower = `lower ${knob}, ${early === 0n ? '' : 'goldFloor, '}redundancy or priceUsd`;
  if (worst > facts.capMicros) {
    reasons.push(`${all}, and the budget is $${formatUsd(facts.capMicros)}: raise budgetUsd, or ${lower}.`);
  }
  const { organisationFreeMicros: together = null, workforceFree: workforce } = facts;
  if (together !== null && worst > together) {
    reasons.push(
      `${all}, and the cap of all campaigns together leaves $${formatUsd(together)}: raise it, or ${lower}.`,
    );
  }
  // Golds are not paid out of it.
  if (workforce && workMicros > workforce.freeMicros) {
    const left = `the cap of the workforce ${workforce.name} leaves $${formatUsd(workforce.freeMicros)}`;
    reasons.push(
      `${what} of ${tasks} tasks could cost $${formatUsd(workMicros)}, and ${left}: raise it, or lower ${knob}, redundancy or priceUsd.`,
    );
  }
  return reasons;
}

type Offered = Pick<StartFacts, 'tier' | 'workforces' | 'language'>;

/** That no task could have all its answers, as the beginning of a sentence; undefined where it could. */
export function tooFewFor(facts: Offered & Pick<StartFacts, 'redundancy' | 'eligibleAnnotators'>): string | undefined {
  const { redundancy, eligibleAnnotators } = facts;
  if (eligibleAnnotators >= redundancy) return undefined;
  return `Redundancy is ${redundancy}, but only ${eligibleAnnotators} active annotators ${wantedOf(facts)}`;
}

/** What will go badly in a campaign that can start, each with the knob to turn. */
export function startWarnings(facts: StartFacts): string[] {
  const needs = facts.workforces.filter(isVendor).flatMap((vendor) => VENDOR_NEEDS[vendor] ?? []);
  return [...tooManyAnswers(facts), ...nothingLearnt(facts), ...needs];
}

function nothingLearnt({ type, strategy, learns }: StartFacts): string[] {
  if (learns || ['random', 'diversity', 'kmeans++'].includes(strategy)) return [];
  return [
    `No model learns from tasks of the type ${type}, so strategy ${strategy} can only choose every batch to be diverse, and no accuracy is ` +
      'measured or forecast: choose strategy kmeans++, which is the same, or random.',
  ];
}

function tooManyAnswers(facts: StartFacts): string[] {
  const { redundancy, maxRedundancy, eligibleAnnotators: people } = facts;
  if (people < redundancy || people >= maxRedundancy) return [];
  return [
    `A task may ask for up to ${maxRedundancy} answers, but only ${people} active annotators ${wantedOf(facts)}: ` +
      'what these leave open waits until its last window has passed. Add annotators, lower the tier, or lower maxRedundancy.',
  ];
}

/** Whom the campaign is offered to, in words. */
function wantedOf({ tier, workforces, language }: Offered): string {
  const wanted = [`have tier ${tier} or higher`, `are of workforce ${workforces.join(' or ')}`];
  return language === undefined ? wanted.join(' and ') : `${wanted.join(', ')} and work in ${language}`;
}

/** What must fit the budget at the start: how many tasks, and the most that they and their golds could cost. */
export function startDemand(facts: StartFacts): {
  tasks: number;
  earlyMicros: bigint;
  workMicros: bigint;
  micros: bigint;
} {
  const tasks = Math.min(facts.maxTasks ?? facts.batchSize, facts.poolItems);
  const gold = goldReserveMicros({ ...facts, tasks, answersPerTask: facts.redundancy });
  const earlyMicros = goldFloorMicros({
    ...facts,
    annotators: facts.eligibleAnnotators,
    answers: tasks * facts.redundancy,
    priceMicros: facts.answerPriceMicros,
  });
  const workMicros = BigInt(tasks) * facts.taskWorstCaseMicros;
  const micros = workMicros + BigInt(tasks) * facts.repeatsPerTaskMicros + gold + earlyMicros;
  return { tasks, earlyMicros, workMicros, micros };
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

/**
 * Money for the golds that decide the recalibrations of so many annotators, half of whose tasks they are: no more than come
 * beside so many answers.
 */
export function recalibrationMicros(campaign: {
  readonly recalibrating: number;
  /** Of tasks, still to come. */
  readonly answers: number;
  readonly goldItems: number;
  readonly goldRatio: number;
  readonly priceMicros: bigint;
}): bigint {
  const { recalibrating, answers, goldItems, goldRatio, priceMicros } = campaign;
  if (goldRatio === 0) return 0n;
  const golds = recalibrating * Math.min(goldItems, DEFAULT_STANDING_RULES.recalibrationGolds);
  return BigInt(Math.min(golds, answers)) * priceMicros;
}

/**
 * Money for the golds that every new annotator meets early: no more than come with so many answers, however many might
 * work on it.
 */
export function goldFloorMicros(campaign: {
  readonly annotators: number;
  /** Of tasks, still to come. */
  readonly answers: number;
  /** Of these golds, how many they have met. */
  readonly met?: number;
  readonly goldFloor: number;
  readonly goldRatio: number;
  readonly goldItems: number;
  readonly priceMicros: bigint;
}): bigint {
  const { annotators, answers, met = 0, goldFloor, goldRatio, goldItems, priceMicros } = campaign;
  if (goldRatio === 0) return 0n;
  const first = Math.min(annotators, MAX_NEWCOMERS) * Math.min(goldFloor, goldItems) - met;
  const share = Math.min(MOST_GOLDS, Math.max(goldRatio, DEFAULT_GOLD_FLOOR.probability));
  const beside = (answers * share) / (1 - share);
  // They come by chance: in all but one of a thousand cases no more than three standard deviations above the mean.
  const most = Math.ceil(beside + 3 * Math.sqrt(beside));
  return BigInt(Math.max(0, Math.min(first, most))) * priceMicros;
}

/** More are not counted on. */
export const MAX_NEWCOMERS = 1000;

/** What a batch may draw, and what its golds want. */
export interface BatchRoom {
  /** Free under the campaign's cap, its day's pace and its organisation's cap. */
  readonly freeMicros: bigint;
  /** Free under the cap of the workforce that is asked, on which golds do not draw; null where there is none. */
  readonly workforceMicros: bigint | null;
  readonly taskMicros: bigint;
  /** What golds want beside so many tasks, less what their money has left. */
  readonly goldMicros: (tasks: number) => bigint;
}

/** How many tasks of `most` fit, with their golds; of a last one's golds only what is left is set aside. */
export function batchThatFits(most: number, room: BatchRoom): { tasks: number; goldMicros: bigint } {
  const { freeMicros, workforceMicros, taskMicros, goldMicros } = room;
  const work = (tasks: number) => BigInt(tasks) * taskMicros;
  const fits = (tasks: number) =>
    work(tasks) <= (workforceMicros ?? work(tasks)) &&
    work(tasks) + (tasks === 1 ? 0n : goldMicros(tasks)) <= freeMicros;
  let [tasks, above] = [0, most + 1];
  while (above - tasks > 1) {
    const middle = Math.floor((tasks + above) / 2);
    if (fits(middle)) tasks = middle;
    else above = middle;
  }
  return { tasks, goldMicros: tasks === 0 ? 0n : leastMicros(goldMicros(tasks), freeMicros - work(tasks)) };
}
