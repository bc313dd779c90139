/**
 * One payout run: collects what is owed and freezes it, waits for a person's approval, fixes the bank's file, accepts at
 * vendors whose workers are paid so, waits for the provider's report, and closes when every payment has an outcome. All it
 * knows is in the database; every wait is bounded.
 */
import { ActivityFailure, condition, isCancellation, patched, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities, VendorActivities } from '../activities/index.ts';
import { nextPayoutStep } from '../domain/payouts/steps.ts';
import * as messages from './messages.ts';

// Each is one short transaction; a worker that dies with one in hand is noticed when its time is over.
const payout = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
});

// One transaction that may be long; it says that it is alive.
const long = proxyActivities<Activities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
});

// Some orders at a vendor, one after the other; what it said is in the database, so an attempt goes on where the last one
// was. A vendor that cannot be asked for so long is left alone until the next look, and the run's own time goes on.
const atVendor = (taskQueue: string) =>
  proxyActivities<VendorActivities>({
    taskQueue,
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '1 minute',
    scheduleToCloseTimeout: '3 hours',
    retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
  });

export async function payoutRunWorkflow({ runId }: messages.PayoutRunInput): Promise<void> {
  let news = 0;
  let heard = 0;
  let unreached: readonly string[] = [];
  setHandler(messages.payoutChangedSignal, () => {
    news++;
  });
  for (;;) {
    if (heard < news) unreached = [];
    heard = news;
    const step = nextPayoutStep(await payout.loadPayout({ runId }), Date.now(), unreached);
    switch (step.do) {
      case 'collect':
        await long.collectPayout({ runId });
        break;
      case 'cancel':
        await payout.cancelPayout({ runId, reason: step.reason });
        break;
      case 'export':
        await long.exportPayout({ runId });
        break;
      // Only where the facts say so; see `settle` for older histories.
      case 'settle':
        if (!(await reached(() => settle(step.paymentId)))) unreached = [...unreached, step.paymentId];
        break;
      case 'ask_person':
        await payout.askAboutPayout({ runId });
        break;
      case 'close':
        await payout.closePayout({ runId });
        break;
      case 'wait':
        await condition(() => heard < news, step.forMs);
        unreached = [];
        break;
      case 'end':
        if (heard === news) return;
        break;
    }
  }
}

/** Through the queue of its vendor, which has places and a rate of its own. */
async function settle(paymentId: string): Promise<void> {
  const common = messages.TASK_QUEUES.vendors;
  const queue = patched('payments-by-vendor') ? (await atVendor(common).paymentQueue({ paymentId })).queue : undefined;
  await atVendor(queue ?? common).settlePayment({ paymentId });
}

/** False where the vendor refused, or did not answer in time. */
async function reached(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return false;
  }
}
