import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Audit, supportedThreshold, surest } from '../../../domain/learning/auto-label.ts';
import { seededRng } from '../../../domain/rng.ts';

const RULES = { target: 0.95, minAudited: 50 };
const audits = (count: number, confidence: number, right = true): Audit[] =>
  Array.from({ length: count }, () => ({ confidence, right }));

describe('the threshold beyond which a model may label', () => {
  it('is the lowest that the audits support', () => {
    expect(supportedThreshold(audits(122, 0.99), RULES)).toBeUndefined();
    expect(supportedThreshold(audits(123, 0.99), RULES)).toMatchObject({ threshold: 0.5, audited: 123, right: 123 });
    const mixed = [...audits(200, 0.97), ...audits(40, 0.72, false), ...audits(40, 0.72)];
    expect(supportedThreshold(mixed, RULES)).toMatchObject({ threshold: 0.8, audited: 200, right: 200 });
  });

  it('is none for few audits, however right, and none where people disagree', () => {
    expect(supportedThreshold([], RULES)).toBeUndefined();
    expect(supportedThreshold(audits(60, 0.99), { target: 0.5, minAudited: 61 })).toBeUndefined();
    expect(supportedThreshold([...audits(150, 0.999), ...audits(8, 0.999, false)], RULES)).toBeUndefined();
  });

  it('is one that never falls as the target rises', () => {
    const audit = fc.record({ confidence: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.boolean() });
    const target = fc.double({ min: 0.5, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(fc.array(audit, { maxLength: 300 }), target, target, (some, one, other) => {
        const at = (value: number) =>
          supportedThreshold(some, { target: value, minAudited: 10 })?.threshold ?? Number.POSITIVE_INFINITY;
        expect(at(Math.max(one, other))).toBeGreaterThanOrEqual(at(Math.min(one, other)));
      }),
    );
  });

  it('is given wrongly in at most one campaign of twenty', () => {
    const rng = seededRng('auto-label');
    let wrongly = 0;
    for (let campaign = 0; campaign < 1000; campaign++) {
      // A model that is as sure as can be, and right a little less often than it must.
      const made = Array.from({ length: 400 }, () => ({
        confidence: 0.5 + rng.next() / 2,
        right: rng.next() < RULES.target - 1e-9,
      }));
      if (supportedThreshold(made, RULES)) wrongly += 1;
    }
    expect(wrongly).toBeLessThanOrEqual(50);
  });
});

describe('the surest class', () => {
  it('is the most probable of each row', () => {
    expect(surest(Float64Array.of(0.2, 0.8, 0.6, 0.4), 2)).toEqual([
      { best: 1, confidence: 0.8 },
      { best: 0, confidence: 0.6 },
    ]);
  });
});
