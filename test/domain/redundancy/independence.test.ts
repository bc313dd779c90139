import { describe, expect, test } from 'vitest';
import { independence } from '../../../domain/redundancy/independence.ts';
import { seededRng } from '../../../domain/rng.ts';

/** Three independent annotators of accuracy 0.75 on two labels, and one who copies the first. */
function crowd(tasks: number) {
  const rng = seededRng('copies');
  const voices = independence({ unitCount: tasks, labelCount: 2, capacity: 4 * tasks });
  for (let t = 0; t < tasks; t++) {
    const labels = [0, 1, 2].map(() => (rng.next() < 0.75 ? 1 : 0));
    for (const [w, label] of [...labels, labels[0] ?? 0].entries()) voices.add(t, w, label);
  }
  return voices;
}
const ACCURACY = [0.75, 0.75, 0.75, 0.75];

describe('annotators who are not independent', () => {
  test('a copy is found, independent ones of the same accuracy are not, and few tasks accuse nobody', () => {
    const correlation = crowd(300).correlations(ACCURACY);
    expect(correlation(0, 3)).toBeGreaterThan(0.8);
    expect(correlation(3, 0)).toBe(correlation(0, 3));
    expect(correlation(0, 1)).toBeLessThan(0.2);
    expect(correlation(0, 99)).toBe(0);
    expect(crowd(3).correlations(ACCURACY)(0, 3)).toBe(0);
    const weight = new Float64Array(12).fill(7);
    crowd(3).weigh(ACCURACY, weight);
    expect(weight).toEqual(new Float64Array(12).fill(1));
  });

  test('two copies count as one, whoever disagrees counts in full', () => {
    // Alike in all of 41 tasks, where two who guess are in half of them by chance.
    const voices = independence({ unitCount: 41, labelCount: 2, capacity: 123 });
    for (let t = 0; t < 40; t++) for (const w of [0, 3]) voices.add(t, w, t % 2);
    for (const [w, label] of [
      [0, 1],
      [3, 1],
      [1, 0],
    ] as const)
      voices.add(40, w, label);
    const weight = new Float64Array(123);
    voices.weigh([0.5, 0.5, 0.5, 0.5], weight);
    const voice = (41 - 20.5 - 2 * Math.sqrt(10.25)) / 20.5;
    expect(Array.from(weight.subarray(80, 83))).toEqual([1 / (1 + voice), 1 / (1 + voice), 1]);
  });
});
