import type { Db } from '../db/client.ts';
import { expireAuthorizations } from '../db/queries/authorizations.ts';
import { recordWarnings } from '../db/queries/budget-warnings.ts';
import { expireLeases } from '../db/queries/leases.ts';
import { owingCampaigns, payOwed } from '../db/queries/money.ts';
import { recordPayNotices } from '../db/queries/pay-floors.ts';
import { foldTallies } from '../db/queries/tallies.ts';
import { lookAgain } from '../db/queries/vendor-orders.ts';
import { forgetWebhooks } from '../db/queries/vendor-units.ts';
import { warningText } from '../domain/budget.ts';
import { belowFloor } from '../domain/payouts/floor.ts';
import type { Log } from './log.ts';

const BATCH = 500;
const TALLY_BATCH = 50_000;
const TALLY_EVERY_MS = 5000;
const PAY_EVERY_MS = 5 * 60_000;
const OWED_EVERY_MS = 5000;
const FORGET_EVERY_MS = 3_600_000;
const LOOK_EVERY_MS = 60_000;

/**
 * Returns expired leases to the pool, releases forgotten authorizations, pays what waited for money that has been released
 * since, warns of what is drawn on caps and of pay below a floor, has vendors asked once more about what is closed, adds up
 * what campaigns have, and forgets what nobody asks for any more, until `signal` aborts.
 * What fails keeps none of the others from being done.
 */
export async function runSweeper(
  options: { readonly db: Db; readonly log: Log; readonly everyMs?: number },
  signal: AbortSignal,
): Promise<void> {
  const { db, log } = options;
  const failed = (error: unknown) => log.warn({ err: error }, 'A part of the sweeping failed; trying again.');
  const warnOfSpending = async () => {
    for (const warning of await recordWarnings(db)) {
      const { campaignId, name } = warning;
      log.warn(campaignId === null ? { organisationId: name } : { campaignId }, warningText(warning));
    }
  };
  const payWhatIsOwed = async () => {
    let more = false;
    for (const campaignId of await owingCampaigns(db)) {
      more = (await payOwed(db, campaignId).catch(failed))?.more || more;
    }
    return more;
  };
  const warnOfPay = async () => {
    for (const notice of await recordPayNotices(db)) log.warn({ campaignId: notice.campaignId }, belowFloor(notice));
  };
  const duties: { readonly everyMs: number; atMs: number; readonly work: () => Promise<unknown> }[] = [
    { everyMs: 0, atMs: 0, work: () => expireAuthorizations(db, BATCH, failed) },
    { everyMs: 0, atMs: 0, work: warnOfSpending },
    { everyMs: OWED_EVERY_MS, atMs: 0, work: payWhatIsOwed },
    { everyMs: PAY_EVERY_MS, atMs: 0, work: warnOfPay },
    { everyMs: LOOK_EVERY_MS, atMs: 0, work: () => lookAgain(db, BATCH) },
    { everyMs: TALLY_EVERY_MS, atMs: 0, work: () => foldTallies(db, TALLY_BATCH) },
    { everyMs: FORGET_EVERY_MS, atMs: 0, work: () => forgetWebhooks(db) },
  ];
  const { everyMs = 500 } = options;
  const sweepLeases = async () => {
    while (!signal.aborted) {
      const expired = await expireLeases(db, BATCH).catch(failed);
      if (expired) log.debug({ expired }, 'Leases ran out.');
      if (expired !== BATCH) await pause(everyMs, signal);
    }
  };
  const doDuties = async () => {
    while (!signal.aborted) {
      for (const duty of duties) {
        if (signal.aborted) return;
        if (performance.now() < duty.atMs) continue;
        const more = await duty.work().catch(failed);
        // What is cut short, so that the others have their turn, is next again.
        duty.atMs = more === true ? 0 : performance.now() + duty.everyMs;
      }
      await pause(everyMs, signal);
    }
  };
  // Beside each other: somebody waits for each slot that is to be free again.
  await Promise.all([sweepLeases(), doDuties()]);
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
