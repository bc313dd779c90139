/**
 * One payout run: collects what is owed and freezes it, waits for a person's approval, fixes the bank's file, waits for
 * the provider's report, and closes when every payment has an outcome. All it knows is in the database; every wait is
 * bounded.
 */
import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
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

export async function payoutRunWorkflow({ runId }: messages.PayoutRunInput): Promise<void> {
  let news = 0;
  let heard = 0;
  setHandler(messages.payoutChangedSignal, () => {
    news++;
  });
  for (;;) {
    heard = news;
    const step = nextPayoutStep(await payout.loadPayout({ runId }), Date.now());
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
      case 'ask_person':
        await payout.askAboutPayout({ runId });
        break;
      case 'close':
        await payout.closePayout({ runId });
        break;
      case 'wait':
        await condition(() => heard < news, step.forMs);
        break;
      case 'end':
        if (heard === news) return;
        break;
    }
  }
}
