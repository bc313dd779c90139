import { leastMicros, worstCaseMicros } from './money.ts';

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
  /** And if the whole pool is chosen: every task at its most answers and highest price, golds included. */
  readonly wholePoolMicros: bigint;
  /** The most it can come to under the cap as it is: the cap, or the whole pool where that is less. */
  readonly atMostMicros: bigint;
}

/** The most a campaign can still come to. */
export function exposureOf(campaign: {
  readonly capMicros: bigint;
  readonly reservedMicros: bigint;
  readonly spentMicros: bigint;
  readonly owedMicros: bigint;
  readonly pool: number;
  readonly maxRedundancy: number;
  readonly highestPriceMicros: bigint;
  readonly goldRatio: number;
}): Exposure {
  const { capMicros, pool, maxRedundancy, goldRatio } = campaign;
  const committedMicros = campaign.reservedMicros + campaign.spentMicros + campaign.owedMicros;
  const priceMicros = campaign.highestPriceMicros;
  const wholePoolMicros = committedMicros + worstCaseMicros({ tasks: pool, maxRedundancy, priceMicros, goldRatio });
  return {
    committedMicros,
    wholePoolMicros,
    atMostMicros: leastMicros(wholePoolMicros, capMicros),
  };
}
