import { QuorateError } from '../../failures.ts';
import { logistic, softplus } from '../logistic.ts';
import type { Place } from './newton.ts';
import { centre } from './pair-fit.ts';
import type { Parts } from './parts.ts';

/** Small beside a single real comparison, yet enough to hold items that never lost (or never won) at finite strengths. */
export const UNBOUNDED_PRIOR = 0.1;

/**
 * The weight of the prior by item: `wanted`, or where that is undefined 0 in parts whose comparisons bound all
 * strengths and `UNBOUNDED_PRIOR` in the others. Throws QuorateError for a weight that is negative or no finite number.
 */
export function priorWeights({ part, bounded }: Parts, wanted: number | undefined): Float64Array {
  if (wanted !== undefined && !(Number.isFinite(wanted) && wanted >= 0)) {
    throw new QuorateError('invalid_input', `The prior is ${wanted}; it must be a number from 0.`, { field: 'prior' });
  }
  return Float64Array.from(part, (id) => wanted ?? (bounded[id] ? 0 : UNBOUNDED_PRIOR));
}

/** Takes out of a vector what nothing tells: without a prior, how high the strengths of a part are together. */
export function clearUnknown(vector: Float64Array, parts: Parts, weight: Float64Array): void {
  centre(vector, parts, (a) => weight[a] === 0);
}

/**
 * What a prior adds to minus the log-likelihood: for each item `weight[a]` imagined comparisons with an average item,
 * of strength 0, each half won. `pairCount` is how many pairs there will be second derivatives for.
 */
export function virtualTies(weight: Float64Array, strengths: Float64Array, pairCount: number): Place {
  const gradient = new Float64Array(strengths.length);
  const curvature = { pair: new Float64Array(pairCount), item: new Float64Array(strengths.length) };
  let value = 0;
  for (let a = 0; a < strengths.length; a++) {
    const [w, s] = [weight[a] as number, strengths[a] as number];
    if (w === 0) continue;
    const p = logistic(s);
    value += w * (softplus(s) - s / 2);
    gradient[a] = w * (p - 0.5);
    curvature.item[a] = w * p * (1 - p);
  }
  return { value, gradient, curvature };
}
