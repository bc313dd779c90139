import { describe, expect, test } from 'vitest';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { answerWeights, pairCorrelations } from '../../../domain/redundancy/independence.ts';
import { seededRng } from '../../../domain/rng.ts';

/** Three independent annotators of accuracy 0.75 on two labels, and one who copies the first. */
function crowd(tasks: number) {
  const rng = seededRng('copies');
  const answers: { task: string; worker: string; label: string }[] = [];
  for (let t = 0; t < tasks; t++) {
    const labels = [0, 1, 2].map(() => (rng.next() < 0.75 ? 'true' : 'false'));
    for (const [w, label] of [...labels, labels[0] ?? ''].entries()) {
      answers.push({ task: `t${t}`, worker: `w${w}`, label });
    }
  }
  return toRatings(answers);
}

describe('annotators who are not independent', () => {
  test('a copy is found, independent ones of the same accuracy are not, and few tasks accuse nobody', () => {
    const correlation = pairCorrelations(crowd(300), [0.75, 0.75, 0.75, 0.75]);
    expect(correlation(0, 3)).toBeGreaterThan(0.8);
    expect(correlation(3, 0)).toBe(correlation(0, 3));
    expect(correlation(0, 1)).toBeLessThan(0.2);
    expect(correlation(0, 99)).toBe(0);
    expect(pairCorrelations(crowd(3), [0.75, 0.75, 0.75, 0.75])(0, 3)).toBe(0);
  });

  test('two copies count as one, whoever disagrees counts in full', () => {
    const copies = (a: number, b: number) => (a + b === 3 ? 1 : 0);
    const weights = answerWeights(
      [
        { annotator: 0, label: 1 },
        { annotator: 3, label: 1 },
        { annotator: 1, label: 0 },
      ],
      copies,
    );
    expect(weights).toEqual([0.5, 0.5, 1]);
  });
});
