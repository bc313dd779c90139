import { ApplicationFailure } from '@temporalio/common';
import { afterAll, describe, expect, test } from 'vitest';
import type { VendorActivities } from '../../activities/index.ts';
import type { OrderFacts } from '../../domain/vendors/order-steps.ts';
import * as messages from '../../workflows/messages.ts';
import { chainsOf, withWorker } from '../support/rig.ts';
import { startSkippingServer } from '../support/temporal-servers.ts';

const server = await startSkippingServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

const HOUR = 3_600_000;

/** An order whose vendor answers after so long; what was asked of it, in order. */
function orderWorld(given: { answersAfterMs: number; hedgeAfterMs?: number; refuses?: true }) {
  const { answersAfterMs, hedgeAfterMs } = given;
  const calls: string[] = [];
  let cancels = 0;
  let endedAtMs = 0;
  const maybe = () => {
    if (given.refuses) throw ApplicationFailure.nonRetryable('No credentials.', 'vendor_refused');
  };
  let state: OrderFacts['state'] = 'intent';
  let submittedAtMs = 0;
  let hedgedAtMs: number | undefined;
  let outstanding = 1;
  const world: Record<keyof VendorActivities, (input: never) => Promise<unknown>> = {
    loadOrder: async (): Promise<OrderFacts> => ({
      ...{ state, outstanding, cancels, held: 0, graceMs: HOUR, pollMs: [HOUR] },
      deadlineMs: submittedAtMs + 100 * HOUR,
      ...(hedgeAfterMs === undefined || hedgedAtMs !== undefined ? {} : { hedgeAtMs: submittedAtMs + hedgeAfterMs }),
    }),
    submitOrder: async () => {
      state = 'placed';
      submittedAtMs = await nowMs();
    },
    collectOrder: async () => {
      maybe();
      if ((await nowMs()) - submittedAtMs >= answersAfterMs) outstanding = 0;
    },
    hedgeOrder: async () => {
      hedgedAtMs = await nowMs();
      return { hedged: 1 };
    },
    cancelUnits: async () => maybe(),
    payBonuses: async () => undefined,
    settlePayment: async () => undefined,
    paymentQueue: async () => ({}),
    expireOrder: async () => {
      cancels = 1;
    },
    endOrder: async (input: { state: OrderFacts['state'] }) => {
      state = input.state;
      outstanding = 0;
      cancels = 0;
      endedAtMs = await nowMs();
    },
  };
  const activities = Object.fromEntries(
    Object.entries(world).map(([name, call]) => [
      name,
      async (input: never) => {
        if (name !== 'loadOrder') calls.push(name);
        return call(input);
      },
    ]),
  );
  const endedAfterMs = () => endedAtMs - submittedAtMs;
  return { activities, calls, endedAfterMs, hedgedAfterMs: () => hedgedAtMs && hedgedAtMs - submittedAtMs };
}

/** The server's time, which runs ahead while everybody waits. */
const nowMs = async () => ('unavailable' in server ? 0 : server.nowMs());

describe('vendorOrder', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  /** Says how many runs it took. */
  const run = (name: string, world: ReturnType<typeof orderWorld>, more: Partial<messages.VendorOrderInput> = {}) =>
    withWorker({ server, name, activities: {}, vendors: world.activities }, async ({ client, taskQueue }) => {
      const workflowId = messages.vendorOrderWorkflowId(name);
      const args: [messages.VendorOrderInput] = [{ orderId: name, ...more }];
      const order = await client.start('vendorOrderWorkflow', { taskQueue, workflowId, args });
      await order.result();
      return (await chainsOf(client, [{ workflowId, runId: order.firstExecutionRunId }])).length;
    });

  test('asks a second source once the time of most answers is over, between two looks, and once', async () => {
    const world = orderWorld({ answersAfterMs: 5 * HOUR, hedgeAfterMs: 1.5 * HOUR });
    await run('hedged', world);
    expect(world.calls.filter((call) => call === 'hedgeOrder')).toHaveLength(1);
    expect(world.hedgedAfterMs()).toBeGreaterThanOrEqual(1.5 * HOUR);
    expect(world.hedgedAfterMs()).toBeLessThan(2 * HOUR);
    // What had come was looked at just before.
    expect(world.calls[world.calls.indexOf('hedgeOrder') - 1]).toBe('collectOrder');
    expect(world.calls.at(-1)).toBe('endOrder');
  });

  test('a vendor that refuses all that comes after the purchase: the order ends in its time, and not before', async () => {
    const world = orderWorld({ answersAfterMs: 0, refuses: true });
    await run('refusing', world);
    expect(world.calls.filter((call) => call === 'collectOrder').length).toBeGreaterThan(50);
    expect(world.calls.filter((call) => call === 'expireOrder')).toHaveLength(1);
    expect(world.calls.at(-1)).toBe('endOrder');
    expect(world.endedAfterMs()).toBeGreaterThanOrEqual(101 * HOUR);
  });

  test('an order that is looked at for long continues as new, and hedges once all the same', async () => {
    const world = orderWorld({ answersAfterMs: 20 * HOUR, hedgeAfterMs: 1.5 * HOUR });
    expect(await run('long', world, { eventsPerRun: 60 })).toBeGreaterThan(2);
    expect(world.calls.filter((call) => call === 'hedgeOrder')).toHaveLength(1);
    expect(world.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  });

  test('asks nobody else where the answer comes in time, or hedging is off', async () => {
    const quick = orderWorld({ answersAfterMs: HOUR / 2, hedgeAfterMs: 1.5 * HOUR });
    await run('quick', quick);
    const alone = orderWorld({ answersAfterMs: 5 * HOUR });
    await run('alone', alone);
    expect([...quick.calls, ...alone.calls]).not.toContain('hedgeOrder');
  });
});
