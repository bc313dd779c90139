import { QuorateError } from '../failures.ts';

const COLDEST = 0.05;
const HOTTEST = 20;
const STEPS = 60;

/**
 * The temperature T for which p^(1/T), scaled to sum to one, fits held-out answers best (Guo et al., ICML 2017): above 1
 * where the model is too sure, below where it is too timid. It never changes which class is the most probable.
 * `targets` (rows x classes) are one-hot or soft; `weights` say how much each row counts. The negative log-likelihood is
 * convex in 1/T, so the zero of its slope is found by bisection, within [0.05, 20]; 1 without rows that count.
 */
export function fitTemperature(
  probabilities: Float64Array,
  targets: Float64Array,
  classes: number,
  weights?: ArrayLike<number>,
): number {
  if (probabilities.length !== targets.length || probabilities.length % classes !== 0) {
    const message = `There are ${probabilities.length} probabilities and ${targets.length} target numbers for rows of ${classes} classes.`;
    throw new QuorateError('invalid_input', message);
  }
  const rows = probabilities.length / classes;
  const logs = probabilities.map(logOf);
  const shares = new Float64Array(classes);
  /** Derivative of the loss by the inverse temperature. */
  const slope = (inverse: number) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      const weight = weights?.[row] ?? 1;
      const from = row * classes;
      heat(logs.subarray(from, from + classes), inverse, shares);
      for (let k = 0; k < classes; k++) {
        sum += weight * ((shares[k] as number) - (targets[from + k] as number)) * (logs[from + k] as number);
      }
    }
    return sum;
  };
  if (slope(1) === 0) return 1;
  let low = Math.log(1 / HOTTEST);
  let high = Math.log(1 / COLDEST);
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) > 0) high = middle;
    else low = middle;
  }
  return Math.exp(-(low + high) / 2);
}

/**
 * Targets (rows x classes) of answers that are known for sure, with room for one error more than was seen (Platt, 1999).
 * By one-hot targets a model without a fault so far would be certain of all it says.
 */
export function targetsWithDoubt(truths: readonly number[], classes: number): Float64Array {
  const doubt = 1 / (truths.length + 2);
  const targets = new Float64Array(truths.length * classes).fill(doubt / (classes - 1));
  truths.forEach((truth, row) => {
    targets[row * classes + truth] = 1 - doubt;
  });
  return targets;
}

/** Probabilities (rows x classes) at another temperature; see `fitTemperature`. */
export function atTemperature(probabilities: Float64Array, classes: number, temperature: number): Float64Array {
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new QuorateError('invalid_input', `The temperature is ${temperature}; it must be a positive number.`);
  }
  const result = new Float64Array(probabilities.length);
  for (let from = 0; from < probabilities.length; from += classes) {
    const row = probabilities.subarray(from, from + classes).map(logOf);
    heat(row, 1 / temperature, result.subarray(from, from + classes));
  }
  return result;
}

/** Impossible classes count as merely very improbable: a held-out answer may name one. */
const logOf = (p: number) => Math.log(Math.max(p, 1e-12));

function heat(logs: Float64Array, inverse: number, shares: Float64Array): void {
  const most = Math.max(...logs);
  let total = 0;
  for (let k = 0; k < logs.length; k++) {
    shares[k] = Math.exp(inverse * ((logs[k] as number) - most));
    total += shares[k] as number;
  }
  for (let k = 0; k < logs.length; k++) shares[k] = (shares[k] as number) / total;
}
