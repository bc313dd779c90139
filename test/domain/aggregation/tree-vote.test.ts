import { expect, it } from 'vitest';
import { pathOf, treeVote } from '../../../domain/aggregation/tree-vote.ts';

const cast = (choices: readonly string[], selectable: readonly string[] = choices, prefix = '') =>
  treeVote(
    choices.map((choice, at) => ({ annotationId: `${prefix}${at}`, weight: 1, choice })),
    { separator: '>', selectable: new Set(selectable) },
  );

it('a path has all that lies above it', () => {
  expect(pathOf('a>b>c', '>')).toEqual(['a', 'a>b', 'a>b>c']);
  expect(pathOf('a>b', undefined)).toEqual(['a>b']);
});

it('a branch with a majority beats the single label with most votes', () => {
  const choices = ['a>1', 'a>2', 'a>3', 'b', 'b'];
  expect(cast(choices, [...choices, 'a'])).toMatchObject({ winner: 'a', confidence: 0.6, tie: false });
  // Without "a" itself to choose one of its leaves has to be drawn.
  const drawn = cast(choices);
  expect(drawn.winner).toMatch(/^a>[123]$/);
  expect(drawn).toMatchObject({ confidence: 0.2, tie: true });
});

it('goes on as deep as a majority does', () => {
  const choices = ['a>b>c', 'a>b>c', 'a>b>d', 'a>x', 'z'];
  expect(cast(choices, [...choices, 'a', 'a>b'])).toMatchObject({ winner: 'a>b', confidence: 0.6 });
  expect(cast(['a>b>c', 'a>b>c', 'a'], ['a', 'a>b', 'a>b>c'])).toMatchObject({ winner: 'a>b>c', confidence: 2 / 3 });
});

it('weighs votes, draws ties fairly and takes nobody for nothing', () => {
  let first = 0;
  for (let i = 0; i < 1000; i++) if (cast(['a', 'b'], undefined, `${i} `).winner === 'a') first++;
  expect(Math.abs(first - 500)).toBeLessThan(80);
  expect(cast([])).toEqual({ winner: null, confidence: 0, distribution: {}, tie: false });
  const heavy = [
    { annotationId: '1', weight: 0.9, choice: 'b' },
    { annotationId: '2', weight: 0.4, choice: 'a>1' },
    { annotationId: '3', weight: 0.4, choice: 'a>1' },
  ];
  expect(treeVote(heavy, { separator: '>', selectable: new Set(['a>1', 'b']) }).winner).toBe('b');
});
