import type { CurveData } from '../../../domain/learning/curve.ts';
import { fitVectorSpace, vectorFeatures } from '../../../domain/learning/vector-space.ts';
import { seededRng } from '../../../domain/rng.ts';

/** Two classes whose means lie apart in the first of four dimensions. */
export function blobs(count: number, seed: number, apart = 2) {
  const rng = seededRng(seed);
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  const vectors = Float32Array.from(
    labels.flatMap((k) => [apart * k + rng.normal(), rng.normal(), rng.normal(), rng.normal()]),
  );
  return { labels, vectors };
}

/** A pool and 500 test items of two such classes; the best possible rule is right in 84%. */
export function data(poolSize = 400): CurveData {
  const pool = blobs(poolSize, 1);
  const test = blobs(500, 2);
  const space = fitVectorSpace(pool.vectors, 4);
  return {
    pool: vectorFeatures(pool.vectors, space),
    labels: pool.labels,
    test: vectorFeatures(test.vectors, space),
    truth: test.labels,
    classes: 2,
  };
}
