import { describe, expect, test } from 'vitest';
import { type Answers, groupAnswers } from '../../../../domain/aggregation/crowd/answers.ts';
import { judgeByOthers } from '../../../../domain/aggregation/crowd/judge-by-others.ts';
import { countAnswers, emptyRows } from '../../../../domain/aggregation/crowd/pooled-rows.ts';
import { workerLabels } from '../../../../domain/aggregation/crowd/worker-labels.ts';

/** What one task's answers, each as a skill and a label of two, count for; the first two are one voice. */
function counted(given: readonly { skill: number; label: number }[], known?: number) {
  const answers: Answers = groupAnswers({
    unit: new Int32Array(given.length),
    rater: Int32Array.from(given.keys()),
    value: Int32Array.from(given, ({ label }) => label),
    ...{ unitCount: 1, raterCount: given.length, valueCount: 2 },
  });
  const pairs = workerLabels(answers);
  const logAnswer = Float64Array.from(
    given.flatMap(({ skill, label }) => [0, 1].map((state) => Math.log(state === label ? skill : 1 - skill))),
  );
  const states = Float64Array.of(0.9, 0.1);
  const rows = emptyRows(answers, pairs, 1);
  countAnswers(answers, pairs, states, rows);
  const beside = {
    weights: Float64Array.from(given.keys(), (at) => (at < 2 ? 0.5 : 1)),
    ...(known === undefined ? {} : { known: Int32Array.of(known) }),
  };
  const logPrior = Float64Array.of(Math.log(0.5), Math.log(0.5));
  judgeByOthers(answers, pairs, { logPrior, logAnswer, beside, states }, rows);
  return (at: number) => [...rows.counts.subarray(2 * at, 2 * at + 2)];
}

const copies = [
  { skill: 0.8, label: 0 },
  { skill: 0.8, label: 0 },
];

describe('an answer of those who are one voice is judged', () => {
  test('by itself where there is nothing else, and counts as one', () => {
    const [right = 0, wrong = 0] = counted(copies)(0);
    expect(right).toBeCloseTo(0.8);
    expect(wrong).toBeCloseTo(0.2);
  });

  test('by itself and the others, not by the same voice', () => {
    const of = counted([...copies, { skill: 0.6, label: 1 }]);
    // Half an answer of its own, which is 2 to 1, against 2 to 3.
    expect(of(0)[0]).toBeCloseTo(4 / 7);
    expect(of(1)[0]).toBeCloseTo(4 / 7);
    expect(of(2)).toEqual([0.9, 0.1]);
  });

  test('by what is known of its task', () => {
    expect(counted(copies, 1)(0)).toEqual([0, 1]);
  });
});
