import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnnotationFacts, assess, DEFAULT_QUALITY_THRESHOLDS } from '../../../domain/quality/assess.ts';
import { DEFAULT_QUALITY_RULES, qualityRulesOf } from '../../../domain/quality/rules.ts';
import { qualityRulesSchema } from '../../../domain/quality/thresholds.ts';

const fine: AnnotationFacts = { timeSpentS: 20, goldSeen: 0, goldCorrect: 0 };

describe('assess', () => {
  it.each<[string, Partial<AnnotationFacts>, number, string[]]>([
    ['nothing wrong', {}, 1, []],
    ['exactly 5 s', { timeSpentS: 5 }, 1, []],
    ['under 5 s', { timeSpentS: 4.99 }, 0.3, ['too_fast']],
    ['exactly 600 s', { timeSpentS: 600 }, 1, []],
    ['over 600 s', { timeSpentS: 601 }, 0.8, ['too_slow']],
    ['as long as the lease, and the clocks differ', { timeSpentS: 21.5, sinceLeaseS: 20 }, 1, []],
    ['longer than they had it', { timeSpentS: 60, sinceLeaseS: 20 }, 0.8, ['time_overstated']],
    ['of unknown length', { timeSpentS: null, sinceLeaseS: 4 }, 1, []],
    ['in truth too fast', { timeSpentS: 60, sinceLeaseS: 4 }, 0.3 * 0.8, ['too_fast', 'time_overstated']],
    ['not too slow in truth', { timeSpentS: 3000, sinceLeaseS: 500 }, 0.8, ['time_overstated']],
    ['gold right', { goldVerdict: 'correct' }, 1, []],
    ['gold wrong', { goldVerdict: 'wrong' }, 0.5, ['gold_incorrect']],
    ['9 golds, none right', { goldSeen: 9, goldCorrect: 0 }, 1, []],
    ['10 golds, 7 right', { goldSeen: 10, goldCorrect: 7 }, 1, []],
    ['10 golds, 6 right', { goldSeen: 10, goldCorrect: 6 }, 0.3, ['below_gold_threshold']],
    ['honeypot failed', { honeypotFailed: true }, 0.3, ['honeypot_failed']],
    [
      'everything',
      { timeSpentS: 1, goldVerdict: 'wrong', goldSeen: 20, goldCorrect: 2, honeypotFailed: true },
      0.3 * 0.5 * 0.3 * 0.3,
      ['too_fast', 'gold_incorrect', 'below_gold_threshold', 'honeypot_failed'],
    ],
  ])('%s', (_, facts, score, flags) => {
    const assessment = assess({ ...fine, ...facts });
    expect(assessment.score).toBeCloseTo(score, 12);
    expect(assessment.flags).toEqual(flags);
  });

  it('applies what other rules found, with their numbers', () => {
    const signals = [{ flag: 'straight_lining', factor: 0.5, evidence: { run: 12 } }] as const;
    expect(assess({ ...fine, timeSpentS: 1, signals })).toEqual({
      score: 0.15,
      flags: ['too_fast', 'straight_lining'],
      evidence: { straight_lining: { run: 12 } },
    });
  });

  it('never rewards doing worse, under any rules', () => {
    const factor = fc.double({ min: 0, max: 1, noNaN: true });
    const rules = fc.record({
      tooFastS: fc.integer({ min: 0, max: 100 }),
      tooFastFactor: factor,
      tooSlowS: fc.integer({ min: 101, max: 1000 }),
      tooSlowFactor: factor,
      clockSkewS: fc.integer({ min: 0, max: 10 }),
      timeOverstatedFactor: factor,
      goldIncorrectFactor: factor,
      goldMinSeen: fc.integer({ min: 1, max: 20 }),
      goldMinAccuracy: factor,
      belowGoldFactor: factor,
      honeypotFailedFactor: factor,
    });
    const facts = fc.record({
      timeSpentS: fc.double({ min: 0, max: 100, noNaN: true }),
      goldSeen: fc.nat(40),
      goldMissed: fc.nat(40),
    });
    fc.assert(
      fc.property(rules, facts, fc.double({ min: 0, max: 1, noNaN: true }), (thresholds, given, share) => {
        const goldCorrect = Math.max(0, given.goldSeen - given.goldMissed);
        const base = { timeSpentS: given.timeSpentS, goldSeen: given.goldSeen, goldCorrect };
        const { score } = assess(base, thresholds);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        const worse: AnnotationFacts[] = [
          { ...base, timeSpentS: base.timeSpentS * share },
          { ...base, goldVerdict: 'wrong' },
          { ...base, honeypotFailed: true },
          { ...base, goldCorrect: Math.floor(base.goldCorrect * share) },
        ];
        for (const each of worse) expect(assess(each, thresholds).score).toBeLessThanOrEqual(score);
      }),
    );
  });

  it('refuses impossible facts', () => {
    for (const timeSpentS of [-1, Number.NaN, Infinity]) {
      expect(() => assess({ ...fine, timeSpentS })).toThrow(`timeSpentS is ${timeSpentS}`);
    }
    expect(() => assess({ ...fine, goldSeen: 2, goldCorrect: 3 })).toThrow('goldCorrect is 3');
    expect(() => assess({ ...fine, goldSeen: 0.5 })).toThrow('goldSeen is 0.5');
  });
});

describe('qualityRulesSchema', () => {
  it('fills in the defaults', () => {
    expect(qualityRulesSchema.parse({})).toEqual(DEFAULT_QUALITY_RULES);
    expect(qualityRulesSchema.parse({})).toMatchObject(DEFAULT_QUALITY_THRESHOLDS);
    expect(qualityRulesSchema.parse({ tooFastS: 2, straightLining: { minRun: 20 }, learnedTimes: {} })).toEqual({
      ...DEFAULT_QUALITY_RULES,
      tooFastS: 2,
      straightLining: { ...DEFAULT_QUALITY_RULES.straightLining, minRun: 20 },
      learnedTimes: { minAnswers: 100, fastDeviations: 3, slowDeviations: 4, tightenOnly: false },
    });
  });

  it('turns a rule off by null, and keeps it off when stored', () => {
    const rules = qualityRulesSchema.parse({ copiedText: null });
    expect(qualityRulesOf(JSON.parse(JSON.stringify(rules)))).toEqual({ ...DEFAULT_QUALITY_RULES, copiedText: null });
  });

  it('has the defaults where a campaign was stored before there were rules', () => {
    expect(qualityRulesOf(undefined)).toEqual(DEFAULT_QUALITY_RULES);
    expect(qualityRulesOf({ tooFastS: 1 })).toEqual({ ...DEFAULT_QUALITY_RULES, tooFastS: 1 });
  });

  it('refuses factors above 1, unknown rules and limits the wrong way round', () => {
    expect(qualityRulesSchema.safeParse({ tooFastFactor: 1.1 }).success).toBe(false);
    expect(qualityRulesSchema.safeParse({ toFastS: 1 }).success).toBe(false);
    expect(qualityRulesSchema.safeParse({ tooFastS: 700 }).success).toBe(false);
    expect(qualityRulesSchema.safeParse({ goldMinAccuracy: Number.NaN }).success).toBe(false);
    expect(qualityRulesSchema.safeParse({ straightLining: { minRun: 1 } }).success).toBe(false);
    expect(qualityRulesSchema.safeParse({ positionBias: { side: 'left' } }).success).toBe(false);
  });
});
