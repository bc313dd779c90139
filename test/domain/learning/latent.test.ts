import { describe, expect, it } from 'vitest';
import { sparseOf } from '../../../domain/learning/item-features.ts';
import { fitLatent, latentRows } from '../../../domain/learning/latent.ts';
import { symmetricEigen } from '../../../domain/learning/symmetric.ts';
import { fitTextSpace, textFeatures } from '../../../domain/learning/text-space.ts';
import { fitVectorSpace, vectorFeatures } from '../../../domain/learning/vector-space.ts';
import { seededRng } from '../../../domain/rng.ts';

describe('latent directions', () => {
  it('are the leading singular vectors', () => {
    const rng = seededRng(1);
    const [rows, cols, dims] = [60, 12, 3];
    // A few strong directions, and noise.
    const strong = Array.from({ length: dims }, () => Array.from({ length: cols }, () => rng.normal()));
    const dense = Float32Array.from(
      Array.from({ length: rows }, () => {
        const shares = strong.map((_, d) => rng.normal() * (4 - d));
        return Array.from({ length: cols }, (_, c) =>
          shares.reduce((sum, share, d) => sum + share * (strong[d]?.[c] ?? 0), 0.1 * rng.normal()),
        );
      }).flat(),
    );
    const space = fitLatent(sparseOf(dense, rows, cols), dims, 1);
    const products = new Float64Array(cols * cols);
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < cols; i++) {
        for (let j = 0; j < cols; j++) {
          products[i * cols + j] =
            (products[i * cols + j] ?? 0) + (dense[r * cols + i] ?? 0) * (dense[r * cols + j] ?? 0);
        }
      }
    }
    const { vectors } = symmetricEigen(products, cols);
    for (let d = 0; d < dims; d++) {
      let inner = 0;
      for (let c = 0; c < cols; c++) inner += (space.basis[c * dims + d] ?? 0) * (vectors[d * cols + c] ?? 0);
      expect(Math.abs(inner)).toBeCloseTo(1, 4);
    }
  });

  it('are no more than there are, and none of an empty matrix', () => {
    const twice = Float32Array.of(1, 2, 0, 1, 2, 0, 2, 4, 0);
    expect(fitLatent(sparseOf(twice, 3, 3), 5, 1).dims).toBe(1);
    const nothing = fitLatent(sparseOf(new Float32Array(6), 2, 3), 5, 1);
    expect(nothing.dims).toBe(0);
    expect(latentRows(sparseOf(twice, 3, 3), nothing)).toHaveLength(0);
    expect(() => fitLatent(sparseOf(twice, 3, 3), 0, 1)).toThrow('number of dimensions is 0');
    expect(() => latentRows(sparseOf(twice, 1, 9), nothing)).toThrow('3 columns, the rows have 9');
  });
});

describe('a text space', () => {
  const animals = ['the cat purrs', 'a cat naps', 'the dog barks', 'a dog naps', 'the kitten purrs', 'a puppy barks'];
  const money = [
    'the bank lends',
    'a bank fails',
    'the fund lends',
    'a fund fails',
    'the broker lends',
    'a loan fails',
  ];

  it('brings texts together that share no word', () => {
    const { pool } = fitTextSpace([...animals, ...money, ...animals, ...money], 1);
    const inner = (a: number, b: number) => {
      let sum = 0;
      for (let d = 0; d < pool.dims; d++)
        sum += (pool.dense[a * pool.dims + d] ?? 0) * (pool.dense[b * pool.dims + d] ?? 0);
      return sum;
    };
    // "the kitten purrs" and "the broker lends" share "the" with "the cat purrs"; "purrs" decides.
    expect(inner(0, 4)).toBeGreaterThan(inner(0, 10) + 0.2);
  });

  it('gives a text of the pool the same features, and one without known words an empty vector', () => {
    const { space, pool } = fitTextSpace([...animals, ...money], 1);
    const again = textFeatures([animals[3] ?? '', '', '漢字'], space);
    expect([...again.dense.subarray(0, pool.dims)]).toEqual([...pool.dense.subarray(3 * pool.dims, 4 * pool.dims)]);
    expect(again.rows([0])).toEqual(pool.rows([3]));
    expect(again.dense.subarray(pool.dims).every((x) => x === 0)).toBe(true);
  });

  it('is the same by the same seed', () => {
    expect(fitTextSpace(animals, 7).pool.dense).toEqual(fitTextSpace(animals, 7).pool.dense);
  });
});

describe('a vector space', () => {
  it('centres columns, gives them one variance, and drops those that never vary', () => {
    const vectors = Float32Array.of(1, 100, 5, 3, 300, 5);
    const { dense } = vectorFeatures(vectors, fitVectorSpace(vectors, 3));
    expect([...dense]).toEqual([-1, -1, 0, 1, 1, 0].map((x) => expect.closeTo(x * Math.SQRT1_2, 6)));
    expect(() => vectorFeatures(vectors, fitVectorSpace(vectors.subarray(0, 2), 2))).not.toThrow();
  });

  it('shows strategies the leading directions of long vectors, and models all of them', () => {
    const rng = seededRng(6);
    const [count, dims] = [300, 150];
    // Twenty directions hold nearly everything.
    const strong = Array.from({ length: 20 }, () => Array.from({ length: dims }, () => rng.normal()));
    const vectors = Float32Array.from(
      Array.from({ length: count }, () => {
        const shares = strong.map(() => rng.normal());
        return Array.from({ length: dims }, (_, d) =>
          shares.reduce((sum, share, s) => sum + share * (strong[s]?.[d] ?? 0), 0.01 * rng.normal()),
        );
      }).flat(),
    );
    const space = fitVectorSpace(vectors, dims);
    const items = vectorFeatures(vectors, space);
    expect([items.count, items.dims, items.rows([0]).cols]).toEqual([300, 100, 150]);
    const length = (values: Float32Array) => Math.hypot(...values);
    const { longest = 0 } = space;
    const ownLength = (row: number) => length(items.rows([row]).values);
    for (let row = 0; row < count; row++) {
      const own = ownLength(row);
      expect(length(items.dense.subarray(100 * row, 100 * (row + 1)))).toBeCloseTo(Math.min(own, longest), 2);
    }
    const shorter = Array.from({ length: count }, (_, row) => ownLength(row) < longest).filter(Boolean);
    expect(shorter.length).toBeGreaterThan(140);
    expect(shorter.length).toBeLessThanOrEqual(150);
  });

  it('refuses numbers that are not finite, and rows of another length', () => {
    expect(() => fitVectorSpace(Float32Array.of(1, 2, Number.NaN, 4), 2)).toThrow('Vector 1 holds NaN');
    expect(() => fitVectorSpace(new Float32Array(5), 2)).toThrow('vectors of 2 dimensions need a multiple');
    const space = fitVectorSpace(Float32Array.of(1, 2, 3, 4, 5, 6), 3);
    expect(() => vectorFeatures(new Float32Array(4), space)).toThrow('vectors of 3 dimensions');
  });
});

describe('a space of rows that are few in kind', () => {
  it.each([2, 7, 30])('%i different rows, copied many times, span no more than as many directions', (kinds) => {
    const rng = seededRng(kinds);
    const cols = 400;
    const models = Array.from({ length: kinds }, () => Float32Array.from({ length: cols }, () => 1000 * rng.normal()));
    const rows = 300;
    const dense = new Float32Array(rows * cols);
    for (let row = 0; row < rows; row++) dense.set(models[row % kinds] ?? [], row * cols);
    const space = fitLatent(sparseOf(dense, rows, cols), 100, 'copies');
    expect(space.dims).toBe(kinds);
    expect(space.basis.every(Number.isFinite)).toBe(true);
  });
});
