/**
 * One purchase at a vendor: sends it, looks for answers at growing intervals and whenever a webhook or a task's end is
 * reported, asks the next workforce, too, where answers take too long, cancels what is no longer wanted, and closes. All it knows is in the database, so a run that was closed can
 * be woken again and takes in what came late. Bounded by the order's deadline and a time of grace.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { VendorActivities } from '../activities/index.ts';
import { nextOrderStep } from '../domain/vendors/order-steps.ts';
import * as messages from './messages.ts';

const taskQueue = messages.TASK_QUEUES.vendors;

const EVENTS_PER_RUN = 4000;

// Rows of the database alone.
const order = proxyActivities<VendorActivities>({
  taskQueue,
  startToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
});

// A vendor that cannot be reached for so long is left alone until the next look, so that the order's own time goes on.
const atVendor = (queue: string) =>
  proxyActivities<VendorActivities>({
    taskQueue: queue,
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '1 minute',
    scheduleToCloseTimeout: '1 hour',
    retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
  });

// What others of the order were answered is not to wait for long for what is to be paid or cancelled.
const telling = (queue: string) =>
  proxyActivities<VendorActivities>({
    taskQueue: queue,
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '1 minute',
    scheduleToCloseTimeout: '5 minutes',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  });

// Shorter than the shortest time in which a vendor knows a repeated purchase by its key (a day). An attempt may be slow:
// another one beside it is worse than waiting, so that only one which is not alive any more is given up.
const purchasing = (queue: string) =>
  proxyActivities<VendorActivities>({
    taskQueue: queue,
    startToCloseTimeout: '12 hours',
    heartbeatTimeout: '1 minute',
    scheduleToCloseTimeout: '12 hours',
    retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
  });

export async function vendorOrderWorkflow(input: messages.VendorOrderInput): Promise<void> {
  const { orderId } = input;
  let news = 0;
  let heard = 0;
  let { looks = 0, expired = false, hedged = false } = input.carried ?? {};
  let fresh = false;
  let refused = false;
  let untold = false;
  setHandler(messages.orderChangedSignal, () => {
    news++;
  });

  for (;;) {
    if (heard < news) {
      heard = news;
      fresh = false;
      looks = 0;
    }
    const info = workflowInfo();
    const long = info.continueAsNewSuggested || info.historyLength > (input.eventsPerRun ?? EVENTS_PER_RUN);
    if (long && patched('order-continues-as-new')) {
      await continueAsNew<typeof vendorOrderWorkflow>({ ...input, carried: { looks, expired, hedged } });
    }
    const facts = await order.loadOrder({ orderId });
    const { queue = taskQueue } = facts;
    const vendor = atVendor(queue);
    const step = nextOrderStep(facts, { atMs: Date.now(), looks, fresh, expired, hedged, refused, untold });
    switch (step.do) {
      case 'submit':
        await submit(orderId, queue);
        break;
      case 'expire':
        await order.expireOrder({ orderId });
        expired = true;
        break;
      // Only where the facts say so, which an older history's never do: it replays without a patch.
      case 'hedge':
        await order.hedgeOrder({ orderId });
        hedged = true;
        break;
      case 'bonus':
        untold = !(await reached(() => telling(queue).payBonuses({ orderId })));
        if (untold && (facts.state === 'closed' || !patched('answers-come-untold'))) refused = true;
        break;
      case 'cancel':
        untold = !(await reached(() => telling(queue).cancelUnits({ orderId })));
        // Before, nothing was collected either while the vendor would not cancel, or pay.
        if (untold && !patched('answers-come-untold')) refused = true;
        fresh = false;
        break;
      case 'collect':
        refused = !(await reached(() => vendor.collectOrder({ orderId })));
        fresh = true;
        looks++;
        break;
      case 'close':
        await order.endOrder({ orderId, state: 'closed' });
        break;
      case 'wait':
        if (!(await condition(() => heard < news, step.forMs))) fresh = false;
        refused = false;
        untold = false;
        break;
      case 'end':
        if (heard === news) return;
        break;
    }
  }
}

/** Buys, or ends the order for a reason a person can read; a purchase whose outcome stays unknown is never repeated. */
async function submit(orderId: string, queue: string): Promise<void> {
  try {
    await purchasing(queue).submitOrder({ orderId });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const refused = error.cause instanceof ApplicationFailure && error.cause.type === 'vendor_refused';
    await order.endOrder({ orderId, state: refused ? 'failed' : 'ambiguous' });
  }
}

/** Does what the vendor is needed for. False where it refused, or did not answer in time: tried again after the next wait. */
async function reached(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    // Before, a run ended here, and with it all that its order waited for.
    if (!(error instanceof ActivityFailure) || isCancellation(error) || !patched('order-outlives-refusals'))
      throw error;
    return false;
  }
}
