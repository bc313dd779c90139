import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combinedBatch } from '../../../domain/learning/combined.ts';
import { designBatch } from '../../../domain/learning/design.ts';
import { inverse } from '../../../domain/learning/symmetric.ts';
import { wordDesign } from '../../../domain/learning/word-design.ts';
import { seededRng } from '../../../domain/rng.ts';

const none = { dense: new Float32Array(0), count: 0, information: new Float64Array(0) };

function randomRows(seed: number, count: number, dims: number) {
  const rng = seededRng(seed);
  return {
    dense: Float32Array.from({ length: count * dims }, () => rng.normal()),
    count,
    information: Float64Array.from({ length: count }, () => 0.25 * rng.next()),
    weights: Float64Array.from({ length: count }, () => rng.next()),
  };
}

/** tr(M^-1 F) computed from its definition. */
function variance(
  dims: number,
  ridge: number,
  taught: [row: number[], h: number][],
  judged: [row: number[], w: number][],
) {
  const precision = new Float64Array(dims * dims);
  for (let i = 0; i < dims; i++) precision[i * dims + i] = ridge;
  for (const [x, h] of taught) {
    for (let i = 0; i < dims; i++) {
      for (let j = 0; j < dims; j++)
        precision[i * dims + j] = (precision[i * dims + j] ?? 0) + h * (x[i] ?? 0) * (x[j] ?? 0);
    }
  }
  const covariance = inverse(precision, dims);
  let sum = 0;
  for (const [x, w] of judged) {
    for (let i = 0; i < dims; i++) {
      for (let j = 0; j < dims; j++)
        sum += (w * (x[i] ?? 0) * (covariance[i * dims + j] ?? 0) * (x[j] ?? 0)) / judged.length;
    }
  }
  return sum;
}

describe('a design', () => {
  it('one direction, by hand', () => {
    // Variance 1 / ridge = 2 at x = 1; a label with h = 0.5 at x = 2 makes it 1 / (0.5 + 2) = 0.4.
    const [choice] = designBatch({
      dims: 1,
      candidates: { dense: Float32Array.of(1, 2), count: 2, information: Float64Array.of(0.5, 0.5) },
      labeled: none,
      reference: { dense: Float32Array.of(1), count: 1, weights: Float64Array.of(1) },
      n: 1,
      ridge: 0.5,
    });
    expect(choice).toEqual({ index: 1, gain: expect.closeTo(1.6, 12), variance: expect.closeTo(8, 12) });
  });

  it('takes each time what lowers the variance most, by exactly its gain', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, dims) => {
        const candidates = randomRows(seed, 8, dims);
        const labeled = randomRows(seed + 1, 3, dims);
        const reference = randomRows(seed + 2, 6, dims);
        const row = ({ dense }: { dense: Float32Array }, i: number) => [...dense.subarray(i * dims, (i + 1) * dims)];
        const taught = [0, 1, 2].map((i): [number[], number] => [row(labeled, i), labeled.information[i] ?? 0]);
        const judged = Array.from({ length: 6 }, (_, i): [number[], number] => [
          row(reference, i),
          reference.weights[i] ?? 0,
        ]);
        for (const { index, gain } of designBatch({ dims, candidates, labeled, reference, n: 4, ridge: 0.3 })) {
          const before = variance(dims, 0.3, taught, judged);
          const varianceWith = (i: number) =>
            variance(dims, 0.3, [...taught, [row(candidates, i), candidates.information[i] ?? 0]], judged);
          const best = Math.min(...Array.from({ length: 8 }, (_, i) => varianceWith(i)));
          expect(before - varianceWith(index)).toBeCloseTo(gain, 6);
          // A chosen row may be as good again, but is not taken twice; then the next best is.
          if (!taught.slice(3).length) expect(varianceWith(index)).toBeCloseTo(best, 6);
          taught.push([row(candidates, index), candidates.information[index] ?? 0]);
        }
      }),
      { numRuns: 25, seed: 5 },
    );
  });
});

describe('words in a design', () => {
  /** Rows of words with the weight of each. */
  const rowsOf = (rows: readonly Readonly<Record<number, number>>[]) => {
    const entries = rows.map((row) => Object.entries(row));
    const indptr = Uint32Array.from({ length: rows.length + 1 }, (_, i) => entries.slice(0, i).flat().length);
    const indices = Uint32Array.from(entries.flat(), ([column]) => Number(column));
    const values = Float32Array.from(entries.flat(), ([, value]) => value);
    const matrix = { indptr, indices, values, rows: rows.length, cols: 8 };
    return { matrix, rows: rows.map((_, i) => i) };
  };
  const unit = (...columns: number[]) => Object.fromEntries(columns.map((c) => [c, Math.sqrt(1 / columns.length)]));

  it('by hand: variance and effect of one word, before and after labels', () => {
    const design = wordDesign({
      candidates: rowsOf([{ 0: 1 }, { 1: 1 }]),
      labeled: rowsOf([{ 0: 1 }]),
      reference: rowsOf([{ 0: 1 }, { 1: 1 }]),
      information: Float64Array.of(0.3),
      weights: Float64Array.of(1, 1),
      ridge: 0.1,
    });
    // Word 0 has precision 0.1 + 0.3, word 1 has 0.1; each is half of the reference.
    expect(design.measure(0)).toEqual({ variance: expect.closeTo(2.5, 9), effect: expect.closeTo(3.125, 9) });
    expect(design.measure(1)).toEqual({ variance: expect.closeTo(10, 9), effect: expect.closeTo(50, 9) });
    design.choose(1, 0.3);
    expect(design.measure(1)).toEqual(design.measure(0));
  });

  it('prefer short texts of frequent words that are seldom labelled', () => {
    const texts = rowsOf([unit(0, 1, 2, 3), unit(0, 5), unit(4, 5), unit(6, 7)]);
    const design = wordDesign({
      candidates: texts,
      labeled: rowsOf(Array.from({ length: 4 }, () => unit(0))),
      reference: rowsOf([unit(0), unit(4), unit(4, 5), unit(5), unit(1, 2, 3)]),
      information: new Float64Array(4).fill(0.25),
      weights: new Float64Array(5).fill(1),
      ridge: 0.1,
    });
    const order = [0, 1, 2, 3].sort((a, b) => design.measure(b).effect - design.measure(a).effect);
    expect(order).toEqual([2, 1, 0, 3]);
    const nowhere = new Float32Array(0);
    const chosen = designBatch({
      dims: 0,
      candidates: { dense: nowhere, count: 4, information: new Float64Array(4).fill(0.25) },
      labeled: none,
      reference: { dense: nowhere, count: 5, weights: new Float64Array(5).fill(1) },
      n: 4,
      ridge: 0.1,
      words: design,
    });
    expect(chosen[0]?.index).toBe(2);
    expect(new Set(chosen.map(({ index }) => index)).size).toBe(4);
  });
});

describe('the combined strategy', () => {
  const pool = (seed: number, count: number, dims: number) => {
    const rng = seededRng(seed);
    const probabilities = Float64Array.from({ length: 2 * count }, () => 0.5);
    return { count, dims, dense: Float32Array.from({ length: count * dims }, () => rng.normal()), probabilities };
  };
  const order = (count: number) => seededRng(3).shuffle(Array.from({ length: count }, (_, i) => i));

  it('chooses the same whatever the scale of the vectors', () => {
    const candidates = pool(1, 300, 8);
    const larger = { ...candidates, dense: candidates.dense.map((x) => 1024 * x) };
    const picks = (from: typeof candidates) => combinedBatch(from, none, 10, order(300)).map(({ index }) => index);
    expect(picks(larger)).toEqual(picks(candidates));
  });

  it('reduces vectors of many dimensions and still spreads over groups', () => {
    const rng = seededRng(2);
    const count = 200;
    const dims = 300;
    const centres = Array.from({ length: 4 }, () => Array.from({ length: dims }, () => rng.normal()));
    const dense = Float32Array.from(
      Array.from({ length: count }, (_, i) => (centres[i % 4] ?? []).map((x) => x + 0.3 * rng.normal())).flat(),
    );
    const probabilities = new Float64Array(2 * count).fill(0.5);
    const picks = combinedBatch({ count, dims, dense, probabilities }, none, 4, order(count));
    expect(new Set(picks.map(({ index }) => index % 4)).size).toBe(4);
  });

  it('sees with an intercept what doubtful rows in the middle tell', () => {
    const rng = seededRng(4);
    const count = 300;
    const dense = Float32Array.from({ length: 2 * count }, (_, at) => (at < count ? 0.1 : 1) * rng.normal());
    const inTheMiddle = (index: number) => index < count / 2;
    const probabilities = Float64Array.from({ length: 2 * count }, (_, at) =>
      inTheMiddle(Math.floor(at / 2)) ? 0.5 : ([0.1, 0.9][at % 2] as number),
    );
    const picks = (intercept: boolean) =>
      combinedBatch({ count, dims: 2, dense, probabilities, intercept }, none, 20, order(count))
        .map(({ index }) => index)
        .filter(inTheMiddle).length;
    expect(picks(false)).toBe(0);
    expect(picks(true)).toBeGreaterThan(5);
  });

  it('copes with vectors that are all zero', () => {
    const candidates = { ...pool(1, 9, 3), dense: new Float32Array(27) };
    const picks = combinedBatch(candidates, none, 5, order(9));
    expect(new Set(picks.map(({ index }) => index)).size).toBe(5);
    expect(picks.every(({ score }) => score.score === 0)).toBe(true);
  });
});
