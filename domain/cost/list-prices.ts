import { TIERS, type Tier } from '../tiers.ts';
import { estimateCost } from './cost-model.ts';
import type { CostFigures } from './figures.ts';
import { PLATFORMS, type Platform } from './platforms.ts';

/** When these list prices were written down. They are data of their day: the formula is what estimates. */
export const LIST_PRICES_RECORDED = '2026-11';

/** How many preference annotations a list price is for. */
export const LIST_ANNOTATIONS = 10_000;

export interface ListPrice {
  readonly platform: Exclude<Platform, 'other'> | 'llm_judge';
  /** Dollars for 10,000 preference annotations by tier; a tier that is not offered has none. */
  readonly usd: Readonly<Partial<Record<Tier, number>>>;
  /** Agreement one may expect. */
  readonly agreement: readonly [least: number, most: number];
}

const byTier = (prices: readonly number[]): ListPrice['usd'] =>
  Object.fromEntries(prices.map((price, at) => [TIERS[at], price]));

/** List prices of preference annotations. Apart from those of the crowd they do not follow from the formula. */
export const LIST_PRICES: readonly ListPrice[] = [
  { platform: 'scale_ai', usd: byTier([2100, 5250, 10_500, 21_000]), agreement: [0.72, 0.82] },
  { platform: 'surge_ai', usd: byTier([1950, 4875, 9750, 19_500]), agreement: [0.8, 0.9] },
  { platform: 'mturk', usd: byTier([1800]), agreement: [0.45, 0.6] },
  { platform: 'self_hosted', usd: byTier([945, 2363, 4725, 9450]), agreement: [0.75, 0.92] },
  { platform: 'llm_judge', usd: byTier([50, 50, 50, 50]), agreement: [0.65, 0.8] },
];

export interface PriceComparison {
  readonly platform: ListPrice['platform'];
  readonly listUsd: number;
  /** The formula's price of as many pairwise annotations with the platform's fee, without gold and review. */
  readonly formulaUsd: number | undefined;
  readonly agreement: ListPrice['agreement'];
}

/** List prices of a tier beside what the formula says for the same work. */
export function compareListPrices(tier: Tier, figures?: CostFigures): PriceComparison[] {
  return LIST_PRICES.flatMap(({ platform, usd, agreement }) => {
    const listUsd = usd[tier];
    if (listUsd === undefined) return [];
    const known = PLATFORMS.find((name) => name === platform);
    const work = {
      type: 'pairwise',
      tier,
      figures,
      tasks: LIST_ANNOTATIONS,
      redundancy: 1,
      goldRatio: 0,
      reviewRatio: 0,
    } as const;
    return [{ platform, listUsd, formulaUsd: known && estimateCost(known, work).totalCost, agreement }];
  });
}
