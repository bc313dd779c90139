/** One step of EM: reads parameters from `from`, writes better ones to `to`, returns the objective at `from`. */
export type EmStep = (from: Float64Array, to: Float64Array) => number;

export interface SquaremOptions {
  /** Done when a step raises the objective by less than this. */
  readonly tolerance: number;
  /** Most steps, those spent on extrapolated points included. */
  readonly maxIterations: number;
  /** Makes extrapolated parameters valid (floors, sums), in place. */
  readonly project: (x: Float64Array) => void;
}

export interface Maximum {
  readonly x: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
  /** The objective at each point accepted; it never falls beyond rounding. */
  readonly history: number[];
}

/** Differences of the objective below this share of it are rounding. */
const ROUNDING = 1e-14;

/** Plain steps before the first extrapolation, so that the start, not the acceleration, chooses the optimum. */
const PLAIN_STEPS = 5;

/**
 * Runs EM to its fixed point by squared extrapolation (SQUAREM, step length S3: Varadhan and Roland, "Simple and
 * globally convergent methods for accelerating the convergence of any EM algorithm", 2008). An extrapolated point is
 * taken only where its objective is at least that of the plain step, so the objective never falls, and the end is
 * judged on a plain step: acceleration changes how soon EM converges, not what it converges to.
 */
export function squarem(step: EmStep, start: Float64Array, options: SquaremOptions): Maximum {
  const { tolerance, maxIterations, project } = options;
  const size = start.length;
  let x = start.slice();
  const once = new Float64Array(size);
  let twice = new Float64Array(size);
  const ahead = new Float64Array(size);
  const history: number[] = [];
  let iterations = 0;
  const measured = (from: Float64Array, to: Float64Array) => {
    iterations++;
    return step(from, to);
  };

  for (;;) {
    const value = measured(x, once);
    history.push(value);
    if (iterations >= maxIterations) return { x, iterations, converged: false, history };
    const next = measured(once, twice);
    history.push(next);
    const converged = next - value <= tolerance;
    if (converged || iterations >= maxIterations) return { x: once, iterations, converged, history };
    const factor = iterations > PLAIN_STEPS ? stretch(x, once, twice) : 1;
    if (factor > 1) {
      extrapolate(ahead, x, once, twice, factor);
      project(ahead);
      const reached = measured(ahead, x);
      // Taken, and smoothed by the step just made from it; otherwise the plain steps stand.
      if (reached >= next - ROUNDING * Math.abs(next)) {
        history.push(reached);
        continue;
      }
    }
    [x, twice] = [twice, x];
  }
}

/** The length of step S3: |r| / |v|, with r the first step and v the change from it to the second. */
function stretch(x: Float64Array, once: Float64Array, twice: Float64Array): number {
  let first = 0;
  let change = 0;
  for (let i = 0; i < x.length; i++) {
    const r = (once[i] as number) - (x[i] as number);
    const v = (twice[i] as number) - (once[i] as number) - r;
    first += r * r;
    change += v * v;
  }
  return change > 0 ? Math.sqrt(first / change) : 1;
}

function extrapolate(to: Float64Array, x: Float64Array, once: Float64Array, twice: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) {
    const r = (once[i] as number) - (x[i] as number);
    const v = (twice[i] as number) - (once[i] as number) - r;
    to[i] = (x[i] as number) + 2 * factor * r + factor * factor * v;
  }
}
