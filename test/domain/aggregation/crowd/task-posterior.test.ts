import { describe, expect, test } from 'vitest';
import { coinModel, taskPosterior } from '../../../../domain/aggregation/crowd/task-posterior.ts';

const model = coinModel(2, [0.9, 0.6], { newcomer: 0.75 });

describe('the posterior of one task', () => {
  test('is the prior before any answer', () => {
    const skewed = coinModel(3, [0.9], { newcomer: 0.7, prior: [0.5, 0.3, 0.2] });
    expect([...taskPosterior(skewed, [])].map((p) => p.toFixed(9))).toEqual([
      '0.500000000',
      '0.300000000',
      '0.200000000',
    ]);
  });

  test('follows Bayes: 0.9 against 0.6 is 27/31', () => {
    const votes = [
      { worker: 0, label: 1 },
      { worker: 1, label: 0 },
    ];
    expect(taskPosterior(model, votes)[1]).toBeCloseTo((0.9 * 0.4) / (0.9 * 0.4 + 0.1 * 0.6), 12);
  });

  test('takes strangers for newcomers', () => {
    for (const worker of [-1, 2, 99]) expect(taskPosterior(model, [{ worker, label: 0 }])[0]).toBeCloseTo(0.75, 12);
  });

  test('weighs components, and a sharpness below 1 is less sure of the same order', () => {
    const components = [0.9, 0.6].map((newcomer, at) => ({
      ...(coinModel(2, [], { newcomer }).components[0] ?? {
        kinds: 1,
        logPrior: new Float64Array(),
        logAnswer: new Float64Array(),
      }),
      weight: at === 0 ? 3 : 1,
    }));
    const votes = [{ worker: -1, label: 0 }];
    const mixed = { labelCount: 2, workerCount: 0, components };
    const p = 0.75 * 0.9 + 0.25 * 0.6;
    expect(taskPosterior(mixed, votes)[0]).toBeCloseTo(p, 12);
    const soft = Math.sqrt(p) / (Math.sqrt(p) + Math.sqrt(1 - p));
    expect(taskPosterior({ ...mixed, sharpness: 0.5 }, votes)[0]).toBeCloseTo(soft, 12);
  });

  test('does not take a label that there is not', () => {
    expect(() => taskPosterior(model, [{ worker: 0, label: 2 }])).toThrow(RangeError);
  });
});
