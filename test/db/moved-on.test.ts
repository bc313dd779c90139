import { afterAll, describe, expect, it } from 'vitest';
import { expireLeases, giveBack } from '../../db/queries/leases.ts';
import { escalate, openSlots } from '../../db/queries/tasks.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

const WORKFORCES = ['internal', 'surge_ai'];

/** A task whose only slot was leased while it moved on. */
async function movedOn(step: 'next_workforce' | 'widen_tier' | 'raise_priority') {
  const made = await stage.scene(db, { settings: { workforces: WORKFORCES, redundancy: 1, tier: 'trained' } });
  const [taskId = ''] = await stage.plan(db, made, 1);
  await openSlots(db, taskId);
  const annotatorId = made.annotators[0] ?? '';
  const held = await stage.lease(db, { taskId, annotatorId });
  const assignmentId = held?.assignmentId ?? '';
  await escalate(db, { taskId, step: { step }, workforces: WORKFORCES, number: 1 });
  const slot = async () => {
    const [row] =
      await db`select state, workforce, required_tier as tier, priority from slots where task_id = ${taskId}`;
    return row;
  };
  const task = async () => {
    const [row] = await db`select workforce, required_tier as tier, priority from tasks where id = ${taskId}`;
    return row;
  };
  const before = await slot();
  expect(before).toMatchObject({ state: 'leased' });
  const ways = {
    runsOut: async () => {
      await db`update assignments set expires_at = now() - interval '1 second' where id = ${assignmentId}`;
      expect(await expireLeases(db, 10)).toBe(1);
    },
    isGivenBack: () => db.begin((tx) => giveBack(tx, { assignmentId, annotatorId, as: 'released' })),
  };
  return { taskId, campaignId: made.campaignId, slot, task, before, ways };
}

describe.each(['runsOut', 'isGivenBack'] as const)('a lease under which its task moved on %s', (way) => {
  it.each(['next_workforce', 'widen_tier', 'raise_priority'] as const)(
    'by %s: the slot is as its task',
    async (step) => {
      const { campaignId, taskId, slot, task, before, ways } = await movedOn(step);
      await ways[way]();
      const after = await slot();
      expect(after).toEqual({ state: 'open', ...(await task()) });
      expect(after).not.toEqual({ ...before, state: 'open' });
      const units = await db`select vendor, state, answers from vendor_units where task_id = ${taskId}`;
      expect([...units]).toEqual(
        step === 'next_workforce' ? [{ vendor: 'surge_ai', state: 'waiting', answers: 1 }] : [],
      );
      await stage.expectInvariants(db, campaignId);
    },
  );
});
