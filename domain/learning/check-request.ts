import { QuorateError } from '../failures.ts';
import { firstNotFinite } from './finite.ts';
import type { SelectionRequest } from './selection.ts';

/** How far the probabilities of a row may be from summing to one. */
const SUM_TOLERANCE = 1e-3;

/** Throws a sentence that names what does not fit: sizes, rows with numbers that are not finite, missing vectors. */
export function checkRequest({ strategy, n, candidates, labeled }: SelectionRequest): void {
  const { count, dims, dense, probabilities, classes, norms } = candidates;
  if (!(Number.isInteger(n) && n >= 0)) fail(`The number to choose is ${n}; it must be a whole number of 0 or more.`);
  if (dense === undefined) {
    const needed = strategy === 'diversity' || strategy === 'combined' || strategy === 'badge';
    if (needed && count > 0) fail(`The strategy ${strategy} needs a vector for every candidate, and there are none.`);
  } else {
    checkRows('vectors of the candidates', dense, count, dims);
    if (labeled) checkRows('vectors of the labelled items', labeled.dense, labeled.count, dims);
  }
  if (probabilities !== undefined) {
    if (classes === undefined && count > 0 && probabilities.length % count !== 0) {
      fail(`There are ${probabilities.length} probabilities for ${count} candidates; each needs as many as classes.`);
    }
    checkRows('probabilities of the candidates', probabilities, count, classes ?? probabilities.length / (count || 1));
    checkSums(probabilities, count);
    if (labeled?.probabilities && count > 0) {
      checkRows(
        'probabilities of the labelled items',
        labeled.probabilities,
        labeled.count,
        probabilities.length / count,
      );
    }
  }
  if (candidates.closed !== undefined && candidates.closed.length !== count) {
    fail(`There are ${candidates.closed.length} marks of closed rows for ${count} candidates.`);
  }
  if (norms !== undefined) checkRows('lengths of the feature rows', norms, count, 1);
}

function checkRows(what: string, values: Float32Array | Float64Array, rows: number, columns: number): void {
  if (values.length !== rows * columns) {
    fail(`The ${what} hold ${values.length} numbers; ${rows} rows of ${columns} are ${rows * columns}.`);
  }
  const wrong = firstNotFinite(values);
  if (wrong < 0) return;
  fail(`Row ${Math.floor(wrong / columns)} of the ${what} holds ${values[wrong]}; every number must be finite.`);
}

function checkSums(probabilities: Float64Array, count: number): void {
  const classes = probabilities.length / count;
  for (let row = 0; row < count; row++) {
    let sum = 0;
    let least = 0;
    for (let k = row * classes; k < (row + 1) * classes; k++) {
      sum += probabilities[k] as number;
      least = Math.min(least, probabilities[k] as number);
    }
    if (least < 0 || Math.abs(sum - 1) > SUM_TOLERANCE) {
      fail(`Row ${row} of the probabilities of the candidates sums to ${sum}; it must be shares that sum to 1.`);
    }
  }
}

function fail(message: string): never {
  throw new QuorateError('invalid_input', message);
}
