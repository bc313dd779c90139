import { Worker, type WorkerOptions } from '@temporalio/worker';
import { type VendorName, vendorTaskQueue } from '../domain/vendors/names.ts';
import { TASK_QUEUES } from '../workflows/messages.ts';

/** Steps of orders at once and a second, of each queue: of all workers together the latter. */
const AT_ONCE = 20;
const PER_SECOND = 20;
const POLLS = 2;

/**
 * Workers for what orders need: one queue for what is done in the database alone, and one for each vendor, with places and a
 * rate of its own, so that a vendor that is slow or does not answer takes none from another.
 */
export async function createVendorWorkers(
  common: Pick<WorkerOptions, 'connection' | 'namespace' | 'shutdownGraceTime'>,
  activities: object,
  vendors: Iterable<VendorName>,
): Promise<Worker[]> {
  const queues = [TASK_QUEUES.vendors, ...[...vendors].map(vendorTaskQueue)];
  return Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        ...common,
        taskQueue,
        activities,
        maxConcurrentActivityTaskExecutions: AT_ONCE,
        maxConcurrentActivityTaskPolls: POLLS,
        // A vendor that wants fewer says so with 429.
        maxTaskQueueActivitiesPerSecond: PER_SECOND,
      }),
    ),
  );
}
