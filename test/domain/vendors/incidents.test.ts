import { expect, it } from 'vitest';
import { REJECTION_WINDOW_MS, rejectsAtMs } from '../../../domain/vendors/incidents.ts';

const DAY_MS = 24 * 3600 * 1000;

it.each([
  ['a vendor that pays nothing by itself', 'http_vendor', 0, undefined, 7],
  ['as its campaign says', 'http_vendor', 0, 2 * DAY_MS, 2],
  ['before MTurk pays by itself', 'mturk', 1, undefined, 1.5],
  ['a window that ends before Prolific would pay', 'prolific', 1, undefined, 7],
  ['an answer of long ago at Prolific', 'prolific', 18, undefined, 2.5],
  ['at once where it would be too late', 'mturk', 4, undefined, 0],
])('a rejection waits: %s', (_, vendor, answeredDaysAgo, windowMs, days) => {
  const nowMs = 100 * DAY_MS;
  const at = rejectsAtMs({ vendor, nowMs, answeredAtMs: nowMs - answeredDaysAgo * DAY_MS, windowMs });
  expect((at - nowMs) / DAY_MS).toBe(days);
  expect(REJECTION_WINDOW_MS).toBe(7 * DAY_MS);
});
