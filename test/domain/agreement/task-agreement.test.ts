import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_VARIATION, NOTHING_PAIRED } from '../../../domain/agreement/coefficient.ts';
import { krippendorffAlpha } from '../../../domain/agreement/krippendorff.ts';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { type Answer, taskAgreement } from '../../../domain/agreement/task-agreement.ts';
import { seededRng } from '../../../domain/rng.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';
import { readConfig, readLabel } from '../../../domain/tasks/read.ts';
import { KINDS, kindOf } from '../tasks/kinds.ts';

/** 100 tasks x 3 annotators who agree, except that a share `noise` of the answers is redrawn at random. */
function campaign(name: string, noise: number, seed: number) {
  const { type, config, label } = kindOf(name);
  const rng = seededRng(`${name} ${seed}`);
  const answers: Answer<unknown>[] = [];
  for (let task = 0; task < 100; task++) {
    const truth = label(rng);
    for (let who = 0; who < 3; who++) {
      answers.push({ taskId: `${task}`, annotatorId: `${who}`, label: rng.next() < noise ? label(rng) : truth });
    }
  }
  return taskAgreement(type, config, answers, 3e5).alpha ?? Number.NaN;
}

describe('taskAgreement', () => {
  it.each(Object.keys(KINDS))('falls as disagreement is planted: %s', (kind) => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const alphas = [0, 0.15, 0.4, 1].map((noise) => campaign(kind, noise, seed));
        const [clean = 0, some = 0, much = 0, pure = 1] = alphas;
        expect(clean).toBeCloseTo(1, 12);
        expect(some).toBeLessThan(clean - 0.05);
        expect(much).toBeLessThan(some);
        expect(pure).toBeLessThan(much);
        expect(Math.abs(pure)).toBeLessThan(0.25);
      }),
      { numRuns: 10 },
    );
  });

  it('is the nominal alpha for single choices and the ordinal one per Likert criterion', () => {
    const likert = getTaskType('likert');
    const config = readConfig(likert, KINDS.likert?.config);
    const answers = [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 5],
    ].flatMap(([first = 0, second = 0], task) => [
      { taskId: `${task}`, annotatorId: '1', label: { p: first, q: 3 } },
      { taskId: `${task}`, annotatorId: '2', label: { p: second, q: 3 } },
    ]);
    const result = taskAgreement(likert, config, answers);
    expect(result.byScale.q).toBeUndefined();
    expect(result.alpha).toBe(result.byScale.p);
    // By hand: the middle ranks of 1, 1, 2, 2, 3, 3, 4, 5; only the last task disagrees, by one rank.
    const ranks = [1, 1, 3, 3, 5, 5, 6.5, 7.5];
    const mean = ranks.reduce((sum, rank) => sum + rank, 0) / 8;
    const expected = (2 * ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0)) / 7;
    expect(result.alpha).toBeCloseTo(1 - (2 * 1) / 8 / expected, 12);
  });

  it('counts a tie as half a disagreement between a and b', () => {
    const type = getTaskType('pairwise');
    const config = readConfig(type, {});
    const alphaOf = (pairs: [string, string][]) =>
      taskAgreement(
        type,
        config,
        pairs.flatMap(([x, y], task) =>
          [x, y].map((raw, who) => ({ taskId: `${task}`, annotatorId: `${who}`, label: readLabel(type, config, raw) })),
        ),
      ).alpha ?? Number.NaN;
    const agreed: [string, string][] = [
      ['a', 'a'],
      ['b', 'b'],
      ['a', 'a'],
      ['b', 'b'],
      ['tie', 'tie'],
    ];
    expect(alphaOf([...agreed, ['a', 'tie']])).toBeGreaterThan(alphaOf([...agreed, ['a', 'b']]));
    expect(alphaOf([...agreed, ['a', 'tie']])).toBeGreaterThan(alphaOf([...agreed, ['tie', 'both_bad']]));
    // Without "both bad" it is the interval alpha of -1, 0, 1.
    const numbers = toRatings(
      [...agreed, ['a', 'tie'] as const].flatMap((pair, task) =>
        pair.map((raw, who) => ({ task: `${task}`, worker: `${who}`, label: { a: '-1', b: '1' }[raw] ?? '0' })),
      ),
    );
    const interval = krippendorffAlpha(numbers, { level: 'interval', scale: numbers.values.map(Number) });
    expect(alphaOf([...agreed, ['a', 'tie']])).toBeCloseTo(interval ?? Number.NaN, 12);
  });

  it('is undefined without answers', () => {
    for (const { type, config } of Object.values(KINDS)) {
      expect(taskAgreement(getTaskType(type), readConfig(getTaskType(type), config), [])).toMatchObject({
        alpha: undefined,
        undefinedBecause: NOTHING_PAIRED,
      });
    }
  });

  it('says why it is undefined: nothing to compare is not the same as nothing that differs', () => {
    const type = getTaskType('likert');
    const config = readConfig(type, KINDS.likert?.config);
    const score = (taskId: string, annotatorId: string, p: number) => ({ taskId, annotatorId, label: { p, q: 3 } });
    const apart = [score('1', 'a', 4), score('2', 'b', 2)];
    expect(taskAgreement(type, config, apart).undefinedBecause).toBe(NOTHING_PAIRED);
    const alike = [score('1', 'a', 4), score('1', 'b', 4)];
    expect(taskAgreement(type, config, alike).undefinedBecause).toBe(NO_VARIATION);
    const differing = [...alike, score('2', 'a', 1), score('2', 'b', 2)];
    expect(taskAgreement(type, config, differing)).not.toHaveProperty('undefinedBecause');
  });

  it('is measured on a part of the pairs where there are too many, and comes out nearly the same', () => {
    const { type, config, label } = kindOf('free_text');
    const rng = seededRng('many');
    const answers: Answer<unknown>[] = [];
    for (let task = 0; task < 1500; task++) {
      const truth = label(rng);
      for (const annotatorId of ['1', '2', '3']) {
        answers.push({ taskId: `${task}`, annotatorId, label: rng.next() < 0.4 ? label(rng) : truth });
      }
    }
    const all = taskAgreement(type, config, answers, 1e12);
    const part = taskAgreement(type, config, answers, 1);
    expect([all.sampled, part.sampled]).toEqual([true, true]);
    expect(taskAgreement(type, config, answers, 1)).toEqual(part);
    expect(part.alpha).not.toBe(all.alpha);
    expect(Math.abs((part.alpha ?? 0) - (all.alpha ?? 1))).toBeLessThan(0.06);
  });
});
