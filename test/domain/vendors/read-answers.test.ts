import { expect, test } from 'vitest';
import type { FormQuestion } from '../../../domain/vendors/form.ts';
import { tidyAnswers } from '../../../domain/vendors/read-answers.ts';

const options = [
  { value: 'a', label: 'Answer A' },
  { value: 'b', label: 'Answer B' },
];
const QUESTIONS = {
  choice: { id: 'q', title: '', kind: 'choice', options },
  choices: { id: 'q', title: '', kind: 'choices', options },
  number: { id: 'q', title: '', kind: 'number', min: 1, max: 5 },
  text: { id: 'q', title: '', kind: 'text', minLength: 0, maxLength: 9 },
  ranking: { id: 'q', title: '', kind: 'ranking', options, ties: true },
  spans: { id: 'q', title: '', kind: 'spans', text: 'abc', options, overlap: false },
} satisfies Record<FormQuestion['kind'], FormQuestion>;

test.each<[FormQuestion['kind'], given: unknown, read: unknown]>([
  ['choice', 'a', 'a'],
  ['choice', 'Answer B', 'b'],
  ['choice', [['a']], 'a'],
  ['choice', { value: 'b' }, 'b'],
  ['choice', { a: false, b: true }, 'b'],
  ['choice', ['a', 'b'], ['a', 'b']],
  ['choice', 'c', 'c'],
  ['choices', 'a', ['a']],
  ['choices', [['a'], 'Answer B'], ['a', 'b']],
  ['choices', { a: true, b: false }, ['a']],
  ['choices', [], []],
  ['number', '4', 4],
  ['number', [3], 3],
  ['number', '', ''],
  ['number', '4 of 5', '4 of 5'],
  ['text', ['told'], 'told'],
  ['text', 12, '12'],
  ['ranking', ['Answer B', 'a'], [['b'], ['a']]],
  ['ranking', [['a', 'b']], [['a', 'b']]],
  ['ranking', { 'Answer A': '2', 'Answer B': 1 }, [['b'], ['a']]],
  ['ranking', { a: 1, b: 1 }, [['a', 'b']]],
  ['ranking', { a: 'first' }, { a: 'first' }],
  ['spans', [{ start: '0', end: 2, tag: ['a'] }], [{ start: 0, end: 2, label: 'a' }]],
  ['spans', 'none', 'none'],
])('an answer to a %s that a vendor writes as %j is read as %j', (kind, given, read) => {
  expect(tidyAnswers([QUESTIONS[kind]], { q: given })).toEqual({ q: read });
  // What is as our forms have it stays so.
  expect(tidyAnswers([QUESTIONS[kind]], { q: read })).toEqual({ q: read });
});
