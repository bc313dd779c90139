import type { Rng } from '../rng.ts';
import { DEFAULT_GOLD_FLOOR, expectedGolds } from '../routing.ts';
import type { CampaignAssumptions, CrowdAssumptions } from './assumptions.ts';
import { afterHoursManned, finishHoursOf, hoursManned, type Roster } from './calendar.ts';
import { meanAt, meanSeconds } from './people.ts';
import type { PlayedCampaign } from './played-campaign.ts';
import { LAPSES } from './played-crowd.ts';

/** What one campaign came to. */
export interface Outcome {
  readonly costMicros: bigint;
  /** Of it, what counts against a campaign's cap: the pay of people and judges, without a platform's fee. */
  readonly chargedMicros: bigint;
  /** Of that, the golds that newcomers meet early, however many tasks there are. */
  readonly earlyGoldMicros: bigint;
  readonly hours: number;
  /** Share of tasks whose label is right. */
  readonly accuracy: number;
  /** How many tasks, drawn alike, would say as much about that share: those beyond the played ones repeat the later half. */
  readonly seenTasks: number;
  /** Of those beyond, how many were answered without being played, and how many of these rightly. */
  readonly sampled: { readonly tasks: number; readonly right: number };
  /** Share of tasks that were given up without a label. */
  readonly unresolved: number;
  readonly answersPerTask: number;
}

interface Given {
  readonly campaign: CampaignAssumptions;
  readonly crowd: CrowdAssumptions;
  readonly skills: readonly number[];
  /** How many tasks were played. */
  readonly tasks: number;
  /** When somebody began the last of them, and when all had ended. */
  readonly hours: { readonly lastBegun: number; readonly ended: number };
  readonly newRoster: () => Roster;
}

/**
 * What a campaign comes to of which some tasks were played: the others are taken to go like the later half of these,
 * when the crowd was known, and to be answered by the same people, who are newcomers no more.
 */
export function outcomeOf(played: PlayedCampaign, given: Given, rng: Rng): Outcome {
  const { campaign, crowd, tasks, hours } = given;
  const { counts, money } = played;
  const more = campaign.tasks - tasks;
  const later = played.later();
  const answers = Math.round(more * (later.answers / later.tasks));
  const beyond = played.beyond(answers);
  const people = answers + beyond.golds + drawn(goldsBeyond(played.workBy(), beyond.unlooked, given), rng);
  const eachMicros = meanPayMicros(campaign, crowd);
  const peopleMicros = money.peopleMicros + BigInt(Math.round(people * eachMicros));
  const feeMicros = BigInt(Math.round(Number(peopleMicros) * campaign.feeRatio));
  // A judge answers each task once.
  const judgeMicros = (money.judgeMicros / BigInt(tasks)) * BigInt(campaign.tasks);
  const turnS = meanOf(people, crowd, rng) / (1 - LAPSES);
  const leftS = beyond.turns.map((turns) => turns * turnS);
  const hands = { atWork: campaign.atWork, leftS, newRoster: given.newRoster };
  const lastBegun = more === 0 ? hours.lastBegun : finishHoursOf(people * turnS, hands, rng, hours.lastBegun);
  // What is under way when the last task is begun takes as long then as here, but for the nights that lay between.
  const tail = hoursManned(hours.lastBegun, hours.ended, campaign);
  const { goldFloor = DEFAULT_GOLD_FLOOR.golds } = campaign;
  const earlyGolds = Math.min(counts.golds + beyond.golds, goldFloor * campaign.annotators);
  const right = played.right() + more * (later.right / later.tasks);
  return {
    costMicros: peopleMicros + feeMicros + judgeMicros,
    chargedMicros: peopleMicros + judgeMicros,
    earlyGoldMicros: BigInt(Math.round(earlyGolds * eachMicros)),
    hours: more === 0 ? hours.ended : afterHoursManned(tail, campaign, lastBegun),
    accuracy: right / campaign.tasks,
    seenTasks: campaign.tasks ** 2 / (tasks - later.tasks + (later.tasks + more) ** 2 / later.tasks),
    sampled: { tasks: beyond.tasks, right: beyond.right },
    unresolved: played.unresolved() / tasks,
    answersPerTask: (counts.answers + answers) / campaign.tasks + counts.judged / tasks,
  };
}

/** How many golds annotators meet beside so many answers more of each. */
function goldsBeyond(work: readonly number[], more: readonly number[], { campaign, crowd, skills }: Given): number {
  const { goldRatio, goldFloor = DEFAULT_GOLD_FLOOR.golds, goldItems = Number.POSITIVE_INFINITY } = campaign;
  const floor = { ...DEFAULT_GOLD_FLOOR, golds: goldFloor };
  return skills.reduce((sum, skill, at) => {
    const [before = 0, beyond = 0] = [work[at], more[at]];
    const met = { goldRatio, floor, accuracy: meanAt(skill, crowd.easeSd) };
    const golds = (given: number) => Math.min(goldItems, expectedGolds(given, met));
    return sum + golds(before + beyond) - golds(before);
  }, 0);
}

/** Golds are drawn answer by answer: Poisson, by its normal approximation. */
function drawn(golds: number, rng: Rng): number {
  return golds > 0 ? Math.round(Math.max(0, golds + Math.sqrt(golds) * rng.normal())) : 0;
}

/** What an answer earns on average: its price, or by the hour its log-normal time, but no more than the price. */
function meanPayMicros({ priceMicros, hourlyMicros }: CampaignAssumptions, crowd: CrowdAssumptions): number {
  const most = Number(priceMicros);
  if (hourlyMicros === undefined) return most;
  const medianMicros = (Number(hourlyMicros) / 3600) * crowd.secondsMedian;
  let sum = 0;
  let weights = 0;
  for (let z = -6; z <= 6; z += 0.05) {
    const weight = Math.exp(-(z ** 2) / 2);
    sum += weight * Math.min(most, medianMicros * Math.exp(crowd.secondsLogSd * z));
    weights += weight;
  }
  return sum / weights;
}

/** The mean of `count` log-normal times: near its expectation, off by its standard error. */
function meanOf(count: number, crowd: CrowdAssumptions, rng: Rng): number {
  const mean = meanSeconds(crowd);
  const error = (mean * Math.sqrt(Math.exp(crowd.secondsLogSd ** 2) - 1)) / Math.sqrt(Math.max(1, count));
  return Math.max(0, mean + error * rng.normal());
}
