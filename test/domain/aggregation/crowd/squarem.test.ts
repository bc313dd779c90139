import { describe, expect, it } from 'vitest';
import { type EmStep, squarem } from '../../../../domain/aggregation/crowd/squarem.ts';

/** EM for the weights of a mixture of known densities: slow where the densities overlap. */
function mixture(densities: readonly (readonly number[])[]): EmStep {
  return (from, to) => {
    to.fill(0);
    let likelihood = 0;
    for (const row of densities) {
      const joint = row.map((density, k) => density * (from[k] ?? 0));
      const total = joint.reduce((sum, p) => sum + p, 0);
      likelihood += Math.log(total);
      joint.forEach((p, k) => {
        to[k] = (to[k] ?? 0) + p / total / densities.length;
      });
    }
    return likelihood;
  };
}

const simplex = (x: Float64Array) => {
  const total = x.reduce((sum, p) => sum + Math.max(1e-12, p), 0);
  x.forEach((p, k) => {
    x[k] = Math.max(1e-12, p) / total;
  });
};
const step = mixture(
  Array.from({ length: 60 }, (_, i) => [1, 2, 3.5].map((mean) => Math.exp(-(((i % 20) / 4 - mean) ** 2) / 2))),
);
const start = Float64Array.of(0.6, 0.3, 0.1);

describe('squarem', () => {
  it('ends where plain EM ends, in fewer steps, and never goes down', () => {
    let plain = start.slice();
    let next = new Float64Array(3);
    let steps = 0;
    for (let value = Number.NEGATIVE_INFINITY; ; steps++) {
      const reached = step(plain, next);
      [plain, next] = [next, plain];
      if (reached - value < 1e-13) break;
      value = reached;
    }
    const end = squarem(step, start, { tolerance: 1e-13, maxIterations: 10_000, project: simplex });
    expect(end.converged).toBe(true);
    expect(end.iterations).toBeLessThan(steps / 4);
    end.x.forEach((p, k) => {
      expect(Math.abs(p - (plain[k] ?? 0))).toBeLessThan(1e-5);
    });
    end.history.slice(1).forEach((value, at) => {
      expect(value - (end.history[at] ?? 0)).toBeGreaterThan(-1e-12);
    });
  });

  it('stops at the limit and leaves the start alone', () => {
    const end = squarem(step, start, { tolerance: 0, maxIterations: 3, project: simplex });
    expect(end).toMatchObject({ iterations: 3, converged: false });
    expect([...start]).toEqual([0.6, 0.3, 0.1]);
  });
});
