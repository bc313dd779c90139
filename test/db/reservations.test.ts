import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { setLimits } from '../../db/queries/limits.ts';
import { budgetOf, setCap } from '../../db/queries/money.ts';
import { createReservationQueue } from '../../db/queries/reservations.ts';
import { createTestDatabase } from '../support/database.ts';
import { expectInvariants, plan, scene } from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

const CENT = 10_000n;
const settle = (taskId: string) =>
  createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined }).closeTask({
    taskId,
    outcome: 'unresolved',
    log: [],
  });

describe('reservations that meet', () => {
  it('use all of the room and no more, each for itself', async () => {
    const made = await scene(db, { items: 3, settings: { budgetUsd: '2' } });
    const { campaignId } = made;
    const tasks = await plan(db, made, 3);
    const queue = createReservationQueue(db);
    // 0.90 are reserved for the tasks; 22 times 0.05 fit in the rest.
    const asked = Array.from({ length: 100 }, (_, at) =>
      queue.add({ campaignId, taskId: tasks[at % 3] ?? '', amountMicros: 5n * CENT, key: uuidv7() }),
    );
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((each) => each === 'reserved')).toHaveLength(22);
    expect(outcomes.filter((each) => each === 'no_room')).toHaveLength(78);
    expect(await budgetOf(db, campaignId)).toMatchObject({ reservedMicros: 2_000_000n });
    await expectInvariants(db, campaignId);
  });

  it('of several campaigns, repeated ones and those of ended tasks each get their answer', async () => {
    const [one, two] = [await scene(db, { items: 2 }), await scene(db, { items: 1 })];
    const [open = '', ended = ''] = await plan(db, one, 2);
    const [other = ''] = await plan(db, two, 1);
    await settle(ended);
    const queue = createReservationQueue(db);
    const keys = [uuidv7(), uuidv7(), uuidv7()];
    const ask = () =>
      Promise.all(
        [open, ended, other].map((taskId, at) => {
          const { campaignId } = taskId === other ? two : one;
          return queue.add({ campaignId, taskId, amountMicros: CENT, key: keys[at] ?? '' });
        }),
      );
    expect(await ask()).toEqual(['reserved', 'closed', 'reserved']);
    expect(await ask()).toEqual(['known', 'closed', 'known']);
    await expectInvariants(db, one.campaignId);
    await expectInvariants(db, two.campaignId);
  });

  it('keep caps, limits and books whatever they meet', { timeout: 180_000 }, async () => {
    const wave = fc.array(
      fc.record({
        task: fc.nat(3),
        cents: fc.bigInt({ min: 1n, max: 80n }),
        hedge: fc.boolean(),
        act: fc.constantFrom(
          'reserve' as const,
          'reserve' as const,
          'reserve' as const,
          'settle' as const,
          'cap' as const,
        ),
      }),
      { minLength: 4, maxLength: 24 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(wave, { minLength: 1, maxLength: 3 }), async (waves) => {
        const made = await scene(db, { items: 4, settings: { budgetUsd: '4' } });
        const { campaignId } = made;
        await setLimits(db, campaignId, { hedgeMicros: 500_000n, workforces: { internal: 3_000_000n } });
        const tasks = await plan(db, made, 4);
        // Two processes, each with a queue of its own.
        const queues = [createReservationQueue(db), createReservationQueue(db)];
        for (const each of waves) {
          const done = await Promise.allSettled(
            each.map(async ({ task, cents, hedge, act }, at) => {
              const taskId = tasks[task] ?? '';
              if (act === 'settle') return settle(taskId);
              if (act === 'cap') return setCap(db, { campaignId, capMicros: 4_000_000n - cents * CENT });
              return queues[at % 2]?.add({ campaignId, taskId, amountMicros: cents * CENT, key: uuidv7(), hedge });
            }),
          );
          const wrong = done.flatMap((one) =>
            one.status === 'rejected' && (one.reason as { code?: string }).code !== 'budget_below_spent'
              ? [one.reason]
              : [],
          );
          expect(wrong).toEqual([]);
          await expectInvariants(db, campaignId);
          const limits = await db<{ scope: string; drawn: bigint; cap: bigint; sum: bigint }[]>`
            select scope, drawn_micros as drawn, cap_micros as cap, (
              select coalesce(sum(case l.scope when 'hedge' then hedge_micros else amount_micros - released_micros end), 0)::bigint
              from authorizations a where a.campaign_id = l.campaign_id
            ) as sum
            from budget_limits l where campaign_id = ${campaignId}`;
          for (const { drawn, cap, sum } of limits) expect(drawn <= cap && drawn === sum).toBe(true);
        }
      }),
      { numRuns: 10, endOnFailure: true },
    );
    expect(await verifyBooks(db)).toMatchObject({ holds: true });
  });
});
