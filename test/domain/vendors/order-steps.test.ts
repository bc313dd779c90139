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

test('a closed order goes on for a bonus alone', () => {
  const closed: OrderFacts = { ...facts, state: 'closed', cancels: 0, outstanding: 0 };
  expect(nextOrderStep(closed, { ...refused, atMs: 0 })).toEqual({ do: 'wait', forMs: 2 * HOUR });
  expect(nextOrderStep({ ...closed, bonuses: 0 }, { ...refused, atMs: 0 })).toEqual({ do: 'end' });
});

test('what no table can hold is marked, in values and names, and all else is left as it is', () => {
  const odd = { 'a\u0000': ['\ud800x', 'x\udc00', '👋'], b: { c: 1n, d: null, e: true, f: undefined } };
  expect(storable(odd)).toEqual({
    'a\ufffd': ['\ufffdx', 'x\ufffd', '👋'],
    b: { c: 1n, d: null, e: true, f: undefined },
  });
});
