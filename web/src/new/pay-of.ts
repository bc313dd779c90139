import { usdFault } from './settings-fault';

/** Dollars as they were typed; undefined where nothing was, or no amount above 0. */
export function amountOf(typed: string): number | undefined {
  const amount = Number(typed);
  return typed.trim() !== '' && usdFault(typed) === undefined && amount > 0 ? amount : undefined;
}

export interface Pay {
  /** What an answer costs that takes its usual time. */
  readonly usualUsd: number;
  /** What is reserved for one. */
  readonly mostUsd: number;
}

/**
 * What an answer costs. `timeUsd` is what its usual time earns; by the hour an answer earns its time, up to the price, or
 * where none is set up to twice the usual.
 */
export function payOf(timeUsd: number, priceUsd: number | undefined, hourlyUsd: number | undefined): Pay {
  if (hourlyUsd === undefined) return { usualUsd: priceUsd ?? timeUsd, mostUsd: priceUsd ?? timeUsd };
  const mostUsd = priceUsd ?? 2 * timeUsd;
  return { usualUsd: Math.min(timeUsd, mostUsd), mostUsd };
}
