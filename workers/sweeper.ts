import type { Db } from '../db/client.ts';
import { expireAuthorizations } from '../db/queries/authorizations.ts';
import { expireLeases } from '../db/queries/leases.ts';
import { owingCampaigns, payOwed, recordWarnings } from '../db/queries/money.ts';
import { recordPayNotices } from '../db/queries/pay-floors.ts';
import { formatUsd } from '../domain/money.ts';
import { belowFloor } from '../domain/payouts/floor.ts';
import type { Log } from './log.ts';

const BATCH = 500;
const PAY_EVERY_MS = 5 * 60_000;
const OWED_EVERY_MS = 5000;

/**
 * Returns expired leases to the pool, releases forgotten authorizations, pays what waited for money that has been released
 * since, and warns of spent budgets and of pay below a floor, until `signal` aborts.
 */
export async function runSweeper(
  options: { readonly db: Db; readonly log: Log; readonly everyMs?: number },
  signal: AbortSignal,
): Promise<void> {
  const { db, log } = options;
  let payAtMs = 0;
  let owedAtMs = 0;
  while (!signal.aborted) {
    try {
      const expired = await expireLeases(db, BATCH);
      if (expired > 0) log.debug({ expired }, 'Leases ran out.');
      await expireAuthorizations(db, BATCH);
      for (const { campaignId, percent, capMicros } of await recordWarnings(db)) {
        log.warn({ campaignId }, `${percent}% of the budget of $${formatUsd(capMicros)} are spent.`);
      }
      if (performance.now() >= owedAtMs) {
        for (const campaignId of await owingCampaigns(db)) await payOwed(db, campaignId);
        owedAtMs = performance.now() + OWED_EVERY_MS;
      }
      if (performance.now() >= payAtMs) {
        for (const notice of await recordPayNotices(db)) {
          log.warn({ campaignId: notice.campaignId }, belowFloor(notice));
        }
        payAtMs = performance.now() + PAY_EVERY_MS;
      }
      if (expired === BATCH) continue;
    } catch (error) {
      log.warn({ err: error }, 'Sweeping failed; trying again.');
    }
    await pause(options.everyMs ?? 500, signal);
  }
}

/** Waits, or returns at once when `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
