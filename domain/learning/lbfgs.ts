/** The value of a smooth function at x; writes its gradient there into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimizeOptions {
  /** Done when no component of the gradient is larger than this. @default 1e-4 */
  readonly tolerance?: number;
  /** @default 200 */
  readonly maxIterations?: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Largest absolute component of the gradient at x. */
  readonly gradientNorm: number;
  /** Whether the tolerance was reached; if not, x is still the best point found. */
  readonly converged: boolean;
}

/** Steps remembered to estimate the curvature. */
const MEMORY = 6;
/** Share of the decrease promised by the slope that a step must bring (Armijo). */
const SUFFICIENT_DECREASE = 1e-4;
const MAX_HALVINGS = 40;

/**
 * Minimises a smooth convex function by limited-memory BFGS (Nocedal and Wright, Numerical Optimization, 2006,
 * algorithm 7.5) with a backtracking line search. No randomness: the same input gives the same bits.
 */
export function minimize(objective: Objective, start: Float64Array, options: MinimizeOptions = {}): Minimum {
  const { tolerance = 1e-4, maxIterations = 200 } = options;
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  let nextX = new Float64Array(x.length);
  let nextGradient = new Float64Array(x.length);
  const direction = new Float64Array(x.length);
  const steps: { s: Float64Array; y: Float64Array; sy: number }[] = [];
  let iterations = 0;

  while (largest(gradient) > tolerance && iterations < maxIterations) {
    descend(direction, gradient, steps);
    const slope = dot(direction, gradient);
    let step = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let nextValue = Number.POSITIVE_INFINITY;
    let halvings = 0;
    for (; halvings < MAX_HALVINGS; halvings++, step /= 2) {
      for (let i = 0; i < x.length; i++) nextX[i] = (x[i] as number) + step * (direction[i] as number);
      nextValue = objective(nextX, nextGradient);
      if (nextValue <= value + SUFFICIENT_DECREASE * step * slope) break;
    }
    // No step brings a decrease that doubles can show: this is as far as it goes.
    if (halvings === MAX_HALVINGS) break;

    const oldest = steps.length === MEMORY ? steps.shift() : undefined;
    const s = oldest?.s ?? new Float64Array(x.length);
    const y = oldest?.y ?? new Float64Array(x.length);
    for (let i = 0; i < x.length; i++) {
      s[i] = (nextX[i] as number) - (x[i] as number);
      y[i] = (nextGradient[i] as number) - (gradient[i] as number);
    }
    const sy = dot(s, y);
    if (sy > 1e-300) steps.push({ s, y, sy });
    [x, nextX] = [nextX, x];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = nextValue;
    iterations++;
  }
  const gradientNorm = largest(gradient);
  return { x, value, iterations, gradientNorm, converged: gradientNorm <= tolerance };
}

/** The two-loop recursion: writes minus the inverse curvature times the gradient into `direction`. */
function descend(
  direction: Float64Array,
  gradient: Float64Array,
  steps: readonly { s: Float64Array; y: Float64Array; sy: number }[],
): void {
  for (let i = 0; i < gradient.length; i++) direction[i] = -(gradient[i] as number);
  const shares = new Float64Array(steps.length);
  for (let j = steps.length - 1; j >= 0; j--) {
    const { s, y, sy } = steps[j] as (typeof steps)[number];
    shares[j] = dot(s, direction) / sy;
    add(direction, y, -(shares[j] as number));
  }
  const last = steps.at(-1);
  if (last !== undefined) {
    const scale = last.sy / dot(last.y, last.y);
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) * scale;
  }
  for (let j = 0; j < steps.length; j++) {
    const { s, y, sy } = steps[j] as (typeof steps)[number];
    add(direction, s, (shares[j] as number) - dot(y, direction) / sy);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function add(target: Float64Array, source: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + factor * (source[i] as number);
}

function largest(xs: Float64Array): number {
  let most = 0;
  for (let i = 0; i < xs.length; i++) most = Math.max(most, Math.abs(xs[i] as number));
  return most;
}
