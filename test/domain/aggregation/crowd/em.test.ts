import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dawidSkene } from '../../../../domain/aggregation/crowd/dawid-skene.ts';
import { defaultMethod } from '../../../../domain/aggregation/crowd/default.ts';
import { oneCoin } from '../../../../domain/aggregation/crowd/one-coin.ts';
import { toRatings } from '../../../../domain/agreement/ratings.ts';
import { accuracy, coinWorker, madeUpCrowd } from './crowds.ts';
import { difference, referenceCrowds, smallCrowds } from './reference-crowds.ts';

const METHODS = [
  ['one-coin', oneCoin],
  ['dawid-skene', dawidSkene],
] as const;

describe.each(METHODS)('%s', (_, method) => {
  it('never lowers the likelihood, whichever rule ends it', () => {
    fc.assert(
      fc.property(smallCrowds, fc.constantFrom('bound' as const, 'likelihood' as const), (answers, stop) => {
        const { history = [] } = method(toRatings(answers), { stop });
        history.slice(1).forEach((value, at) => {
          // The floors of the parameters cost less than this.
          expect(value - (history[at] ?? 0)).toBeGreaterThan(-1e-7);
        });
      }),
    );
  });

  it('ends accelerated where it ends without acceleration', () => {
    const workers = [0.9, 0.8, 0.7, 0.6, 0.55, 0.4].map((skill) => coinWorker(skill, 3));
    for (const seed of [1, 2, 3]) {
      const { ratings } = madeUpCrowd(workers, { tasks: 200, perTask: 5, prior: [0.5, 0.3, 0.2], seed });
      const plain = method(ratings, { tolerance: Number.NEGATIVE_INFINITY, maxIterations: 3000 });
      const fast = method(ratings, { stop: 'likelihood', tolerance: 1e-15 });
      expect(fast.converged).toBe(true);
      expect(Math.abs((fast.history?.at(-1) ?? 0) - (plain.history?.at(-1) ?? 0))).toBeLessThan(1e-8);
      fast.posteriors?.forEach((p, at) => {
        expect(Math.abs(p - (plain.posteriors?.[at] ?? 0))).toBeLessThan(1e-5);
      });
    }
  });

  it('finds the skills of those who made the crowd up', () => {
    const skills = [0.95, 0.85, 0.75, 0.65, 0.5, 0.34];
    const workers = skills.map((skill) => coinWorker(skill, 3));
    const { ratings } = madeUpCrowd(workers, { tasks: 4000, perTask: 5, prior: [0.5, 0.3, 0.2], seed: 4 });
    method(ratings, { stop: 'likelihood' }).skills?.forEach((skill, w) => {
      expect(Math.abs(skill - (skills[w] ?? 0))).toBeLessThan(0.04);
    });
  });
});

describe.each([
  ['dawid-skene', dawidSkene],
  ['default', defaultMethod],
])('%s', (_, method) => {
  it('takes, among labels that are equally probable, one that somebody gave', () => {
    const rows = Array.from({ length: 300 }, (__, t) => ({ task: `t${t}`, worker: `w${t}`, label: String(t % 3) }));
    const ratings = toRatings(rows);
    const { labels } = method(ratings);
    expect(Array.from(labels, (label) => ratings.values[label])).toEqual(rows.map(({ label }) => label));
  });
});

describe('oneCoin', () => {
  it('is sure of nothing beyond 1', () => {
    const answers = ['t2 w3 b', 't4 w1 a', 't4 w4 b', 't5 w1 a', 't5 w2 c'].map((row) => {
      const [task = '', worker = '', label = ''] = row.split(' ');
      return { task, worker, label };
    });
    const { confidence } = oneCoin({ ...toRatings(answers), valueCount: 4 });
    expect(Math.max(...confidence)).toBeLessThanOrEqual(1);
  });

  it('takes a label nobody gave where all who answered are known to be wrong', () => {
    const rows = Array.from({ length: 20 }, (_, t) => [
      ...['ann', 'ben', 'cat'].map((worker) => ({ task: `t${t}`, worker, label: t % 2 ? 'x' : 'y' })),
      { task: `t${t}`, worker: 'liar', label: t % 2 ? 'y' : 'x' },
    ]).flat();
    const ratings = toRatings([...rows, { task: 'last', worker: 'liar', label: 'x' }]);
    const { labels, confidence } = oneCoin(ratings, { stop: 'likelihood' });
    expect(ratings.values[labels[20] ?? -1]).toBe('y');
    expect(confidence[20]).toBeGreaterThan(0.99);
  });

  it('copes with a hundred thousand labels', () => {
    const n = 100_000;
    const unit = Int32Array.from({ length: 3 * n }, (_, i) => Math.floor(i / 3));
    const rater = unit.map((t, i) => (t + (i % 3) * 7) % 50);
    // The first two answers agree on the task's own label; the third is another's.
    const value = unit.map((t, i) => (i % 3 === 2 ? (t + 1) % n : t));
    const fit = oneCoin({ unit, rater, value, unitCount: n, raterCount: 50, valueCount: n });
    expect(fit.posteriors).toBeUndefined();
    expect(fit.labels.every((label, t) => label === t)).toBe(true);
    expect(fit.confidence.every((p) => p > 0.5 && p <= 1)).toBe(true);
  });
});

describe('dawidSkene', () => {
  it('learns a habit that a single skill cannot express', () => {
    // Ten who call everything 0 but one in three 1s, and never err on 0: a 1 from any of them settles it.
    const habit = (truth: number, label: number) => (truth === 0 ? [1, 0] : [0.7, 0.3])[label] ?? 0;
    const { ratings, truth } = madeUpCrowd(new Array(10).fill(habit), {
      tasks: 500,
      perTask: 9,
      prior: [0.6, 0.4],
      seed: 1,
    });
    const right = (method: typeof oneCoin) => accuracy(method(ratings, { stop: 'likelihood' }).labels, truth);
    expect(right(dawidSkene)).toBeGreaterThan(0.94);
    expect(right(oneCoin)).toBeLessThan(0.8);
  });

  it('refuses more labels than its tables can hold', () => {
    const n = 10_000;
    const ids = Int32Array.from({ length: n }, (_, i) => i);
    const ratings = { unit: ids, rater: ids.map((i) => i % 3), value: ids, unitCount: n, raterCount: 3, valueCount: n };
    expect(() => dawidSkene(ratings)).toThrow('a table of 100000000 cells for 10000 labels, and 20000000 is the most');
  });
});

describe.skipIf(referenceCrowds.length === 0)('against crowd-kit 1.4.2', () => {
  const exactly = (iterations: number) => ({ maxIterations: iterations, tolerance: Number.NEGATIVE_INFINITY });

  it.each(referenceCrowds)('case $seed: the same posteriors after the same steps', ({ ratings, out }) => {
    for (const [method, reference] of [
      [dawidSkene, out.DawidSkene_default],
      [dawidSkene, out.DawidSkene_converged],
      [oneCoin, out.OneCoinDawidSkene_default],
      [oneCoin, out.OneCoinDawidSkene_converged],
    ] as const) {
      expect(difference(ratings, method(ratings, exactly(reference.iterations)), reference.probas)).toBeLessThan(1e-8);
    }
  });

  it.each(referenceCrowds)('case $seed: stops by itself at the same step', ({ ratings, out }) => {
    expect(dawidSkene(ratings).iterations).toBe(out.DawidSkene_default.iterations);
    expect(oneCoin(ratings).iterations).toBe(out.OneCoinDawidSkene_default.iterations);
  });

  it.each(referenceCrowds)('case $seed: the same end at its strict tolerance', ({ ratings, out }) => {
    const strict = { tolerance: 1e-12, maxIterations: 800 };
    expect(difference(ratings, dawidSkene(ratings, strict), out.DawidSkene_converged.probas)).toBeLessThan(1e-6);
    expect(difference(ratings, oneCoin(ratings, strict), out.OneCoinDawidSkene_converged.probas)).toBeLessThan(1e-6);
  });

  it.each(referenceCrowds)('case $seed: the maximum is at least as likely', ({ ratings, out }) => {
    const { iterations } = out.DawidSkene_converged;
    const there = dawidSkene(ratings, exactly(iterations)).history?.at(-1) ?? 0;
    const here = dawidSkene(ratings, { stop: 'likelihood', tolerance: 1e-14 }).history?.at(-1) ?? Number.NaN;
    expect(here - there).toBeGreaterThan(-1e-8);
  });
});
