import { describe, expect, it } from 'vitest';
import { runCurve } from '../../../domain/learning/curve.ts';
import { NOISY_WAYS, runNoisyCurve } from '../../../domain/learning/noisy-curve.ts';
import { data } from './blobs.ts';

const run = { strategy: 'random', error: 0.25, answersEach: 3, budgets: [60, 150], batch: 30, seed: 5 };

describe('a learning curve by answers that may be wrong', () => {
  it.each(NOISY_WAYS)('%s learns, the same by the same seed', (way) => {
    const accuracies = runNoisyCurve(data(), { ...run, way });
    expect(accuracies).toHaveLength(2);
    expect(accuracies[1]).toBeGreaterThan(0.7);
    expect(runNoisyCurve(data(), { ...run, way })).toEqual(accuracies);
  });

  it('is the plain curve where nobody errs and everybody is asked once', () => {
    const plain = { strategy: 'combined', budgets: [20, 40], batch: 10, seed: 3 };
    expect(runNoisyCurve(data(), { ...plain, way: 'hard', error: 0, answersEach: 1 })).toEqual(runCurve(data(), plain));
  });

  it('learns more of the same answers by how probable they make each class than by their majority', () => {
    const mean = (way: 'hard' | 'soft') => {
      const of = Array.from(
        { length: 12 },
        (_, seed) => runNoisyCurve(data(), { ...run, way, error: 0.35, seed })[0] ?? 0,
      );
      return of.reduce((sum, accuracy) => sum + accuracy, 0) / of.length;
    };
    expect(mean('soft')).toBeGreaterThan(mean('hard'));
  });

  it('ends where all there is has been asked about as often as can be', () => {
    const small = { ...run, budgets: [500], batch: 7, seed: 1 };
    for (const way of NOISY_WAYS) expect(runNoisyCurve(data(10), { ...small, way })).toHaveLength(1);
  });

  it('refuses answers that are no better than chance', () => {
    expect(() => runNoisyCurve(data(), { ...run, way: 'soft', error: 0.5 })).toThrow('right more often than by chance');
  });
});
