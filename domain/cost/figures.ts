import { MICROS_PER_USD } from '../money.ts';
import { taskTypes } from '../tasks/index.ts';
import { TASK_TYPE_NAMES, type TaskTypeName } from '../tasks/task-type.ts';
import { TIERS, type Tier } from '../tiers.ts';
import { PLATFORMS, type Platform } from './platforms.ts';

/** All that the cost model goes by: each is a setting of the organisation. */
export interface CostFigures {
  /** What an hour of work costs. */
  readonly hourlyMicros: Readonly<Record<Tier, bigint>>;
  /** For one annotation. */
  readonly seconds: Readonly<Record<TaskTypeName, number>>;
  /** What a platform takes on top of the annotations, as a share of them. */
  readonly fees: Readonly<Record<Platform, number>>;
  /** Gold answers on top of the work. */
  readonly goldRatio: number;
  /** Share of tasks that somebody reviews. */
  readonly reviewRatio: number;
  /** Price of a review in prices of one annotation. */
  readonly reviewFactor: number;
  /** What running it oneself is taken to cost a month, for the break-even. */
  readonly hostingMicros: bigint;
}

/** Those that hold where nothing is set. That hosting costs about half an engineer is our own assumption. */
export const USUAL_FIGURES: CostFigures = {
  hourlyMicros: {
    crowd: 12n * MICROS_PER_USD,
    trained: 25n * MICROS_PER_USD,
    expert: 50n * MICROS_PER_USD,
    domain_specialist: 100n * MICROS_PER_USD,
  },
  seconds: each(TASK_TYPE_NAMES, (type) => taskTypes[type].defaultSeconds),
  fees: { scale_ai: 0.4, surge_ai: 0.3, mturk: 0.2, self_hosted: 0.05, other: 0.1 },
  goldRatio: 0.05,
  reviewRatio: 0.1,
  reviewFactor: 2,
  hostingMicros: 10_000n * MICROS_PER_USD,
};

/** Figures that were set, by name such as `fee.mturk` or `review`, each in millionths of its dollars, seconds or ratio. */
export type SetFigures = ReadonlyMap<string, bigint>;

/** The figures with those that were set in place of the usual ones. */
export function withFigures(set: SetFigures): CostFigures {
  const usual = USUAL_FIGURES;
  const micros = (name: string, otherwise: bigint) => set.get(name) ?? otherwise;
  const number = (name: string, otherwise: number) => {
    const millionths = set.get(name);
    return millionths === undefined ? otherwise : Number(millionths) / 1e6;
  };
  return {
    hourlyMicros: each(TIERS, (tier) => micros(`hourlyUsd.${tier}`, usual.hourlyMicros[tier])),
    seconds: each(TASK_TYPE_NAMES, (type) => number(`seconds.${type}`, usual.seconds[type])),
    fees: each(PLATFORMS, (platform) => number(`fee.${platform}`, usual.fees[platform])),
    goldRatio: number('gold', usual.goldRatio),
    reviewRatio: number('review', usual.reviewRatio),
    reviewFactor: number('reviewFactor', usual.reviewFactor),
    hostingMicros: micros('hostingUsd', usual.hostingMicros),
  };
}

/** Each figure by its name, in dollars, seconds or as a ratio, beside the usual one. */
export function listFigures(figures: CostFigures): { name: string; value: number; usual: number }[] {
  const usual = new Map(valuesOf(USUAL_FIGURES).map(({ name, value }) => [name, value]));
  return valuesOf(figures).map((figure) => ({ ...figure, usual: usual.get(figure.name) ?? figure.value }));
}

/** Which figures are not the usual ones. */
export function unusualFigures(figures: CostFigures): { name: string; value: number; usual: number }[] {
  return listFigures(figures).filter(({ value, usual }) => value !== usual);
}

function valuesOf(figures: CostFigures): { name: string; value: number }[] {
  const usd = (micros: bigint) => Number(micros) / 1e6;
  return [
    ...TIERS.map((tier) => ({ name: `hourlyUsd.${tier}`, value: usd(figures.hourlyMicros[tier]) })),
    ...TASK_TYPE_NAMES.map((type) => ({ name: `seconds.${type}`, value: figures.seconds[type] })),
    ...PLATFORMS.map((platform) => ({ name: `fee.${platform}`, value: figures.fees[platform] })),
    { name: 'gold', value: figures.goldRatio },
    { name: 'review', value: figures.reviewRatio },
    { name: 'reviewFactor', value: figures.reviewFactor },
    { name: 'hostingUsd', value: usd(figures.hostingMicros) },
  ];
}

function each<K extends string, V>(names: readonly K[], of: (name: K) => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, V>;
}
