import { describe, expect, it } from 'vitest';
import { breakEvenTasks, type CostEstimate, estimateCost } from '../../../domain/cost/cost-model.ts';
import { compareListPrices, LIST_PRICES } from '../../../domain/cost/list-prices.ts';

// The documented figures, written out once more.
const TYPES = [
  ['pairwise', 45],
  ['likert', 30],
  ['classification', 15],
  ['span', 90],
  ['free_text', 120],
  ['preference_ranking', 60],
  ['dialog', 180],
] as const;
const TIERS = [
  ['crowd', 12],
  ['trained', 25],
  ['expert', 50],
  ['domain_specialist', 100],
] as const;
const PLATFORMS = [
  ['scale_ai', 40],
  ['surge_ai', 30],
  ['mturk', 20],
  ['self_hosted', 5],
  ['other', 10],
] as const;

/** n / d by long division; the digit after the last one decides. */
function divided(n: number, d: number, decimals: number): number {
  let rest = BigInt(n) % BigInt(d);
  let digits = `${BigInt(n) / BigInt(d)}`;
  for (let at = 0; at < decimals; at++) {
    digits += `${(rest * 10n) / BigInt(d)}`;
    rest = (rest * 10n) % BigInt(d);
  }
  const whole = BigInt(digits) + (rest * 10n >= BigInt(d) * 5n ? 1n : 0n);
  return Number(whole) / 10 ** decimals;
}

describe('the formula, by integers', () => {
  const rows = TYPES.flatMap((type) =>
    TIERS.flatMap((tier) => PLATFORMS.flatMap((platform) => [1, 3, 5].map((k) => ({ type, tier, platform, k })))),
  );
  it.each([10_000, 1, 7, 333])('every type, tier, platform and redundancy for %i tasks', (tasks) => {
    expect(rows).toHaveLength(420);
    for (const { type, tier, platform, k } of rows) {
      const [rate, seconds, fee] = [tier[1], type[1], platform[1]];
      // In 36,000,000ths of a dollar: rate x seconds / 3600 each, 105% of them, and the fee in percent.
      const each = rate * seconds;
      const review = tasks * 2 * each * 1000;
      const base = tasks * k * 105 * each * 100;
      const total = tasks * k * 105 * each * (100 + fee) + review;
      const expected: CostEstimate = {
        platform: platform[0],
        tasks,
        redundancy: k,
        totalAnnotations: divided(tasks * k * 105, 100, 0),
        costPerAnnotation: divided(each, 3600, 3),
        baseCost: divided(base, 36_000_000, 2),
        platformFee: divided(tasks * k * 105 * each * fee, 36_000_000, 2),
        reviewCost: divided(review, 36_000_000, 2),
        totalCost: divided(total, 36_000_000, 2),
        costPerTask: divided(total, 36_000_000 * tasks, 3),
      };
      const question = { type: type[0], tier: tier[0], tasks, redundancy: k };
      expect(estimateCost(platform[0], question), JSON.stringify(question)).toEqual(expected);
    }
  });
});

it('some rows as they come out on paper', () => {
  const preferences = { type: 'preference_ranking', tier: 'trained', tasks: 10_000, redundancy: 3 } as const;
  expect(estimateCost('scale_ai', preferences)).toEqual({
    platform: 'scale_ai',
    tasks: 10_000,
    redundancy: 3,
    totalAnnotations: 31_500,
    costPerAnnotation: 0.417,
    baseCost: 13_125,
    platformFee: 5250,
    reviewCost: 833.33,
    totalCost: 19_208.33,
    costPerTask: 1.921,
  });
  const spans = { type: 'span', tier: 'domain_specialist', tasks: 1, redundancy: 1 } as const;
  // 2.625 and 0.13125 dollars; 10.5 annotations would be 11.
  expect(estimateCost('self_hosted', spans)).toMatchObject({ baseCost: 2.63, platformFee: 0.13, totalCost: 3.26 });
  expect(estimateCost('mturk', { ...spans, tasks: 10 }).totalAnnotations).toBe(11);
});

it('every figure is a setting', () => {
  const question = {
    type: 'dialog',
    tier: 'crowd',
    tasks: 100,
    redundancy: 2,
    hourlyRateMicros: 36_000_000n,
    seconds: 10,
    feeRatio: 0.5,
    goldRatio: 0.1,
    reviewRatio: 0.2,
    reviewFactor: 3,
  } as const;
  // 220 annotations of 0.10; half of that; 20 reviews of 0.30.
  expect(estimateCost('other', question)).toMatchObject({
    totalAnnotations: 220,
    costPerAnnotation: 0.1,
    baseCost: 22,
    platformFee: 11,
    reviewCost: 6,
    totalCost: 39,
    costPerTask: 0.39,
  });
});

it('an amount that no double could add up is exact to the cent', () => {
  const question = { type: 'pairwise', tier: 'crowd', tasks: 1_000_000_000, redundancy: 5 } as const;
  expect(estimateCost('scale_ai', question).totalCost).toBe(1_132_500_000);
  expect(estimateCost('mturk', { ...question, tasks: 0 })).toMatchObject({ totalCost: 0, costPerTask: 0 });
});

it.each([
  [{ tasks: 1.5 }, /tasks is 1\.5/],
  [{ redundancy: -1 }, /redundancy is -1/],
  [{ goldRatio: Number.NaN }, /goldRatio is NaN/],
  [{ seconds: Number.POSITIVE_INFINITY }, /seconds is Infinity/],
])('refuses %j', (given, message) => {
  const question = { type: 'pairwise', tier: 'crowd', tasks: 1, redundancy: 1, ...given } as const;
  expect(() => estimateCost('mturk', question)).toThrow(message);
});

describe('break-even of self-hosting', () => {
  const question = { type: 'preference_ranking', tier: 'trained', redundancy: 3 } as const;
  it('is where the fee that is saved pays for the running', () => {
    // Saved a task: 3 x 1.05 x 25/60 dollars x (20% - 5%) = 0.196875.
    expect(breakEvenTasks('mturk', question)).toBe(Math.ceil(10_000 / 0.196875));
    expect(breakEvenTasks('mturk', question, 196_875n)).toBe(1);
    expect(breakEvenTasks('mturk', question, 196_876n)).toBe(2);
    expect(breakEvenTasks('mturk', question, 0n)).toBe(0);
  });
  it('is never where nothing is saved', () => {
    expect(breakEvenTasks('self_hosted', question)).toBeUndefined();
    expect(breakEvenTasks('mturk', { ...question, feeRatio: 0.05 })).toBeUndefined();
    expect(breakEvenTasks('mturk', { ...question, seconds: 0 })).toBeUndefined();
  });
});

describe('list prices', () => {
  it('are those of the list, and differ from the formula above the crowd and for one’s own platform', () => {
    expect(LIST_PRICES.map(({ platform, usd }) => [platform, Object.values(usd)])).toEqual([
      ['scale_ai', [2100, 5250, 10_500, 21_000]],
      ['surge_ai', [1950, 4875, 9750, 19_500]],
      ['mturk', [1800]],
      ['self_hosted', [945, 2363, 4725, 9450]],
      ['llm_judge', [50, 50, 50, 50]],
    ]);
    const compared = (tier: 'crowd' | 'expert') =>
      compareListPrices(tier).map(({ platform, listUsd, formulaUsd }) => [platform, listUsd, formulaUsd]);
    expect(compared('crowd')).toEqual([
      ['scale_ai', 2100, 2100],
      ['surge_ai', 1950, 1950],
      ['mturk', 1800, 1800],
      ['self_hosted', 945, 1575],
      ['llm_judge', 50, undefined],
    ]);
    expect(compared('expert')).toEqual([
      ['scale_ai', 10_500, 8750],
      ['surge_ai', 9750, 8125],
      ['self_hosted', 4725, 6562.5],
      ['llm_judge', 50, undefined],
    ]);
  });
});
