import { describe, expect, it } from 'vitest';
import { fitPreferences, predictPreferences } from '../../../domain/learning/bradley-terry-features.ts';
import { linearScores } from '../../../domain/learning/linear-model.ts';
import { fitRidge, predictScalar } from '../../../domain/learning/ridge.ts';
import { differences, selectRows } from '../../../domain/learning/sparse.ts';
import { seededRng } from '../../../domain/rng.ts';
import { sparse } from './matrices.ts';

const rng = seededRng('items');
const strengths = [2, -1, 0.5, 0, -2];
const items = Array.from({ length: 60 }, () => strengths.map(() => rng.normal()));
const score = (row: readonly number[]) => row.reduce((sum, x, j) => sum + x * (strengths[j] ?? 0), 0);
const matrix = sparse(items);
const left = Array.from({ length: 500 }, () => rng.int(60));
const right = left.map((i) => (i + 1 + rng.int(59)) % 60);
const pairs = differences(selectRows(matrix, left), selectRows(matrix, right));
const preferences = left.map((i, k) => {
  const margin = score(items[i] ?? []) - score(items[right[k] ?? 0] ?? []);
  return rng.next() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
});

describe('fitPreferences', () => {
  const { model } = fitPreferences(pairs, preferences);

  it('finds what made answers win', () => {
    const weights = [...model.weights];
    strengths.forEach((strength, j) => {
      expect(Math.abs((weights[j] ?? 0) - strength)).toBeLessThan(0.6);
    });
  });

  it('gives a swapped pair the opposite chance', () => {
    const swapped = differences(selectRows(matrix, right), selectRows(matrix, left));
    const [there, back] = [predictPreferences(pairs, model), predictPreferences(swapped, model)];
    for (let k = 0; k < 500; k++) expect(there[2 * k + 1]).toBeCloseTo(back[2 * k] ?? 0, 12);
    const turned = fitPreferences(
      swapped,
      preferences.map((p) => 1 - p),
    );
    expect(turned.model.weights).toEqual(model.weights);
    expect([...model.intercept]).toEqual([0]);
  });

  it('takes ties for even, and equal texts too', () => {
    const tied = fitPreferences(pairs, new Array(500).fill(0.5));
    expect(Math.max(...tied.model.weights.map(Math.abs))).toBe(0);
    const same = differences(selectRows(matrix, [3]), selectRows(matrix, [3]));
    expect([...predictPreferences(same, model)]).toEqual([0.5, 0.5]);
  });

  it('refuses a preference beyond 0 and 1', () => {
    expect(() => fitPreferences(selectRows(pairs, [0]), [1.5])).toThrow('The target of row 0');
  });
});

describe('fitRidge', () => {
  const values = items.map((row) => 50 + 3 * score(row));

  it('recovers a linear scale', () => {
    const { model, converged } = fitRidge(matrix, values, { l2: 1e-4, tolerance: 1e-8 });
    expect(converged).toBe(true);
    linearScores(matrix, model).forEach((value, i) => {
      expect(value).toBeCloseTo(values[i] ?? 0, 1);
    });
    const kept = predictScalar(matrix, model, 48, 52);
    expect(Math.min(...kept)).toBe(48);
    expect(Math.max(...kept)).toBe(52);
    const warm = fitRidge(matrix, values, { l2: 1e-4, warmStart: model });
    expect(warm.iterations).toBeLessThan(3);
  });

  it('has the closed solution for one column', () => {
    // Weights 1, 1, 2 on targets 1, 2, 3: mean 2.25; the lone column is 1 in row 2 only, so with l2 = 1 and the
    // intercept's column of 0.1 the two normal equations are solved by hand.
    const { model } = fitRidge(sparse([[0], [0], [1]]), [1, 2, 3], {
      l2: 1,
      sampleWeights: [1, 1, 2],
      tolerance: 1e-12,
    });
    const [w, u] = [model.weights[0] ?? 0, ((model.intercept[0] ?? 0) - 2.25) / 0.1];
    expect(2 * (w + 0.1 * u - 0.75) + w).toBeCloseTo(0, 5);
    expect(0.1 * (0.1 * u + 1.25 + 0.1 * u + 0.25 + 2 * (w + 0.1 * u - 0.75)) + u).toBeCloseTo(0, 5);
  });

  it('predicts the mean where nothing is known, and refuses what is no number', () => {
    const { model } = fitRidge(sparse([[], []], 4), [2, 4]);
    expect(linearScores(sparse([[0, 1, 0, 0]]), model)[0]).toBeCloseTo(3, 6);
    expect(() => fitRidge(sparse([[1]]), [Number.NaN])).toThrow('The target of row 0 is NaN');
    expect(() => fitRidge(sparse([[1]]), [1, 2])).toThrow('There are 2 targets for 1 rows.');
  });
});
