import { describe, expect, it } from 'vitest';
import { learnTimes, withLearnedTimes } from '../../../domain/quality/learned-times.ts';
import { DEFAULT_QUALITY_RULES, RULE_DEFAULTS } from '../../../domain/quality/rules.ts';

const rules = RULE_DEFAULTS.learnedTimes;
// Quantiles of a log-normal around 60 s: the logarithms spread evenly over three deviations of 0.4.
const usual = Array.from({ length: 400 }, (_, at) => 60 * Math.exp(0.4 * Math.sin(at)));

describe('learnt limits of time', () => {
  it('lie around the median, by the spread of the logarithm', () => {
    // Medians 60 s and, of |ln(t / 60)|, 0.4 sin(pi / 4); the deviation is that over 0.6745.
    const deviation = (0.4 * Math.SQRT1_2) / 0.6744897501960817;
    const learned = learnTimes(usual, rules);
    expect(learned?.tooFastS).toBeCloseTo(60 * Math.exp(-3 * deviation), 0);
    expect((learned?.tooSlowS ?? 0) / (60 * Math.exp(4 * deviation))).toBeCloseTo(1, 1);
  });

  it('are hardly moved by a third of answers given without looking', () => {
    const clean = learnTimes(usual, rules)?.tooFastS ?? 0;
    const dirty = learnTimes([...usual, ...new Array<number>(130).fill(0.5)], rules)?.tooFastS ?? 0;
    expect(dirty).toBeGreaterThan(clean / 4);
    expect(dirty).toBeGreaterThan(2);
  });

  it('need enough answers, and times that differ', () => {
    expect(learnTimes([], rules)).toBeUndefined();
    expect(learnTimes(usual.slice(0, 99), rules)).toBeUndefined();
    expect(learnTimes(new Array<number>(500).fill(12), rules)).toBeUndefined();
  });

  it('replace the fixed ones, but nobody is taken to answer in less than a second', () => {
    const learning = { ...DEFAULT_QUALITY_RULES, learnedTimes: rules };
    // A campaign of long texts, and one of single clicks.
    expect(withLearnedTimes(learning, { tooFastS: 120, tooSlowS: 5000 })).toMatchObject({
      tooFastS: 120,
      tooSlowS: 5000,
    });
    expect(withLearnedTimes(learning, { tooFastS: 1.5, tooSlowS: 20 })).toMatchObject({ tooFastS: 1.5, tooSlowS: 20 });
    expect(withLearnedTimes(learning, { tooFastS: 0.1, tooSlowS: 20 })).toMatchObject({ tooFastS: 1, tooSlowS: 20 });
  });

  it('only tighten the fixed ones where that is wanted, and where nothing is said', () => {
    for (const learnedTimes of [
      { ...rules, tightenOnly: true },
      { minAnswers: 100, fastDeviations: 3, slowDeviations: 4 },
    ]) {
      const fixed = { ...DEFAULT_QUALITY_RULES, learnedTimes };
      expect(withLearnedTimes(fixed, undefined)).toBe(fixed);
      expect(withLearnedTimes(fixed, { tooFastS: 1, tooSlowS: 5000 })).toEqual(fixed);
      const tight = { tooFastS: 20, tooSlowS: 300 };
      expect(withLearnedTimes(fixed, tight)).toEqual({ ...fixed, ...tight });
      expect(withLearnedTimes(fixed, { tooFastS: 700, tooSlowS: 900 })).toMatchObject({ tooFastS: 600, tooSlowS: 600 });
    }
  });
});
