import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultMethod } from '../../../domain/aggregation/crowd/default.ts';
import { majority } from '../../../domain/aggregation/crowd/majority.ts';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { replay } from '../../../domain/redundancy/replay.ts';
import { seededRng } from '../../../domain/rng.ts';

/** `tasks` tasks with two labels, each answered by `each` of ten annotators, half of them good and half guessing. */
function crowd(tasks: number, each: number, seed = 'crowd') {
  const rng = seededRng(seed);
  const gold = new Map<string, string>();
  const answers: { task: string; worker: string; label: string }[] = [];
  for (let t = 0; t < tasks; t++) {
    const truth = rng.next() < 0.5 ? 'yes' : 'no';
    gold.set(`t${t}`, truth);
    for (const w of rng.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).slice(0, each)) {
      const right = rng.next() < (w < 5 ? 0.92 : 0.5);
      answers.push({ task: `t${t}`, worker: `w${w}`, label: right === (truth === 'yes') ? 'yes' : 'no' });
    }
  }
  return { ratings: toRatings(answers), gold };
}

/** 300 tasks whose labels have these shares, each answered by eight of 40 annotators who are right in 60 to 95%. */
function unequal(shares: readonly number[], seed: string) {
  const rng = seededRng(`unequal ${shares} ${seed}`);
  const skills = Array.from({ length: 40 }, () => 0.6 + 0.35 * rng.next());
  const gold = new Map<string, string>();
  const answers: { task: string; worker: string; label: string }[] = [];
  for (let t = 0; t < 300; t++) {
    const drawn = rng.next();
    const truth = shares.findIndex((_, k) => drawn < shares.slice(0, k + 1).reduce((sum, share) => sum + share, 0));
    gold.set(`t${t}`, `${truth}`);
    for (const w of rng.shuffle([...skills.keys()]).slice(0, 8)) {
      const right = rng.next() < (skills[w] ?? 0);
      const label = right ? truth : (truth + 1 + rng.int(shares.length - 1)) % shares.length;
      answers.push({ task: `t${t}`, worker: `w${w}`, label: `${label}` });
    }
  }
  return { ratings: toRatings(answers), gold };
}

const adaptive = (min: number, max: number, target = 0.95) => ({ kind: 'adaptive', min, max, target }) as const;

describe('asking a recorded crowd again', () => {
  test('fixed with all answers there are is the default method', () => {
    const { ratings, gold } = crowd(120, 5);
    const { labels } = defaultMethod(ratings);
    const right = ratings.units.filter((name, unit) => ratings.values[labels[unit] ?? -1] === gold.get(name)).length;
    const all = replay(ratings, gold, { kind: 'fixed', n: 99 }, 2);
    expect(all.accuracy).toBeCloseTo(right / 120, 9);
    expect(all.answersPerTask).toBe(5);
  });

  test('never less than the least nor more than the most, and on average at most three answers a task, or one more than the least', () => {
    const { ratings, gold } = crowd(60, 6);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (min, more, target) => {
          const { answersPerTask } = replay(ratings, gold, adaptive(min, min + more, target), 1);
          expect(answersPerTask).toBeGreaterThanOrEqual(min);
          expect(answersPerTask).toBeLessThanOrEqual(Math.min(Math.max(3, min + 1), min + more));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('answers go where they are needed: better than as many spread evenly', () => {
    const { ratings, gold } = crowd(400, 9);
    const spread = replay(ratings, gold, { kind: 'fixed', n: 3 }, 5);
    const chosen = replay(ratings, gold, adaptive(2, 8, 1), 5);
    expect(chosen.answersPerTask).toBeLessThanOrEqual(3);
    expect(chosen.accuracy).toBeGreaterThan(spread.accuracy);
  });

  test('labels go by several views: where those who answer most err alike, the default method alone takes them for the best', () => {
    const rng = seededRng('alike');
    const gold = new Map<string, string>();
    const answers: { task: string; worker: string; label: string }[] = [];
    for (let t = 0; t < 600; t++) {
      const isRare = rng.next() < 0.2;
      gold.set(`t${t}`, isRare ? 'yes' : 'no');
      // Two see the same signs, which mislead them as often.
      const seen = rng.next() < 0.2 ? !isRare : isRare;
      const says = [0.03, 0.06].map((slip) => (rng.next() < slip ? !seen : seen));
      for (const error of [0.08, 0.3, 0.32]) says.push(rng.next() < error ? !isRare : isRare);
      says.forEach((yes, w) => {
        if (rng.next() < 0.9) answers.push({ task: `t${t}`, worker: `w${w}`, label: yes ? 'yes' : 'no' });
      });
    }
    const ratings = toRatings(answers);
    const alone = replay(ratings, gold, adaptive(2, 10), 6, { method: defaultMethod });
    const several = replay(ratings, gold, adaptive(2, 10), 6);
    expect(several.answersUsed).toBe(alone.answersUsed);
    expect(several.accuracy).toBeGreaterThan(alone.accuracy);
  });

  test.each([[[0.97, 0.03]], [[0.85, 0.05, 0.05, 0.05]]])(
    'where labels are as unequal as %j it is better than as many answers spread evenly, and than a majority of five',
    (shares) => {
      const mean = (of: (draw: ReturnType<typeof unequal>) => number) =>
        [1, 2].reduce((sum, seed) => sum + of(unequal(shares, `${seed}`)) / 2, 0);
      const chosen = mean(({ ratings, gold }) => replay(ratings, gold, adaptive(2, 8), 2).accuracy);
      const spread = mean(({ ratings, gold }) => replay(ratings, gold, { kind: 'fixed', n: 3 }, 2).accuracy);
      const five = ({ ratings, gold }: ReturnType<typeof unequal>) =>
        replay(ratings, gold, { kind: 'fixed', n: 5 }, 2, { method: majority }).accuracy;
      expect(chosen).toBeGreaterThan(spread + 0.01);
      expect(chosen).toBeGreaterThan(mean(five) + 0.02);
    },
  );

  test('one label only, single answers, and a label for every answer are no trouble', () => {
    const table = (label: (t: number, w: number) => string, each: (t: number) => number) =>
      toRatings(
        Array.from({ length: 40 }, (_, t) =>
          Array.from({ length: each(t) }, (_, w) => ({ task: `t${t}`, worker: `w${w}`, label: label(t, w) })),
        ).flat(),
      );
    const gold = new Map([['t3', 'same']]);
    const crowds = [
      table(
        () => 'same',
        () => 4,
      ),
      table(
        (t, w) => (t === 3 ? 'same' : `${t} ${w}`),
        (t) => 1 + (t % 6),
      ),
    ];
    for (const ratings of crowds) {
      const { accuracy, answersPerTask } = replay(ratings, gold, adaptive(1, 1e6, 1), 2);
      expect(accuracy).toBe(1);
      expect(answersPerTask).toBeGreaterThanOrEqual(1);
      expect(answersPerTask).toBeLessThanOrEqual(4);
    }
  });

  test('gold that knows none of the tasks is refused', () => {
    const { ratings } = crowd(10, 3);
    expect(() => replay(ratings, new Map([['elsewhere', 'yes']]), adaptive(2, 5), 1)).toThrow(/None of the tasks/);
  });

  test('a low target stops at the least; the same seeds give the same result', () => {
    const { ratings, gold } = crowd(80, 5);
    expect(replay(ratings, gold, adaptive(2, 5, 0), 3).answersPerTask).toBe(2);
    expect(replay(ratings, gold, adaptive(2, 5), 3)).toEqual(replay(ratings, gold, adaptive(2, 5), 3));
  });
});
