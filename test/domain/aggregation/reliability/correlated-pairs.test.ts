import { describe, expect, test } from 'vitest';
import { correlatedPairs } from '../../../../domain/aggregation/reliability/correlated-pairs.ts';
import {
  crossed,
  type NumberedTask,
  pairAgreement,
} from '../../../../domain/aggregation/reliability/pair-agreement.ts';
import { seededRng } from '../../../../domain/rng.ts';

const similarity = (a: number, b: number) => (a === b ? 1 : 0);

describe('of tasks that everybody answers', () => {
  test('a few answers are compared with each other, all with the known one, and other tasks have their turn', () => {
    const annotators = 200;
    const rng = seededRng('golds');
    const everybody = [...Array(annotators).keys()];
    const golds = [0, 1, 2, 3].map((label) => {
      return [...everybody.map((by) => ({ by, label: rng.int(4) })), { by: annotators, label }];
    });
    const work = Array.from({ length: 500 }, () => [0, 1, 2].map((by) => ({ by, label: rng.int(4) })));
    const chance = new Float64Array(annotators + 1).fill(0.25);
    const pairs = pairAgreement([...golds, ...work], chance, { similarity, maxPairs: 10_000 });
    const known = pairs.filter(({ b }) => b === annotators);
    expect(known).toHaveLength(annotators);
    expect(known.every(({ count }) => count === 4)).toBe(true);
    expect(pairs.find(({ a, b }) => a === 0 && b === 1)?.count).toBeGreaterThanOrEqual(500);
    expect(pairs.length).toBeLessThan(annotators + 4 * 450);
  });
});

describe('two kinds of work', () => {
  /** Golds are the same for all, and harder than the first six annotators' own work. */
  function found(seed: string, copies: readonly number[] = []) {
    const rng = seededRng(seed);
    const groups = [
      { members: [0, 1, 2, 3, 4, 5], skill: 0.95 },
      { members: [6, 7, 8, 9, 10, 11], skill: 0.75 },
    ];
    const answersOf = (members: readonly number[], skill: number, right: number) => {
      const copied = rng.next() < skill ? right : 1 - right;
      return members
        .map((by) => ({ by, label: copies.includes(by) ? copied : rng.next() < skill ? right : 1 - right }))
        .sort((a, b) => a.by - b.by);
    };
    const tasks: NumberedTask<number>[] = [];
    for (let gold = 0; gold < 60; gold++) {
      const right = rng.int(2);
      tasks.push([...answersOf([...Array(12).keys()], 0.75, right), { by: 12, label: right }]);
    }
    for (const { members, skill } of groups) {
      for (let task = 0; task < 600; task++) {
        tasks.push(answersOf(rng.shuffle(members).slice(0, 3), skill, rng.int(2)));
      }
    }
    const drawn = rng.shuffle(tasks);
    const pairs = pairAgreement(drawn, crossed(drawn, 13, similarity), { similarity, maxPairs: 1e6 });
    return correlatedPairs(pairs, 12).correlated;
  }

  test.each(['1', '2', '3'])('make no copies of those whose own is easier than golds are (%s)', (seed) => {
    expect(found(seed)).toEqual([]);
  });

  test('hide no copies among those whose own is as hard', () => {
    expect(found('copies', [6, 7]).map(({ a, b }) => [a, b])).toEqual([[6, 7]]);
  });
});
