import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CROWD_METHOD_NAMES, crowdMethod } from '../../../../domain/aggregation/crowd/methods.ts';
import { type NamedRatings, toRatings } from '../../../../domain/agreement/ratings.ts';
import { seededRng } from '../../../../domain/rng.ts';
import { coinWorker, madeUpCrowd } from './crowds.ts';
import { posteriorDifference, smallCrowds } from './reference-crowds.ts';

const ratingsOf = (rows: readonly (readonly [string, string, string])[]) =>
  toRatings(rows.map(([task, worker, label]) => ({ task, worker, label })));

const methods = await Promise.all(CROWD_METHOD_NAMES.map(async (name) => ({ name, method: await crowdMethod(name) })));

describe.each(methods)('$name', ({ name, method }) => {
  it('gives every task a label with its probability, and probabilities that sum to 1', () => {
    fc.assert(
      fc.property(smallCrowds, (answers) => {
        const ratings = toRatings(answers);
        const { labels, confidence, posteriors, skills } = method(ratings);
        expect(posteriors).toHaveLength(ratings.unitCount * ratings.valueCount);
        for (let t = 0; t < ratings.unitCount; t++) {
          const row = Array.from(posteriors ?? []).slice(t * ratings.valueCount, (t + 1) * ratings.valueCount);
          expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
          expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          const given = ratings.unit.some((unit, i) => unit === t && ratings.value[i] === labels[t]);
          // The default is no more than half sure of what nobody said.
          const most = name === 'default' && !given ? 0.5 : 1;
          expect(Math.min(most, row[labels[t] ?? -1] ?? 0)).toBe(confidence[t]);
          expect(confidence[t]).toBeGreaterThanOrEqual(Math.min(most, Math.max(...row)) - 1e-8);
        }
        for (const skill of skills ?? []) expect(skill >= 0 && skill <= 1 + 1e-12).toBe(true);
      }),
    );
  });

  it('does not depend on the order of the answers', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const workers = [0.9, 0.8, 0.6, 0.5, 0.3].map((skill) => coinWorker(skill, 3));
      const { ratings } = madeUpCrowd(workers, { tasks: 40, perTask: 4, prior: [0.5, 0.3, 0.2], seed });
      const answers = Array.from(ratings.unit, (t, i) => ({
        task: `t${t}`,
        worker: `w${ratings.rater[i]}`,
        label: `L${ratings.value[i]}`,
      }));
      const [one, two] = [toRatings(answers), toRatings(seededRng(seed).shuffle(answers))];
      expect(posteriorDifference(method(one), one, method(two), two)).toBeLessThan(1e-4);
    }
  });

  it('gives the same bits twice', () => {
    const { ratings } = madeUpCrowd(
      [0.9, 0.7, 0.5].map((skill) => coinWorker(skill, 4)),
      {
        tasks: 50,
        perTask: 3,
        prior: [0.25, 0.25, 0.25, 0.25],
        seed: 9,
      },
    );
    expect(method(ratings)).toEqual(method(ratings));
  });

  it('takes the one label there is', () => {
    const { labels, confidence } = method(
      ratingsOf([
        ['a', 'ann', 'x'],
        ['a', 'ben', 'x'],
        ['b', 'ann', 'x'],
      ]),
    );
    expect([...labels]).toEqual([0, 0]);
    for (const p of confidence) expect(p).toBeCloseTo(1, 9);
  });

  it('has a label for tasks with a single answer, and for a single answer alone', () => {
    const lone = method(ratingsOf([['a', 'ann', 'x']]));
    expect([...lone.labels]).toEqual([0]);
    const rows = Array.from({ length: 6 }, (_, t) => [`t${t}`, `w${t}`, t % 2 ? 'x' : 'y'] as const);
    const { labels, confidence } = method(ratingsOf(rows));
    expect([...labels].every((label) => label >= 0)).toBe(true);
    expect([...confidence].every((p) => p > 0 && p <= 1)).toBe(true);
  });

  it('has no NaN for tasks without answers, workers without answers and labels that nobody gave', () => {
    const known: NamedRatings = ratingsOf([
      ['a', 'ann', 'x'],
      ['a', 'ben', 'x'],
      ['a', 'cat', 'y'],
      ['b', 'ann', 'y'],
      ['b', 'ben', 'y'],
    ]);
    const { units: _, raters: __, values: ___, ...bare } = known;
    const fit = method({ ...bare, unitCount: 4, raterCount: 5, valueCount: 3 });
    expect([...fit.labels].slice(0, 2)).toEqual([0, 1]);
    for (const numbers of [fit.confidence, fit.posteriors ?? [], fit.skills ?? [], fit.history ?? []]) {
      expect(Array.from(numbers).every(Number.isFinite)).toBe(true);
    }
  });

  it('agrees where everybody agrees', () => {
    const rows = Array.from({ length: 30 }, (_, t) =>
      ['ann', 'ben', 'cat'].map((worker) => [`t${t}`, worker, `L${t % 3}`] as const),
    ).flat();
    const ratings = ratingsOf(rows);
    const { labels, confidence } = method(ratings);
    ratings.units.forEach((_, t) => {
      expect(labels[t]).toBe(t % 3);
      expect(confidence[t]).toBeGreaterThan(0.9);
    });
  });

  it('refuses a worker who answers a task twice', () => {
    const twice = ratingsOf([
      ['a', 'ann', 'x'],
      ['a', 'ann', 'y'],
    ]);
    expect(() => method(twice)).toThrow('Worker ann answered task a more than once');
  });

  it('has nothing to say about nothing', () => {
    const none = { unit: new Int32Array(), rater: new Int32Array(), value: new Int32Array() };
    const fit = method({ ...none, unitCount: 0, raterCount: 0, valueCount: 0 });
    expect(fit.labels).toHaveLength(0);
  });
});

describe.each(methods.filter(({ name }) => name !== 'default'))('$name', ({ method }) => {
  it('has no label for tasks without answers', () => {
    const answered = ratingsOf([
      ['a', 'ann', 'x'],
      ['a', 'ben', 'y'],
      ['b', 'ben', 'y'],
    ]);
    const { labels, confidence } = method({ ...answered, unitCount: 3 });
    expect(labels[2]).toBe(-1);
    expect(confidence[2]).toBe(0);
  });
});
