import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, describe, expect, test } from 'vitest';
import type { PayoutFacts } from '../../domain/payouts/steps.ts';
import { vendorTaskQueue } from '../../domain/vendors/names.ts';
import * as messages from '../../workflows/messages.ts';
import { withWorker } from '../support/rig.ts';
import { startSkippingServer } from '../support/temporal-servers.ts';

const server = await startSkippingServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('payoutRun', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  /** An approved run with a payment for each of these vendors; how often each refuses to be asked. */
  async function run(name: string, refusals: Readonly<Record<string, number>>) {
    const asked: string[] = [];
    const done: string[] = [];
    const left = new Map(Object.entries(refusals));
    let unsettled = Object.keys(refusals);
    let state: PayoutFacts['state'] = 'approved';
    let exportedAtMs = 0;
    let ambiguous = 0;
    let endedAtMs = 0;
    const activities = {
      loadPayout: async (): Promise<PayoutFacts> => ({
        ...{ state, frozenAtMs: exportedAtMs, exportedAtMs, items: left.size, sent: unsettled.length, ambiguous },
        unsettled,
      }),
      exportPayout: async () => {
        exportedAtMs = await own.nowMs();
        state = 'exported';
      },
      askAboutPayout: async () => {
        done.push('ask');
        ambiguous = unsettled.length;
        unsettled = [];
        endedAtMs = await own.nowMs();
        // A person finds out at once, and nobody has to be woken.
        ambiguous = 0;
      },
      closePayout: async () => {
        state = 'closed';
      },
    };
    // One has a worker that reaches its vendor; the others are refused where all are.
    const paymentQueue = async ({ paymentId }: { paymentId: string }) =>
      paymentId === 'one' ? { queue: vendorTaskQueue('mturk') } : {};
    const settlePayment = async ({ paymentId }: { paymentId: string }) => {
      const { queue = messages.TASK_QUEUES.vendors } = await paymentQueue({ paymentId });
      expect(Context.current().info.taskQueue).toBe(queue);
      asked.push(paymentId);
      const times = left.get(paymentId) ?? 0;
      left.set(paymentId, times - 1);
      if (times > 0) throw ApplicationFailure.nonRetryable('No credentials.', 'vendor_refused');
      unsettled = unsettled.filter((id) => id !== paymentId);
      endedAtMs = await own.nowMs();
    };
    const vendors = { vendors: { paymentQueue, settlePayment }, vendorNames: ['mturk'] as const };
    await withWorker({ server: own, name, activities, ...vendors }, async ({ client, taskQueue }) => {
      const workflowId = messages.payoutRunWorkflowId(name);
      const args: [messages.PayoutRunInput] = [{ runId: name }];
      await (await client.start('payoutRunWorkflow', { taskQueue, workflowId, args })).result();
    });
    return { asked, done, tookMs: endedAtMs - exportedAtMs };
  }
  const own = server;

  test('settles one payment after the other, and closes', async () => {
    const { asked, done, tookMs } = await run('settles', { one: 0, other: 0 });
    expect([asked, done]).toEqual([['one', 'other'], []]);
    expect(tookMs).toBeLessThan(HOUR);
  });

  test('a vendor that cannot be asked holds up no other; it is asked again every six hours', async () => {
    const { asked, tookMs } = await run('refuses', { one: 3, other: 0 });
    expect(asked).toEqual(['one', 'other', 'one', 'one', 'one']);
    expect(tookMs).toBeGreaterThanOrEqual(18 * HOUR);
    expect(tookMs).toBeLessThan(19 * HOUR);
  });

  test('one that cannot be asked for 14 days is for a person', async () => {
    const { asked, done, tookMs } = await run('never', { one: 1000 });
    expect(done).toEqual(['ask']);
    // Once more at the end, before a person is.
    expect([4 * 14, 4 * 14 + 1]).toContain(asked.length);
    expect(tookMs).toBeGreaterThanOrEqual(14 * DAY);
  });
});
