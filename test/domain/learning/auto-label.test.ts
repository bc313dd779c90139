import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Audit, lackOfSupport, supportedThreshold, surest } from '../../../domain/learning/auto-label.ts';
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

  it('is none any more soon after people come to disagree, however many agreed before', () => {
    const before = audits(900, 0.99);
    const lately = (wrong: number) => [...audits(wrong, 0.99, false), ...audits(50 - wrong, 0.99), ...before];
    expect(supportedThreshold(lately(6), RULES)).toMatchObject({ audited: 950, right: 944 });
    expect(supportedThreshold(lately(7), RULES)).toBeUndefined();
    expect(lackOfSupport(lately(7), RULES)).toMatchObject({ audited: 50, right: 43 });
    expect(lackOfSupport(audits(60, 0.99), RULES)).toMatchObject({ audited: 60, right: 60 });
    // It is where the model is surer that they agree as ever.
    const unsure = lately(7).map(({ right }, at) => ({ confidence: at < 50 ? 0.84 : 0.99, right }));
    expect(supportedThreshold(unsure, RULES)).toMatchObject({ threshold: 0.85, audited: 900 });
    // From 99% to 70% it takes some 20 of a thousand audits, where all together would take three times as many.
    const rng = seededRng('fall');
    const taken = Array.from({ length: 100 }, () => {
      const all = Array.from({ length: 800 }, () => ({ confidence: 0.999, right: rng.next() < 0.99 }));
      let more = 0;
      for (; supportedThreshold(all.slice(0, 1000), RULES); more++) {
        all.unshift({ confidence: 0.999, right: rng.next() < 0.7 });
      }
      return more;
    }).sort((a, b) => a - b);
    expect(taken[50]).toBeLessThan(30);
    expect(taken[90]).toBeLessThan(45);
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
