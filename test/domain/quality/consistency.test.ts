import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { taskAgreement } from '../../../domain/agreement/task-agreement.ts';
import { intraRater, repeatReserveMicros } from '../../../domain/quality/consistency.ts';
import { seededRng } from '../../../domain/rng.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';

const LABELS = ['a', 'b', 'c'];
const type = getTaskType('classification');
const config = { labels: LABELS, multiple: false };
const label = fc.constantFrom(...LABELS);
const scale = getTaskType('likert');
const range = { min: 1, max: 7, criteria: [{ name: 'overall' }] };
const score = fc.integer({ min: 1, max: 7 }).map((overall) => ({ overall }));

describe('agreement with oneself', () => {
  test('is Krippendorff’s alpha of two observers', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ first: label, again: label }), { minLength: 1, maxLength: 30 }), (pairs) => {
        const answers = pairs.flatMap(({ first, again }, at) => [
          { taskId: `${at}`, annotatorId: 'then', label: first },
          { taskId: `${at}`, annotatorId: 'now', label: again },
        ]);
        const expected = taskAgreement(type, config, answers).alpha;
        const found = intraRater(type, config, pairs, 'seed');
        expect(found?.items).toBe(pairs.length);
        if (expected === undefined) expect(found?.alpha).toBeUndefined();
        else expect(found?.alpha).toBeCloseTo(expected, 10);
      }),
    );
  });

  test('is one for whoever never changes, and falls as answers are changed', () => {
    fc.assert(
      fc.property(fc.array(score, { minLength: 20, maxLength: 60 }), fc.integer(), (labels, seed) => {
        fc.pre(new Set(labels.map(({ overall }) => overall)).size > 2);
        const rng = seededRng(seed);
        const same = labels.map((first) => ({ first, again: first }));
        const steady = intraRater(scale, range, same, 's');
        expect(steady).toMatchObject({ same: 1, agreement: 1, alpha: 1, interval: { low: 1, high: 1 } });
        const others = rng.shuffle(labels);
        const mixed = labels.map((first, at) => ({ first, again: others[at] ?? first }));
        fc.pre(mixed.some(({ first, again }) => first.overall !== again.overall));
        expect(intraRater(scale, range, mixed, 's')?.alpha).toBeLessThan(1);
      }),
    );
  });

  test('has an interval around it that is wide with few items, and none with fewer than ten', () => {
    const rng = seededRng('interval');
    const pairs = Array.from({ length: 100 }, () => {
      const first = LABELS[rng.int(3)] ?? 'a';
      return { first, again: rng.next() < 0.8 ? first : (LABELS[rng.int(3)] ?? 'a') };
    });
    const all = intraRater(type, config, pairs, 's');
    const few = intraRater(type, config, pairs.slice(0, 12), 's');
    const width = (of: typeof all) => (of?.interval ? of.interval.high - of.interval.low : Number.NaN);
    expect(all?.interval?.low).toBeLessThan(all?.alpha ?? 0);
    expect(all?.interval?.high).toBeGreaterThan(all?.alpha ?? 1);
    expect(width(few)).toBeGreaterThan(width(all));
    expect(intraRater(type, config, pairs.slice(0, 9), 's')?.interval).toBeUndefined();
    expect(intraRater(type, config, [], 's')).toBeUndefined();
  });

  test('money for repeats is rounded up, and none without rules', () => {
    expect(repeatReserveMicros({ share: 0.02, afterDays: 7 }, { answers: 3, priceMicros: 50_001n })).toBe(3001n);
    expect(repeatReserveMicros(null, { answers: 3, priceMicros: 50_000n })).toBe(0n);
  });
});
