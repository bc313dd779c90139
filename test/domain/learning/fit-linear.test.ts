import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LinearProblem, linearObjective } from '../../../domain/learning/fit-linear.ts';
import { minimize } from '../../../domain/learning/lbfgs.ts';
import { sigmoidLoss, softmaxLoss } from '../../../domain/learning/logistic.ts';
import { reduceColumns } from '../../../domain/learning/reduce-columns.ts';
import { type Rng, seededRng } from '../../../domain/rng.ts';
import { sparse } from './matrices.ts';

/** A random problem with soft labels, sample weights and columns that occur once. */
function randomProblem(rng: Rng, classes: number): LinearProblem {
  const matrix = sparse(
    Array.from({ length: 9 }, () => Array.from({ length: 7 }, () => (rng.next() < 0.4 ? rng.normal() : 0))),
  );
  const targets = new Float64Array(9 * classes);
  for (let row = 0; row < 9; row++) {
    const shares = Array.from({ length: classes }, () => rng.next());
    const sum = shares.reduce((x, y) => x + y, 0);
    targets.set(
      shares.map((share) => share / sum),
      row * classes,
    );
  }
  return {
    matrix,
    outputs: classes === 2 ? 1 : classes,
    rowLoss: classes === 2 ? sigmoidLoss(targets) : softmaxLoss(targets, classes),
    sampleWeights: Array.from({ length: 9 }, () => rng.next()),
    l2: 0.3,
    intercept: true,
  };
}

describe('linearObjective', () => {
  it.each([2, 3, 5])('has the gradient of finite differences with %i classes', (classes) => {
    const rng = seededRng(classes);
    const problem = randomProblem(rng, classes);
    const objective = linearObjective(problem);
    const x = Float64Array.from({ length: 8 * problem.outputs }, () => rng.normal());
    const gradient = new Float64Array(x.length);
    objective(x, gradient);
    const unused = new Float64Array(x.length);
    const h = 1e-6;
    for (let i = 0; i < x.length; i++) {
      const moved = (by: number) =>
        objective(
          x.map((value, j) => (i === j ? value + by : value)),
          unused,
        );
      expect(gradient[i]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 7);
    }
  });

  it('counts a row of weight 2 as the row twice', () => {
    const rows = [
      [1, 0],
      [0, 2],
    ];
    const once = {
      matrix: sparse(rows),
      outputs: 1,
      rowLoss: sigmoidLoss(Float64Array.of(0, 1, 1, 0)),
      l2: 1,
      intercept: true,
    };
    const twice = {
      ...once,
      matrix: sparse([
        [1, 0],
        [0, 2],
        [0, 2],
      ]),
      rowLoss: sigmoidLoss(Float64Array.of(0, 1, 1, 0, 1, 0)),
    };
    const x = Float64Array.of(0.3, -0.2, 0.1);
    const [g, h] = [new Float64Array(3), new Float64Array(3)];
    const weighted = linearObjective({ ...once, sampleWeights: [1, 2] })(x, g);
    expect(weighted).toBeCloseTo(linearObjective({ ...twice, sampleWeights: undefined })(x, h), 12);
    for (let i = 0; i < 3; i++) expect(g[i]).toBeCloseTo(h[i] ?? 0, 12);
  });

  it.each([
    [{ matrix: sparse([], 3) }, 'at least one labelled row'],
    [{ sampleWeights: [1, 2] }, 'There are 2 sample weights for 9 rows.'],
    [{ sampleWeights: new Array(9).fill(0) }, 'All sample weights are 0'],
    [{ sampleWeights: [1, -1, 1, 1, 1, 1, 1, 1, 1] }, 'sample weight of row 1 is -1'],
    [{ l2: 0 }, 'The penalty l2 is 0'],
    [{ matrix: sparse(Array.from({ length: 9 }, (_, i) => [i === 4 ? Number.NaN : 1])) }, 'Row 4 holds NaN'],
  ])('refuses %j', (change, message) => {
    expect(() => linearObjective({ ...randomProblem(seededRng(1), 3), ...change })).toThrow(message);
  });
});

describe('reduceColumns', () => {
  it('leaves the optimum as it is', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(2, 4), (seed, classes) => {
        const problem = randomProblem(seededRng(seed), classes);
        const tight = { tolerance: 1e-9, maxIterations: 1000 };
        const size = 7 * problem.outputs;
        const plain = minimize(linearObjective(problem), new Float64Array(size + problem.outputs), tight);
        const { matrix, columns, expand, reduce } = reduceColumns(problem.matrix);
        const objective = linearObjective({ ...problem, matrix });
        const small = minimize(objective, new Float64Array((matrix.cols + 1) * problem.outputs), tight);
        expect(small.value).toBeCloseTo(plain.value, 6);
        const weights = expand(small.x, problem.outputs);
        columns.forEach((column, j) => {
          for (let k = 0; k < problem.outputs; k++) {
            expect(weights[j * problem.outputs + k]).toBeCloseTo(plain.x[column * problem.outputs + k] ?? 0, 4);
          }
        });
        reduce(weights, problem.outputs).forEach((weight, i) => {
          expect(weight).toBeCloseTo(small.x[i] ?? 0, 5);
        });
      }),
      { numRuns: 20, seed: 7 },
    );
  });
});

describe('minimize', () => {
  const bowl = (x: Float64Array, gradient: Float64Array) => {
    let value = 0;
    x.forEach((xi, i) => {
      const stiff = 10 ** i;
      gradient[i] = stiff * (xi - i);
      value += (stiff / 2) * (xi - i) ** 2;
    });
    return value;
  };

  it('finds the bottom of a long valley', () => {
    const found = minimize(bowl, new Float64Array(5).fill(9), { tolerance: 1e-6 });
    expect(found.converged).toBe(true);
    found.x.forEach((xi, i) => {
      expect(xi).toBeCloseTo(i, 5);
    });
  });

  it('says when it was stopped early', () => {
    const found = minimize(bowl, new Float64Array(5).fill(9), { tolerance: 1e-12, maxIterations: 2 });
    expect(found).toMatchObject({ converged: false, iterations: 2 });
    expect(found.gradientNorm).toBeGreaterThan(1e-12);
  });
});
