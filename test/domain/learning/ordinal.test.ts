import { describe, expect, it } from 'vitest';
import { sparseOf } from '../../../domain/learning/item-features.ts';
import { decodeModel, encodeModel } from '../../../domain/learning/linear-model.ts';
import { expectedSteps, fitOrdinal, predictOrdinal } from '../../../domain/learning/ordinal.ts';
import { seededRng } from '../../../domain/rng.ts';

const STEPS = 5;
const THRESHOLDS = [-2, -0.5, 0.5, 2];
const WEIGHTS = [2, -1, 0];

/** Draws from a proportional-odds model. */
function drawn(rows: number, seed: string) {
  const rng = seededRng(seed);
  const dense = Float32Array.from({ length: rows * 3 }, () => rng.normal());
  const steps = Array.from({ length: rows }, (_, row) => {
    const score = WEIGHTS.reduce((sum, weight, d) => sum + weight * (dense[3 * row + d] ?? 0), 0);
    const uniform = rng.next();
    const latent = score + Math.log(uniform / (1 - uniform));
    return THRESHOLDS.filter((threshold) => latent > threshold).length;
  });
  return { matrix: sparseOf(dense, rows, 3), steps };
}

describe('the proportional-odds model', () => {
  it('finds the weights and thresholds that made the data', () => {
    const { matrix, steps } = drawn(4000, 'ordinal');
    const { outputs, weights, intercept } = fitOrdinal(matrix, steps, STEPS);
    expect(outputs).toBe(STEPS - 1);
    WEIGHTS.forEach((weight, d) => {
      for (let k = 0; k < outputs; k++) expect(Math.abs((weights[d * outputs + k] ?? 9) - weight)).toBeLessThan(0.15);
    });
    THRESHOLDS.forEach((threshold, k) => {
      expect(Math.abs(-(intercept[k] ?? 9) - threshold)).toBeLessThan(0.15);
    });
  });

  it('gives shares of each step that sum to one, also for steps that nobody used', () => {
    const { matrix, steps } = drawn(60, 'few');
    const few = steps.map((step) => (step > 2 ? 4 : 0));
    const model = fitOrdinal(matrix, few, STEPS);
    const shares = predictOrdinal(matrix, decodeModel(encodeModel(model)));
    for (let row = 0; row < 60; row++) {
      const own = shares.subarray(row * STEPS, (row + 1) * STEPS);
      expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      expect(Math.min(...own)).toBeGreaterThanOrEqual(0);
    }
    const expected = expectedSteps(shares, STEPS);
    const mean = (kept: number) => {
      const some = [...expected].filter((_, row) => few[row] === kept);
      return some.reduce((sum, value) => sum + value, 0) / some.length;
    };
    expect(mean(4)).toBeGreaterThan(mean(0) + 1);
  });

  it('begins where an earlier fit ended, and takes a target between two steps for both', () => {
    const { matrix, steps } = drawn(300, 'warm');
    const model = fitOrdinal(matrix, steps, STEPS);
    const again = fitOrdinal(matrix, steps, STEPS, { warmStart: model });
    again.weights.forEach((weight, at) => {
      expect(Math.abs(weight - (model.weights[at] ?? 9))).toBeLessThan(0.02);
    });
    const between = fitOrdinal(
      matrix,
      steps.map((step) => Math.min(step + 0.5, 4)),
      STEPS,
    );
    const mean = (of: typeof model) =>
      expectedSteps(predictOrdinal(matrix, of), STEPS).reduce((a, b) => a + b, 0) / 300;
    expect(mean(between)).toBeGreaterThan(mean(model) + 0.2);
    expect(() => fitOrdinal(matrix, [1], STEPS)).toThrow('1 targets for 300 rows');
  });
});
