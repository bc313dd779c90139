import { expect, test, vi } from 'vitest';
import { SlotWindows } from '../../api/slot-windows.ts';
import type { Db } from '../../db/client.ts';

const queue = { campaignId: 'c', workforce: 'internal', tier: 0 };
/** As the driver's, a statement runs only when it is waited for; else it is a part of another. */
const database = (answer: () => Promise<unknown>) =>
  // biome-ignore lint/suspicious/noThenProperty: that is what makes the driver's statements lazy
  (() => ({ then: (ok: () => void, bad: () => void) => answer().then(ok, bad) })) as unknown as Db;
const none = () => false;
const slot = (slotNo: number) => ({ taskId: `t${slotNo}`, slotNo, priority: 1, tier: 0, pos: slotNo, domain: null });

test('a database that goes away while slots are fetched ahead fails nobody’s request, and no process', async () => {
  let answer = async () => [slot(1), slot(2)];
  let nowMs = 0;
  const windows = new SlotWindows(
    database(() => answer()),
    () => nowMs,
  );
  expect(await windows.take(queue, none)).toEqual(slot(1));

  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  answer = async () => {
    throw new Error('The connection is closed.');
  };
  nowMs = 100;
  expect(await windows.take(queue, none), 'what is left of the window').toEqual(slot(2));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();

  nowMs = 1000;
  await expect(windows.take(queue, none), 'who needs the slots is told').rejects.toThrow('closed');
});

test('a slot that somebody is about to lease is shown to nobody else', async () => {
  const windows = new SlotWindows(
    database(async () => [slot(1), slot(2), slot(3)]),
    () => 0,
  );
  await windows.wanting(slot(1), async () => {
    expect(await windows.take(queue, none)).toEqual(slot(2));
    expect(windows.isWanted(slot(1))).toBe(true);
  });
  expect(windows.isWanted(slot(1))).toBe(false);
  expect(await windows.take(queue, ({ taskId }) => taskId === 't1')).toEqual(slot(3));
});

test('a slot that was leased is shown to nobody again, through no window, until it re-opens', async () => {
  let slots = [slot(1), slot(2)];
  let nowMs = 0;
  const windows = new SlotWindows(
    database(async () => [...slots]),
    () => nowMs,
  );
  const other = { ...queue, tier: 1 };
  expect(await windows.take(queue, none)).toEqual(slot(1));
  await windows.wanting(slot(1), async () => 'a lease');
  expect(await windows.take(other, none), 'of another tier').toEqual(slot(2));
  await windows.wanting(slot(2), async () => undefined);
  nowMs = 1000;
  expect(await windows.take(queue, none), 'read before the lease was to be seen').toEqual(slot(2));
  slots = [{ ...slot(1), pos: 3 }];
  nowMs = 2000;
  expect(await windows.take(queue, none), 'at its later place').toEqual(slots[0]);
});
