import { expect, test } from 'vitest';
import { agreementHistory } from '../../../domain/agreement/agreement-history.ts';
import { taskTypes } from '../../../domain/tasks/index.ts';

const config = taskTypes.classification.configSchema.parse({ labels: ['a', 'b'] });
const options = { windows: 4, resamples: 40, seed: 'seed' };

/** Two answers a task, one task a second; from `good` on the annotators agree. */
function answers(tasks: number, good: number) {
  return Array.from({ length: tasks }, (_, task) =>
    [0, 1].map((who) => ({
      taskId: `task ${task}`,
      annotatorId: `annotator ${who}`,
      label:
        [task % 2 === 0 ? 'a' : 'b', task >= good || task % 3 === 0 ? (task % 2 === 0 ? 'a' : 'b') : 'a'][who] ?? 'a',
      submittedAt: new Date(1000 * task + who),
    })),
  ).flat();
}

test('agreement is told in the order of time, in windows of equally many tasks', () => {
  const given = answers(80, 40);
  // As the database gives them: newest first.
  const history = agreementHistory(taskTypes.classification, config, given.toReversed(), options);
  expect(history.map(({ tasks, answers: count }) => [tasks, count])).toEqual(Array(4).fill([20, 40]));
  const alphas = history.map(({ alpha }) => alpha ?? Number.NaN);
  expect(alphas.slice(2)).toEqual([1, 1]);
  for (const alpha of alphas.slice(0, 2)) expect(alpha).toBeLessThan(0.6);
  for (const { alpha, interval, from, to } of history) {
    expect(interval?.low).toBeLessThanOrEqual(alpha ?? 0);
    expect(interval?.high).toBeGreaterThanOrEqual(alpha ?? 0);
    expect(from.getTime()).toBeLessThan(to.getTime());
  }
});

test('too few tasks make no point, and a single answer makes no task', () => {
  const given = answers(80, 0);
  expect(agreementHistory(taskTypes.classification, config, given.slice(0, 38), options)).toEqual([]);
  const alone = given.filter(({ annotatorId }) => annotatorId === 'annotator 0');
  expect(agreementHistory(taskTypes.classification, config, alone, options)).toEqual([]);
});
