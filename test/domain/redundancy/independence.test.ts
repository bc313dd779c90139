import { describe, expect, test } from 'vitest';
import { independence } from '../../../domain/redundancy/independence.ts';
import { seededRng } from '../../../domain/rng.ts';

/** What each answer counts of six annotators who are right in three of four tasks, the last of whom copies the first. */
function weights(tasks: number, { copies }: { copies: boolean }) {
  const rng = seededRng('copies');
  const size = { unitCount: tasks, raterCount: 6, labelCount: 2, idCount: 2, capacity: 6 * tasks };
  const voices = independence(size);
  const said = Array.from({ length: tasks }, (_, t) => {
    const right = rng.int(2);
    const labels = Array.from({ length: 6 }, () => (rng.next() < 0.75 ? right : 1 - right));
    if (copies) labels[5] = labels[0] ?? 0;
    for (const [w, label] of labels.entries()) voices.add(t, w, label);
    return labels;
  });
  const weight = new Float64Array(6 * tasks).fill(7);
  voices.weigh(weight);
  return { said, weight };
}

describe('annotators who are not independent', () => {
  test('two copies count as little more than one, everybody else in full', () => {
    const { said, weight } = weights(300, { copies: true });
    for (const t of said.keys()) {
      const [first, ...others] = weight.subarray(6 * t, 6 * t + 6);
      expect(first).toBeGreaterThanOrEqual(0.5);
      expect(first).toBeLessThan(0.56);
      expect(others).toEqual([1, 1, 1, 1, first]);
    }
  });

  test('independent ones count in full, and few tasks accuse nobody', () => {
    expect(weights(300, { copies: false }).weight).toEqual(new Float64Array(1800).fill(1));
    expect(weights(7, { copies: true }).weight).toEqual(new Float64Array(42).fill(1));
  });
});
