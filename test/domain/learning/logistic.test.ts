import { describe, expect, it } from 'vitest';
import { atTemperature } from '../../../domain/learning/calibration.ts';
import { decodeModel, encodeModel, withTemperature } from '../../../domain/learning/linear-model.ts';
import { fitLogistic, mostProbable, oneHot, penaltyFor, predict } from '../../../domain/learning/logistic.ts';
import { seededRng } from '../../../domain/rng.ts';
import { sparse } from './matrices.ts';

/** Rows whose column k is largest belong to class k, with some noise. */
function toy(classes: number, rows: number, seed: number) {
  const rng = seededRng(seed);
  const labels = Array.from({ length: rows }, () => rng.int(classes));
  const matrix = sparse(
    labels.map((label) => Array.from({ length: classes + 20 }, (_, j) => (j === label ? 1 : 0) + rng.normal() * 0.2)),
  );
  return { matrix, labels };
}

describe('fitLogistic', () => {
  it.each([2, 3, 6])('learns %i classes', (classes) => {
    const train = toy(classes, 300, 1);
    const test = toy(classes, 300, 2);
    const fit = fitLogistic(train.matrix, oneHot(train.labels, classes), classes);
    expect(fit).toMatchObject({ converged: true });
    expect(fit.gradientNorm).toBeLessThanOrEqual(1e-4);
    const probabilities = predict(test.matrix, fit.model);
    const right = test.labels.filter((label, i) => mostProbable(probabilities, classes)[i] === label).length;
    expect(right / 300).toBeGreaterThan(0.9);
    for (let row = 0; row < 300; row++) {
      const sum = probabilities.slice(row * classes, (row + 1) * classes).reduce((x, y) => x + y, 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  it('gives the same bits again, and with a warm start the same answer sooner', () => {
    const { matrix, labels } = toy(4, 200, 3);
    const targets = oneHot(labels, 4);
    const cold = fitLogistic(matrix, targets, 4);
    expect(fitLogistic(matrix, targets, 4)).toEqual(cold);
    const warm = fitLogistic(matrix, targets, 4, { warmStart: cold.model });
    expect(warm.iterations).toBeLessThan(cold.iterations / 2);
    expect(warm.loss).toBeCloseTo(cold.loss, 4);
  });

  it.each([2, 4])('keeps a temperature in its weights: %i classes', (classes) => {
    const { matrix, labels } = toy(classes, 100, 5);
    const { model } = fitLogistic(matrix, oneHot(labels, classes), classes);
    const warmer = atTemperature(predict(matrix, model), classes, 2.5);
    predict(matrix, withTemperature(model, 2.5)).forEach((p, at) => {
      expect(p).toBeCloseTo(warmer[at] as number, 6);
    });
  });

  it('learns shares from soft labels', () => {
    const matrix = sparse(Array.from({ length: 50 }, () => [1]));
    const targets = Float64Array.from({ length: 150 }, (_, i) => [0.7, 0.2, 0.1][i % 3] ?? 0);
    const { model } = fitLogistic(matrix, targets, 3, { l2: 1e-6, tolerance: 1e-8 });
    const probabilities = predict(matrix, model);
    [0.7, 0.2, 0.1].forEach((share, k) => {
      expect(probabilities[k]).toBeCloseTo(share, 3);
    });
  });

  it('is held back more where labels are less certain, and not at all where they are', () => {
    expect(penaltyFor(0.1, oneHot([0, 2, 1, 1], 3), 3)).toBe(0.1);
    expect(penaltyFor(0.1, Float64Array.of(1, 0, 0.75, 0.25), 2)).toBeCloseTo(0.1 / 0.75 ** 3, 12);
    expect(penaltyFor(0.1, Float64Array.of(0.5, 0.5), 2)).toBeCloseTo(100, 9);
    expect(penaltyFor(0.1, new Float64Array(), 2)).toBe(0.1);
  });

  it('stays finite with one class only, and with rows without features', () => {
    const { matrix } = toy(3, 40, 5);
    const { model, converged } = fitLogistic(matrix, oneHot(new Array(40).fill(1), 3), 3);
    expect(converged).toBe(true);
    expect(mostProbable(predict(matrix, model), 3).every((k) => k === 1)).toBe(true);
    const empty = fitLogistic(sparse([[], []], 5), oneHot([0, 1], 2), 2);
    expect([...predict(sparse([[]], 5), empty.model)]).toEqual([0.5, 0.5]);
  });

  it('says what is wrong with targets', () => {
    const matrix = sparse([[1], [2]]);
    expect(() => fitLogistic(matrix, Float64Array.of(1, 0), 2)).toThrow('2 target numbers for 2 rows of 2 classes');
    expect(() => fitLogistic(matrix, Float64Array.of(1, 0, 0.5, 0.6), 2)).toThrow('The target of row 1 is 0.5, 0.6');
    expect(() => fitLogistic(matrix, Float64Array.of(1, 0, Number.NaN, 1), 2)).toThrow('The target of row 1');
    expect(() => fitLogistic(matrix, Float64Array.of(1, 1), 1)).toThrow('at least two classes, not 1');
    expect(() => oneHot([0, 2], 2)).toThrow('Row 1 has class 2; it must be from 0 to 1.');
    const { model } = fitLogistic(matrix, oneHot([0, 1], 2), 2);
    expect(() => predict(sparse([[1, 1]]), model)).toThrow('trained on 1 columns, the rows have 2');
    expect(() => fitLogistic(matrix, oneHot([0, 1], 3), 3, { warmStart: model })).toThrow('model to begin from');
  });
});

describe('a stored model', () => {
  const { matrix, labels } = toy(6, 120, 8);
  const { model } = fitLogistic(matrix, oneHot(labels, 6), 6);

  it('comes back as it was', () => {
    const bytes = encodeModel(model);
    expect(decodeModel(bytes)).toEqual(model);
    // Also from the middle of a larger buffer, as database drivers hand them out.
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(decodeModel(larger.subarray(3))).toEqual(model);
  });

  it('fits the room it is given, keeping the heaviest columns', () => {
    const small = encodeModel(model, 300);
    expect(small.length).toBeLessThanOrEqual(300);
    const kept = decodeModel(small);
    expect([0, 1, 2, 3, 4, 5].every((column) => kept.columns.includes(column))).toBe(true);
    const probabilities = predict(matrix, kept);
    const right = labels.filter((label, i) => mostProbable(probabilities, 6)[i] === label).length;
    expect(right / 120).toBeGreaterThan(0.9);
    expect(encodeModel(model, 0).length).toBe(16 + 24);
  });

  it('is refused when damaged', () => {
    const bytes = encodeModel(model);
    for (const bad of [new Uint8Array(0), bytes.subarray(4), bytes.subarray(0, bytes.length - 4), new Uint8Array(99)]) {
      expect(() => decodeModel(bad)).toThrow('The stored model cannot be read');
    }
  });
});
