import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advise } from '../../../domain/quality/advice.ts';
import { confusedPairs } from '../../../domain/quality/confusion.ts';
import { classification } from '../../../domain/tasks/classification.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';
import { likert } from '../../../domain/tasks/likert.ts';

const config = { labels: ['cat', 'dog', 'lynx'] };
const answersOf = (tasks: Record<string, string[]>) =>
  Object.entries(tasks).flatMap(([taskId, labels]) =>
    labels.map((label, at) => ({ taskId, annotatorId: `a${at}`, label })),
  );

test('the pair that costs most comes first, with the tasks that show it most', () => {
  const answers = answersOf({
    one: ['cat', 'lynx', 'lynx', 'cat'],
    two: ['lynx', 'cat', 'cat'],
    three: ['dog', 'cat'],
    four: ['dog', 'dog'],
  });
  expect(confusedPairs(classification, config, answers, 5)).toEqual([
    { labels: ['cat', 'lynx'], count: 6, share: 6 / 7, taskIds: ['one', 'two'] },
    { labels: ['cat', 'dog'], count: 1, share: 1 / 7, taskIds: ['three'] },
  ]);
});

test('far labels weigh more than near ones', () => {
  const scale = likert.configSchema.parse({ min: 1, max: 5, criteria: [{ name: 'fit' }] });
  const of = (score: number) => likert.labelSchema(scale).parse({ fit: score });
  const answers = [
    ...[1, 2].map((score) => ({ taskId: 'near', annotatorId: `a${score}`, label: of(score) })),
    ...[4, 5].map((score) => ({ taskId: 'near too', annotatorId: `a${score}`, label: of(score) })),
    ...[1, 5].map((score) => ({ taskId: 'far', annotatorId: `a${score}`, label: of(score) })),
  ];
  const [first, ...others] = confusedPairs(likert, scale, answers, 5);
  expect(first).toMatchObject({ labels: [of(1), of(5)], taskIds: ['far'] });
  expect(others).toHaveLength(2);
});

test('each disagreeing pair of answers is counted once, whatever their order', () => {
  const labels = fc.array(fc.constantFrom(...config.labels), { maxLength: 8 });
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^t[0-9]$/), labels), fc.func(fc.nat()), (tasks, shuffle) => {
      const answers = answersOf(tasks);
      const found = confusedPairs(classification, config, answers, 100);
      let disagreeing = 0;
      for (const given of Object.values(tasks)) {
        for (let i = 0; i < given.length; i++) for (let j = 0; j < i; j++) disagreeing += given[i] === given[j] ? 0 : 1;
      }
      expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(disagreeing);
      const mixed = [...answers].sort((a, b) => shuffle(a) - shuffle(b));
      expect(confusedPairs(classification, config, mixed, 100)).toEqual(found);
    }),
  );
});

test('texts of several lines are told apart', () => {
  const type = getTaskType('free_text');
  const answers = answersOf({ one: ['a\nb', 'c'], two: ['a', 'b\nc'] });
  // As lines one after the other both pairs are "a", "b", "c".
  const plain = { ...type, canonical: (label: unknown) => String(label) };
  expect(confusedPairs(plain, type.configSchema.parse({}), answers, 5).map(({ count }) => count)).toEqual([1, 1]);
});

test('advice: ambiguous below 0.6 with the labels that are confused, fewer answers above 0.8, nothing on few tasks', () => {
  const worst = { labels: ['cat', 'lynx'] as const, share: 0.7, nextShare: 0.3 };
  const equal = { ...worst, share: 1 / 3, nextShare: 1 / 3 };
  expect(advise({ alpha: 0.4, tasks: 100, worst }).verdict).toBe('ambiguous');
  expect(advise({ alpha: 0.4, tasks: 100, worst }).advice.join(' ')).toContain(
    '70% of the disagreement is between cat and lynx',
  );
  expect(advise({ alpha: 0.5999, tasks: 100 }).advice[0]).toContain('is 0.5999, below 0.6');
  expect(advise({ alpha: 0.8001, tasks: 100 }).advice[0]).toContain('is 0.8001, above 0.8');
  expect(advise({ alpha: 0.7, tasks: 100 }).verdict).toBe('usable');
  expect(advise({ alpha: 0.85, tasks: 100, worst }).advice.join(' ')).not.toContain('lynx');
  expect(advise({ alpha: 0.1, tasks: 10, worst }).verdict).toBe('unknown');
  expect(advise({ alpha: 0.4, tasks: 100, worst: equal }).advice.join(' ')).not.toContain('lynx');
  const own = { pauseBelow: 0.3, calibratedAbove: 0.5 };
  expect(advise({ alpha: 0.4, tasks: 100 }, own).verdict).toBe('usable');
  expect(advise({ alpha: 0.2, tasks: 100 }, own).advice[0]).toContain('is 0.20, below 0.3');
  expect(advise({ alpha: 0.7, tasks: 100 }, own).advice[0]).toContain('is 0.70, above 0.5');
  expect(advise({ alpha: 0.7, tasks: 100 }, { pauseBelow: 0.6 }).verdict).toBe('usable');
  expect(advise({ alpha: undefined, tasks: 100 }).advice[0]).toContain('undefined');
});
