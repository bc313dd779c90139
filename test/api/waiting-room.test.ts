import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { SlotWindows } from '../../api/slot-windows.ts';
import { WaitingRoom } from '../../api/waiting-room.ts';
import type { Db } from '../../db/client.ts';

const queue = { campaignId: 'c', workforce: 'internal', tier: 0 };

test('whoever waits leaves nothing behind on the signal that ends it, however often they are woken', async () => {
  let nowMs = 0;
  const empty = (async () => []) as unknown as Db;
  const room = new WaitingRoom(new SlotWindows(empty, () => nowMs), () => nowMs);
  const { signal } = new AbortController();
  for (let turn = 0; turn < 3; turn++) {
    const woken = room.wait([queue], [0], nowMs + 1000, signal);
    nowMs += 1000;
    await woken;
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
