import { describe, expect, it } from 'vitest';
import { answersByWorker, groupAnswers } from '../../../../domain/aggregation/crowd/answers.ts';
import { workerLabels } from '../../../../domain/aggregation/crowd/worker-labels.ts';
import { toRatings } from '../../../../domain/agreement/ratings.ts';
import { QuorateError } from '../../../../domain/failures.ts';

const rows = [
  ['t1', 'ann', 'x'],
  ['t2', 'ann', 'y'],
  ['t1', 'ben', 'y'],
  ['t1', 'cat', 'x'],
  ['t2', 'cat', 'y'],
] as const;
const ratings = toRatings(rows.map(([task, worker, label]) => ({ task, worker, label })));

describe('groupAnswers', () => {
  it('puts the answers task by task and numbers the labels each task was given', () => {
    const answers = groupAnswers(ratings);
    expect([...answers.start]).toEqual([0, 3, 5]);
    expect([...answers.worker]).toEqual([0, 1, 2, 0, 2]);
    expect([...answers.label]).toEqual([0, 1, 0, 1, 1]);
    expect([...answers.cellStart]).toEqual([0, 2, 3]);
    expect([...answers.cellLabel]).toEqual([0, 1, 1]);
    expect([...answers.cell]).toEqual([0, 1, 0, 2, 2]);
    expect([...answersByWorker(answers)]).toEqual([2, 1, 2]);
  });

  it('refuses a second answer of a worker to a task, by name where there are names', () => {
    const twice = toRatings(
      [...rows, ['t2', 'ann', 'x']].map(([task, worker, label]) => ({ task, worker, label })) as never,
    );
    expect(() => groupAnswers(twice)).toThrow(QuorateError);
    expect(() => groupAnswers(twice)).toThrow('Worker ann answered task t2 more than once');
    const { units: _, raters: __, values: ___, ...nameless } = twice;
    expect(() => groupAnswers(nameless)).toThrow('Worker 0 answered task 1 more than once');
  });

  it('refuses ids out of range', () => {
    expect(() => groupAnswers({ ...ratings, unitCount: 1 })).toThrow('no task 1 among 1');
    expect(() => groupAnswers({ ...ratings, value: Int32Array.of(0, -1, 0, 0, 0) })).toThrow('no label -1 among 2');
  });
});

describe('workerLabels', () => {
  it('numbers the labels that each worker uses', () => {
    const pairs = workerLabels(groupAnswers(ratings));
    expect([...pairs.start]).toEqual([0, 2, 3, 5]);
    expect([...pairs.pairLabel]).toEqual([0, 1, 1, 0, 1]);
    expect([...pairs.pair]).toEqual([0, 2, 3, 1, 4]);
  });
});
