import { expect, test } from 'vitest';
import { nextOrderStep, type OrderFacts } from '../../../domain/vendors/order-steps.ts';
import { storable } from '../../../domain/vendors/storable.ts';

const HOUR = 3_600_000;
const facts: OrderFacts = {
  ...{ state: 'placed', outstanding: 2, cancels: 1, held: 0, bonuses: 1 },
  ...{ deadlineMs: 100 * HOUR, graceMs: HOUR, pollMs: [HOUR, 2 * HOUR] },
};
const refused = { looks: 1, fresh: true, expired: false, refused: true };

test('a vendor that refuses is left alone until the next look, and the order ends in its time all the same', () => {
  expect(nextOrderStep(facts, { ...refused, atMs: 0 })).toEqual({ do: 'wait', forMs: HOUR });
  expect(nextOrderStep(facts, { ...refused, atMs: 100 * HOUR })).toEqual({ do: 'expire' });
  const over = { ...refused, expired: true };
  expect(nextOrderStep(facts, { ...over, atMs: 100 * HOUR })).toEqual({ do: 'wait', forMs: HOUR });
  expect(nextOrderStep(facts, { ...over, atMs: 101 * HOUR })).toEqual({ do: 'close' });
  // After the wait it is asked again.
  expect(nextOrderStep(facts, { ...over, refused: false, atMs: HOUR })).toEqual({ do: 'bonus' });
});

test('while its campaign is paused an order buys nothing, asks nobody else and its time stands still', () => {
  const paused: OrderFacts = { ...facts, bonuses: 0, cancels: 0, pausedAtMs: 99 * HOUR, hedgeAtMs: 50 * HOUR };
  const looked = { looks: 1, fresh: true, expired: false };
  // Long past its time and the time of grace.
  const late = { ...looked, atMs: 300 * HOUR };
  expect(nextOrderStep({ ...paused, state: 'intent' }, late)).toEqual({ do: 'wait', forMs: 2 * HOUR });
  expect(nextOrderStep(paused, late)).toEqual({ do: 'wait', forMs: HOUR });
  expect(nextOrderStep({ ...paused, pausedAtMs: 100 * HOUR - 1 }, late)).toEqual({ do: 'wait', forMs: HOUR });
  expect(nextOrderStep(paused, { ...late, fresh: false })).toEqual({ do: 'collect' });
  const { pausedAtMs: _, ...resumed } = paused;
  expect(nextOrderStep({ ...resumed, state: 'intent' }, late)).toEqual({ do: 'submit' });
  expect(nextOrderStep(resumed, { ...looked, atMs: 99 * HOUR })).toEqual({ do: 'hedge' });
  // One that had run out before is wound up all the same, and one that may be bought is looked for.
  expect(nextOrderStep({ ...paused, pausedAtMs: 100 * HOUR }, late)).toEqual({ do: 'expire' });
  expect(nextOrderStep({ ...paused, state: 'submitting' }, late)).toEqual({ do: 'submit' });
});

test('a closed order goes on for a bonus alone', () => {
  const closed: OrderFacts = { ...facts, state: 'closed', cancels: 0, outstanding: 0 };
  expect(nextOrderStep(closed, { ...refused, atMs: 0 })).toEqual({ do: 'wait', forMs: 2 * HOUR });
  expect(nextOrderStep({ ...closed, bonuses: 0 }, { ...refused, atMs: 0 })).toEqual({ do: 'end' });
});

test.each([
  ['cancel', { bonuses: 0, cancels: 1 }],
  ['bonus', { bonuses: 1, cancels: 0 }],
])('a vendor that does not hear of a %s is asked for the answers all the same', (what, left) => {
  const placed = { ...facts, ...left };
  const now = { atMs: 0, looks: 1, fresh: false, expired: false };
  expect(nextOrderStep(placed, now)).toEqual({ do: what });
  expect(nextOrderStep(placed, { ...now, untold: true })).toEqual({ do: 'collect' });
  expect(nextOrderStep(placed, { ...now, untold: true, fresh: true })).toMatchObject({ do: 'wait' });
});

test('what no table can hold is marked, in values and names, and all else is left as it is', () => {
  const odd = { 'a\u0000': ['\ud800x', 'x\udc00', '👋'], b: { c: 1n, d: null, e: true, f: undefined } };
  expect(storable(odd)).toEqual({
    'a\ufffd': ['\ufffdx', 'x\ufffd', '👋'],
    b: { c: 1n, d: null, e: true, f: undefined },
  });
});
