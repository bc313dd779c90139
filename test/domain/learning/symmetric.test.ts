import { describe, expect, it } from 'vitest';
import { cholesky, inverse, product, symmetricEigen } from '../../../domain/learning/symmetric.ts';
import { seededRng } from '../../../domain/rng.ts';

/** B B^T + shift I for a random B. */
function positive(n: number, seed: number, shift = 0.1): Float64Array {
  const rng = seededRng(seed);
  const b = Float64Array.from({ length: n * n }, () => rng.normal());
  const transposed = Float64Array.from(b, (_, at) => b[(at % n) * n + Math.floor(at / n)] ?? 0);
  return product(b, transposed, n).map((x, at) => (at % (n + 1) === 0 ? x + shift : x));
}

const identity = (n: number) => Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));

describe('symmetric matrices', () => {
  it('cholesky, by hand', () => {
    expect([...cholesky(Float64Array.of(4, 2, 2, 5), 2)]).toEqual([2, 0, 1, 2]);
  });

  it.each([1, 2, 7, 40])('an inverse of size %i gives the identity', (n) => {
    const matrix = positive(n, n);
    const found = product(matrix, inverse(matrix, n), n);
    for (const [at, x] of identity(n).entries()) expect(found[at]).toBeCloseTo(x, 7);
  });

  it('eigenvalues, by hand', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values]).toEqual([expect.closeTo(3, 12), expect.closeTo(1, 12)]);
    expect([...vectors.subarray(0, 2)]).toEqual([expect.closeTo(Math.SQRT1_2, 9), expect.closeTo(Math.SQRT1_2, 9)]);
  });

  it('eigenvectors are orthonormal, sorted, and give the matrix back', () => {
    const n = 30;
    const matrix = positive(n, 3);
    const { values, vectors } = symmetricEigen(matrix, n);
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let inner = 0;
        let back = 0;
        for (let k = 0; k < n; k++) {
          inner += (vectors[i * n + k] ?? 0) * (vectors[j * n + k] ?? 0);
          back += (values[k] ?? 0) * (vectors[k * n + i] ?? 0) * (vectors[k * n + j] ?? 0);
        }
        expect(inner).toBeCloseTo(i === j ? 1 : 0, 9);
        expect(back).toBeCloseTo(matrix[i * n + j] ?? 0, 8);
      }
    }
  });
});
