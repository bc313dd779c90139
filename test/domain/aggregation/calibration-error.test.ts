import { expect, it } from 'vitest';
import { calibrationOf } from '../../../domain/aggregation/calibration-error.ts';
import { seededRng } from '../../../domain/rng.ts';

const claims = (confidence: number, right: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ confidence, right: at < right ? 1 : 0 }));

it('is how far claims are from what comes true, bin by bin', () => {
  expect(calibrationOf([])).toBeUndefined();
  // Half of them claim 0.9 and are right in 0.7, half claim 0.6 and are right in 0.6.
  const mixed = Array.from({ length: 10 }, () => [...claims(0.9, 7, 10), ...claims(0.6, 6, 10)]).flat();
  const { meanConfidence, calibrationError } = calibrationOf(mixed) ?? { meanConfidence: 0, calibrationError: 0 };
  expect(meanConfidence).toBeCloseTo(0.75, 12);
  expect(calibrationError).toBeCloseTo(0.1, 12);
  // Too sure here and too modest there is not calibrated on average.
  const both = [...claims(0.9, 50, 100), ...claims(0.5, 90, 100)];
  expect(calibrationOf(both)?.calibrationError).toBeCloseTo(0.4, 12);
});

it('is small where claims come true, whatever their number', () => {
  const rng = seededRng('claims');
  const drawn = Array.from({ length: 5000 }, () => {
    const confidence = 0.5 + rng.next() / 2;
    return { confidence, right: rng.next() < confidence ? 1 : 0 };
  });
  expect(calibrationOf(drawn)?.calibrationError).toBeLessThan(0.03);
  for (const n of [1, 3, 11]) expect(calibrationOf(drawn.slice(0, n))?.calibrationError).toBeLessThanOrEqual(1);
});
