import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanScores } from '../../../domain/aggregation/mean-scores.ts';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { seededRng } from '../../../domain/rng.ts';

const scored = (tasks: readonly (readonly number[])[]) => {
  const ratings = toRatings(
    tasks.flatMap((scores, t) => scores.map((score, w) => ({ task: `${t}`, worker: `${w}`, label: `${score}` }))),
  );
  return meanScores(ratings, ratings.values.map(Number));
};

describe('meanScores', () => {
  it('is the mean, surer with more answers and with closer ones', () => {
    const { mean, confidence } = scored([[1], [1, 1], [1, 1, 1, 1], [5, 1], [2, 4, 3]]);
    expect(Array.from(mean)).toEqual([1, 1, 1, 3, 3]);
    const [one = 0, two = 0, four = 0, apart = 0] = confidence;
    expect(one).toBeLessThan(two);
    expect(two).toBeLessThan(four);
    expect(apart).toBeLessThan(two);
  });

  it('is never certain where all gave the same number, as nothing tells how far others would be from it', () => {
    expect(Array.from(scored([[3]]).confidence)).toEqual([0.2]);
    expect(Array.from(scored([[3, 3], [3]]).confidence)).toEqual([2 / 6, 0.2]);
  });

  it('is right as often as its confidence says', () => {
    const rng = seededRng('means');
    const truth = Array.from({ length: 4000 }, () => 100 * rng.next());
    const tasks = truth.map((each, t) => Array.from({ length: 1 + (t % 4) }, () => each + 15 * rng.normal()));
    const all = tasks.flat();
    const near = 0.1 * (Math.max(...all) - Math.min(...all));
    const { mean, confidence } = scored(tasks);
    for (const n of [0, 1, 2, 3]) {
      const of = truth.flatMap((each, t) => (t % 4 === n ? [{ each, t }] : []));
      const right = of.filter(({ each, t }) => Math.abs((mean[t] ?? 0) - each) <= near).length / of.length;
      const said = of.reduce((sum, { t }) => sum + (confidence[t] ?? 0), 0) / of.length;
      expect(Math.abs(right - said)).toBeLessThan(0.04);
    }
  });

  it('is defined whatever the answers', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 4 })), (tasks) => {
        const { mean, confidence } = scored(tasks);
        for (const each of mean) expect(Math.abs(each)).toBeLessThanOrEqual(3 + 1e-12);
        for (const each of confidence) expect(each >= 0 && each <= 1).toBe(true);
      }),
    );
    expect(scored([[2], [2]]).confidence).toEqual(Float64Array.of(0.2, 0.2));
  });
});
