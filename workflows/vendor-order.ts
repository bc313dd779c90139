/**
 * One purchase at a vendor: sends it, looks for answers at growing intervals and whenever a webhook or a task's end is
 * reported, asks the next workforce, too, where answers take too long, cancels what is no longer wanted, and closes. All it knows is in the database, so a run that was closed can
 * be woken again and takes in what came late. Bounded by the order's deadline and a time of grace.
 */
import { ActivityFailure, ApplicationFailure, condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { VendorActivities } from '../activities/index.ts';
import { nextOrderStep } from '../domain/vendors/order-steps.ts';
import * as messages from './messages.ts';

const taskQueue = messages.TASK_QUEUES.vendors;

const vendor = proxyActivities<VendorActivities>({
  taskQueue,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
});

// Shorter than the shortest time in which a vendor knows a repeated purchase by its key (a day).
const purchase = proxyActivities<VendorActivities>({
  taskQueue,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '2 minutes',
  scheduleToCloseTimeout: '12 hours',
  retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
});

export async function vendorOrderWorkflow(input: messages.VendorOrderInput): Promise<void> {
  const { orderId } = input;
  let news = 0;
  let heard = 0;
  let looks = 0;
  let fresh = false;
  let expired = false;
  let hedged = false;
  setHandler(messages.orderChangedSignal, () => {
    news++;
  });

  for (;;) {
    if (heard < news) {
      heard = news;
      fresh = false;
      looks = 0;
    }
    const facts = await vendor.loadOrder({ orderId });
    const step = nextOrderStep(facts, { atMs: Date.now(), looks, fresh, expired, hedged });
    switch (step.do) {
      case 'submit':
        await submit(orderId);
        break;
      case 'expire':
        await vendor.expireOrder({ orderId });
        expired = true;
        break;
      // Only where the facts say so, which an older history's never do: it replays without a patch.
      case 'hedge':
        await vendor.hedgeOrder({ orderId });
        hedged = true;
        break;
      case 'bonus':
        await vendor.payBonuses({ orderId });
        break;
      case 'cancel':
        await vendor.cancelUnits({ orderId });
        fresh = false;
        break;
      case 'collect':
        await vendor.collectOrder({ orderId });
        fresh = true;
        looks++;
        break;
      case 'close':
        await vendor.endOrder({ orderId, state: 'closed' });
        break;
      case 'wait':
        if (!(await condition(() => heard < news, step.forMs))) fresh = false;
        break;
      case 'end':
        if (heard === news) return;
        break;
    }
  }
}

/** Buys, or ends the order for a reason a person can read; a purchase whose outcome stays unknown is never repeated. */
async function submit(orderId: string): Promise<void> {
  try {
    await purchase.submitOrder({ orderId });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const refused = error.cause instanceof ApplicationFailure && error.cause.type === 'vendor_refused';
    await vendor.endOrder({ orderId, state: refused ? 'failed' : 'ambiguous' });
  }
}
