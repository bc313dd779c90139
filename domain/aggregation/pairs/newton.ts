import { type Curvature, newtonStep } from './newton-step.ts';
import type { PairCounts } from './pair-votes.ts';

/** What is minimised, and its derivatives, at some strengths. */
export interface Place {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly curvature: Curvature;
}

export interface NewtonOptions {
  readonly look: (strengths: Float64Array) => Place;
  /** Takes out of a vector the directions in which nothing changes. */
  readonly clear: (vector: Float64Array) => void;
  /** Done when no strength changes by more. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Decrease that a step must bring, as a share of what its slope promises (Armijo). */
const SUFFICIENT_DECREASE = 1e-4;
const MAX_HALVINGS = 40;

/** Minimises a convex function of strengths by Newton's method with backtracking. */
export function newton(
  pairs: Pick<PairCounts, 'first' | 'second'>,
  start: Float64Array,
  { look, clear, tolerance, maxIterations }: NewtonOptions,
): { strengths: Float64Array; iterations: number; converged: boolean } {
  let strengths = start;
  let at = look(start);
  let iterations = 0;
  let converged = false;
  while (!converged && iterations < maxIterations) {
    const step = newtonStep(pairs, at.gradient, at.curvature, clear);
    const slope = step.reduce((sum, change, a) => sum + change * (at.gradient[a] as number), 0);
    // Close to the minimum the decrease drowns in rounding, and a full step is right.
    const rounding = 1e-13 * Math.abs(at.value);
    let moved = false;
    let size = 1;
    for (let halvings = 0; halvings < MAX_HALVINGS && !moved; halvings++, size /= 2) {
      const next = strengths.map((strength, a) => strength + size * (step[a] as number));
      const place = look(next);
      if (place.value > at.value + SUFFICIENT_DECREASE * size * slope + rounding) continue;
      strengths = next;
      at = place;
      moved = true;
    }
    if (!moved) break;
    iterations++;
    converged = step.every((change) => Math.abs(change) <= tolerance);
  }
  return { strengths, iterations, converged };
}
