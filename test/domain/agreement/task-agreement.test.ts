import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { krippendorffAlpha } from '../../../domain/agreement/krippendorff.ts';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { type Answer, taskAgreement } from '../../../domain/agreement/task-agreement.ts';
import { type Rng, seededRng } from '../../../domain/rng.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';
import { readConfig, readLabel } from '../../../domain/tasks/read.ts';
import type { TaskTypeName } from '../../../domain/tasks/task-type.ts';

/** How a label is drawn at random for each type; `sets` is classification with several labels. */
const kinds: Record<string, { type: TaskTypeName; config: unknown; draw: (rng: Rng) => unknown }> = {
  classification: {
    type: 'classification',
    config: { labels: ['x', 'y', 'z'] },
    draw: (rng) => ['x', 'y', 'z'][rng.int(3)],
  },
  sets: {
    type: 'classification',
    config: { labels: ['x', 'y', 'z'], multiple: true },
    draw: (rng) => rng.shuffle(['x', 'y', 'z']).slice(0, 1 + rng.int(2)),
  },
  pairwise: { type: 'pairwise', config: {}, draw: (rng) => ['a', 'b', 'tie', 'both_bad'][rng.int(4)] },
  likert: {
    type: 'likert',
    config: { min: 1, max: 5, criteria: [{ name: 'p' }, { name: 'q' }] },
    draw: (rng) => ({ p: 1 + rng.int(5), q: 1 + rng.int(5) }),
  },
};

/** 200 tasks x 3 annotators who agree, except that a share `noise` of the answers is redrawn at random. */
function campaign(kind: string, noise: number, seed: number) {
  const { type: name, config: raw, draw } = kinds[kind] ?? expect.unreachable();
  const type = getTaskType(name);
  const config = readConfig(type, raw);
  const rng = seededRng(`${kind} ${seed}`);
  const answers: Answer<unknown>[] = [];
  for (let task = 0; task < 200; task++) {
    const truth = draw(rng);
    for (let who = 0; who < 3; who++) {
      const label = readLabel(type, config, rng.next() < noise ? draw(rng) : truth);
      answers.push({ taskId: `${task}`, annotatorId: `${who}`, label });
    }
  }
  return taskAgreement(type, config, answers).alpha ?? Number.NaN;
}

describe('taskAgreement', () => {
  it.each(Object.keys(kinds))('falls as disagreement is planted: %s', (kind) => {
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
    const config = readConfig(likert, kinds.likert?.config);
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
    for (const { type, config } of Object.values(kinds)) {
      expect(taskAgreement(getTaskType(type), readConfig(getTaskType(type), config), [])).toMatchObject({
        alpha: undefined,
      });
    }
  });
});
