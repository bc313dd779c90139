import { goldFloorMicros } from './feasibility.ts';
import { leastMicros, mostMicros, worstCaseMicros } from './money.ts';
import { type ConsistencyRules, repeatReserveMicros } from './quality/consistency.ts';

/** Shares of a cap, in percent, at which its spending is warned of. */
export const WARNING_PERCENTS = [50, 80, 95] as const;

/** The shares of `WARNING_PERCENTS` that have been spent. */
export function warningsAt(budget: { capMicros: bigint; spentMicros: bigint }): number[] {
  if (budget.capMicros === 0n) return [];
  return WARNING_PERCENTS.filter((percent) => budget.spentMicros * 100n >= budget.capMicros * BigInt(percent));
}

export interface Exposure {
  /** What it comes to at most if nothing more is chosen: spent, reserved, and pay that waits for money. */
  readonly committedMicros: bigint;
  /** And if the whole pool is chosen: every task at its most answers and dearest price, with golds and repeats. */
  readonly wholePoolMicros: bigint;
  /** The most it can come to under the cap as it is: the cap, or the whole pool where that is less. */
  readonly atMostMicros: bigint;
}

/** What the most that a campaign can come to depends on. */
export interface ExposureFacts {
  readonly capMicros: bigint;
  readonly reservedMicros: bigint;
  readonly spentMicros: bigint;
  readonly owedMicros: bigint;
  /** Items that no task was made of. */
  readonly pool: number;
  readonly maxRedundancy: number;
  /** An answer's price after every raise. */
  readonly highestPriceMicros: bigint;
  /** What its vendors may take for an answer. */
  readonly vendorPricesMicros: readonly bigint[];
  /** Share of assignments that are golds. */
  readonly goldRatio: number;
  readonly goldItems: number;
  /** Golds that every new annotator meets early, and how many annotators will be new to the campaign. */
  readonly goldFloor: number;
  readonly newAnnotators: number;
  readonly consistency: ConsistencyRules | null | undefined;
}

/** More golds than this among assignments are no campaign. */
const MOST_GOLDS = 0.99;

/** The most a campaign can still come to. */
export function exposureOf(campaign: ExposureFacts): Exposure {
  const { capMicros, pool, maxRedundancy, goldItems } = campaign;
  const committedMicros = campaign.reservedMicros + campaign.spentMicros + campaign.owedMicros;
  const priceMicros = mostMicros(campaign.highestPriceMicros, ...campaign.vendorPricesMicros);
  // The ratio is of all assignments, golds included: beside 95 others come 5 golds, not 4.75.
  const share = Math.min(MOST_GOLDS, campaign.goldRatio);
  const goldRatio = goldItems > 0 ? share / (1 - share) : 0;
  const work = worstCaseMicros({ tasks: pool, maxRedundancy, priceMicros, goldRatio });
  // Nobody is new to a campaign in which nothing is left to do.
  const early = pool > 0 ? goldFloorMicros({ ...campaign, annotators: campaign.newAnnotators, priceMicros }) : 0n;
  const repeats = BigInt(pool) * repeatReserveMicros(campaign.consistency, { answers: maxRedundancy, priceMicros });
  const wholePoolMicros = committedMicros + work + early + repeats;
  return {
    committedMicros,
    wholePoolMicros,
    atMostMicros: leastMicros(wholePoolMicros, capMicros),
  };
}
