import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type SharedMath, sharedMath } from '../../activities/vectors/shared-math.ts';
import { sparseOf } from '../../domain/learning/item-features.ts';
import { selectBatch } from '../../domain/learning/strategies.ts';
import { affineMap, plainMath } from '../../domain/learning/vector-math.ts';
import { fitVectorSpace, vectorFeatures } from '../../domain/learning/vector-space.ts';
import { seededRng } from '../../domain/rng.ts';

const opened: SharedMath[] = [];
const math = (threads: number, bytes = 1_000_000) => {
  const made = sharedMath(bytes, threads);
  opened.push(made);
  return made;
};
afterAll(() => {
  for (const each of opened) each.close();
});

function normals(length: number, seed: number): Float32Array {
  const rng = seededRng(seed);
  return Float32Array.from({ length }, () => rng.normal());
}

describe('vectors on shared memory', () => {
  const one = math(1);
  const three = math(3);
  const elsewhere = { ...math(2), floats: plainMath.floats };

  it('give the bits of the plain loops, for any size and number of threads', () => {
    const sizes = fc.record({
      rows: fc.integer({ min: 0, max: 2500 }),
      dims: fc.integer({ min: 1, max: 23 }),
      outputs: fc.integer({ min: 1, max: 9 }),
      targets: fc.integer({ min: 0, max: 3 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(sizes, ({ rows, dims, outputs, targets, seed }) => {
        const values = normals(rows * dims, seed);
        const others = normals(targets * dims, seed + 1);
        const weights = normals(dims * outputs, seed + 2);
        const map = affineMap(
          dims,
          outputs,
          (d, k) => weights[d * outputs + k] ?? 0,
          (k) => k / 3,
        );
        const results = [plainMath, one, three, elsewhere].map((each) => {
          const own = each.floats(values.length);
          own.set(values);
          const mapped = each.floats(rows * map.outputs);
          each.affine(own, map, mapped);
          const nearest = each.floats(rows).fill(Number.POSITIVE_INFINITY);
          each.lowerNearest(own, dims, others, nearest);
          const gradients = each.floats(rows).fill(Number.POSITIVE_INFINITY);
          const errors = each.floats(rows * outputs);
          errors.set(normals(errors.length, seed + 3));
          const squares = each.floats(rows);
          squares.set(normals(rows, seed + 4).map(Math.abs));
          if (rows > 0)
            each.lowerGradients({ rows: own, dims, errors, classes: outputs, squares }, rows >> 1, gradients);
          const { sums, squares: ofMoments } = each.moments(own, dims, weights.subarray(0, dims));
          const width = 8 * outputs + targets;
          const products = each.floats(rows * width).fill(1);
          each.sparseTimes(sparseOf(values, rows, dims), normals(dims * width, seed + 5), width, products);
          return [[...mapped], [...nearest], [...gradients], [...sums], [...ofMoments], [...products]];
        });
        for (const result of results) expect(result).toEqual(results[0]);
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  it('stay right when the memory grows, and for arrays that lie elsewhere', () => {
    const small = math(2, 1000);
    const before = small.floats(8).fill(1);
    const after = small.floats(1_000_000);
    const out = small.floats(2).fill(100);
    small.lowerNearest(before, 4, Float32Array.of(1, 2, 3, 4), out);
    expect([...out]).toEqual([14, 14]);
    expect(after.every((value) => value === 0)).toBe(true);
    const other = new Float32Array(2).fill(100);
    small.lowerNearest(Float32Array.of(1, 0, 0, 2), 2, Float32Array.of(3, 4), other);
    expect([...other]).toEqual([20, 13]);
    const another = math(1).floats(8).fill(2);
    small.lowerNearest(another, 4, Float32Array.of(1, 2, 3, 4), out);
    expect([...out]).toEqual([6, 6]);
  });

  it.each(['diversity', 'combined', 'badge'] as const)(
    '%s chooses the same by threads as by plain loops',
    (strategy) => {
      const [count, dims] = [3000, 120];
      const pool = normals(count * dims, 8);
      const shares = Float64Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 0.3 : 0.7));
      const choices = [undefined, shares].flatMap((probabilities) =>
        [plainMath, three].map((each) => {
          const own = each.floats(pool.length);
          own.set(pool);
          const items = vectorFeatures(own, fitVectorSpace(own, dims, { math: each }), each);
          const { chosen } = selectBatch({
            strategy,
            n: 40,
            candidates: { count, dims: items.dims, dense: items.dense, probabilities },
            rng: seededRng(3),
            math: each,
          });
          return [...chosen];
        }),
      );
      expect(choices[1]).toEqual(choices[0]);
      expect(choices[3]).toEqual(choices[2]);
    },
  );
});
