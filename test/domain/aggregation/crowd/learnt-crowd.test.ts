import { describe, expect, test } from 'vitest';
import { learnCrowd } from '../../../../domain/aggregation/crowd/learnt-crowd.ts';
import { livePosterior, rowOf } from '../../../../domain/aggregation/crowd/live-model.ts';
import { voiceWeights } from '../../../../domain/aggregation/reliability/voice-weights.ts';
import type { Ratings } from '../../../../domain/agreement/ratings.ts';
import { seededRng } from '../../../../domain/rng.ts';
import { recordedCrowd } from './crowds.ts';

interface Given {
  readonly skills: readonly number[];
  readonly tasks: number;
  readonly golds: number;
  readonly labels?: number;
  readonly perTask?: number;
  /** Annotators who say what the first of them says. */
  readonly copies?: readonly number[];
  /** The share of tasks that are a coin toss to everybody; the others are easy. */
  readonly hard?: number;
  readonly seed: string;
}

/** A crowd in which golds are answered by all, other tasks by `perTask` or all. */
function crowd({ skills, tasks, golds, labels = 2, perTask = skills.length, copies = [], hard, seed }: Given) {
  const rng = seededRng(seed);
  const truth = Array.from({ length: tasks + golds }, () => rng.int(labels));
  const known = Int32Array.from(truth, (label, unit) => (unit < golds ? label : -1));
  const rows = truth.flatMap((right, unit) => {
    const isHard = hard === undefined ? undefined : rng.next() < hard;
    const everybody = [...skills.keys()];
    const asked =
      unit < golds
        ? everybody
        : rng
            .shuffle(everybody)
            .slice(0, perTask)
            .sort((a, b) => a - b);
    const answerOf = (skill: number) => (rng.next() < skill ? right : (right + 1 + rng.int(labels - 1)) % labels);
    const copied = answerOf(skills[copies[0] ?? 0] ?? 0);
    return asked.map((rater) => {
      const skill = isHard === undefined ? (skills[rater] ?? 0) : isHard ? 0.5 : 0.98;
      return { unit, rater, value: copies.includes(rater) ? copied : answerOf(skill) };
    });
  });
  const column = (of: 'unit' | 'rater' | 'value') => Int32Array.from(rows, (row) => row[of]);
  const counts = { unitCount: truth.length, raterCount: skills.length, valueCount: labels };
  const ratings: Ratings = { unit: column('unit'), rater: column('rater'), value: column('value'), ...counts };
  const learnt = learnCrowd(
    ratings,
    Array.from({ length: labels }, (_, label) => `${label}`),
    { known },
  );
  if (!learnt) throw new Error('nothing was learnt');
  const { shared, tables, correlated } = learnt;
  const correlation = (a: number, b: number) =>
    correlated.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a))?.correlation ?? 0;
  /** As decisions are made: each vote counts by how independent it is. */
  const decided = truth.flatMap((right, unit) => {
    const votes = rows.filter((row) => row.unit === unit);
    if (unit < golds) return [];
    const weights = voiceWeights(votes.length, (i, j) => {
      const [one, other] = [votes[i], votes[j]];
      return one && other && one.value === other.value ? correlation(one.rater, other.rater) : 0;
    });
    const posterior = livePosterior(
      shared,
      votes.map(({ rater, value }, at) => ({
        row: rowOf(shared, tables[rater] ?? shared.newcomer, value),
        weight: weights[at] ?? 1,
      })),
    );
    const confidence = Math.max(...posterior);
    return [{ votes, confidence, isRight: posterior.indexOf(confidence) === right }];
  });
  return { learnt, correlation, decided };
}

const share = <T>(list: readonly T[], holds: (each: T) => boolean) => list.filter(holds).length / list.length;
const mean = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0) / list.length;

describe('annotators who copy from one another', () => {
  // Right in 70%, beside one who is right in 82%.
  const given = { skills: [0.7, 0.7, 0.82], copies: [0, 1], tasks: 700, golds: 30 };

  test.each(['1', '2', '3'])('do not outvote who is better, nor look sure, where golds show them up (%s)', (seed) => {
    const { correlation, decided } = crowd({ ...given, seed });
    expect(correlation(0, 1)).toBeGreaterThan(0.6);
    expect(correlation(0, 2)).toBe(0);
    expect(correlation(1, 2)).toBe(0);
    const disputed = decided.filter(({ votes: [a, b, c] }) => a?.value === b?.value && b?.value !== c?.value);
    expect(disputed.length).toBeGreaterThan(150);
    const claimed = mean(disputed.map(({ confidence }) => confidence));
    const right = share(disputed, ({ isRight }) => isRight);
    // Who sides with the copies is right in less than four tenths of these, and was sure of it.
    expect(right).toBeGreaterThan(0.5);
    expect(claimed - right).toBeLessThan(0.2);
    expect(share(decided, ({ isRight }) => isRight)).toBeGreaterThan(0.77);
  });

  test('are told without golds where three others answer the same tasks', () => {
    const skills = [0.7, 0.7, 0.82, 0.85, 0.8];
    const { correlation, decided } = crowd({ skills, copies: [0, 1], tasks: 300, golds: 0, seed: 'five' });
    expect(correlation(0, 1)).toBeGreaterThan(0.6);
    expect(correlation(2, 3)).toBe(0);
    expect(share(decided, ({ isRight }) => isRight)).toBeGreaterThan(0.85);
  });

  test('are not seen in independent ones, however easy and hard the tasks are', () => {
    const free = { tasks: 800, golds: 20, labels: 3 };
    for (const seed of ['a', 'b', 'c']) {
      expect(crowd({ ...free, skills: [0.7, 0.8, 0.9, 0.6, 0.8], perTask: 3, seed }).learnt.correlated).toEqual([]);
      const halves = { ...free, labels: 2, skills: [0, 0, 0, 0], perTask: 3, hard: 0.5, seed };
      expect(crowd(halves).learnt.correlated).toEqual([]);
    }
  });
});

test('the few who know among many who guess are no copies of each other', () => {
  // Recorded: 39 people who tell two birds apart, all of them the same 108 pictures.
  const found = recordedCrowd('bluebird');
  if (!found) return;
  const known = new Int32Array(found.ratings.unitCount).fill(-1);
  expect(learnCrowd(found.ratings, ['0', '1'], { known })?.correlated).toEqual([]);
});

test('nobody is known by answers that stand alone, nor by a few golds: these made the commonest label of all others', () => {
  // Sixty tasks of one answer each, and three golds that all got wrong who met them.
  const known = Int32Array.from({ length: 63 }, (_, unit) => (unit < 60 ? -1 : unit % 3));
  const rows = [
    ...Array.from({ length: 60 }, (_, unit) => ({ unit, rater: unit % 6, value: unit % 3 })),
    ...[60, 61, 62].flatMap((unit) => [0, 1, 2, 3].map((rater) => ({ unit, rater, value: (unit + 1) % 3 }))),
  ];
  const learnt = (given: typeof rows) => {
    const column = (of: 'unit' | 'rater' | 'value') => Int32Array.from(given, (row) => row[of]);
    const columns = { unit: column('unit'), rater: column('rater'), value: column('value') };
    return learnCrowd({ ...columns, unitCount: 63, raterCount: 12, valueCount: 3 }, ['0', '1', '2'], { known });
  };
  expect(learnt(rows)).toBeUndefined();
  const others = Array.from({ length: 60 }, (_, unit) => ({ unit, rater: 6 + (unit % 6), value: unit % 3 }));
  expect(learnt([...rows, ...others])).toBeDefined();
});

describe('known answers', () => {
  test('say who is right where the crowd mostly is not', () => {
    // Two of three mistake one label for another; the golds say so.
    const rng = seededRng('misled');
    const rows: { unit: number; rater: number; value: number }[] = [];
    const truth = Array.from({ length: 330 }, () => rng.int(2));
    for (const [unit, right] of truth.entries()) {
      for (const rater of [0, 1, 2]) {
        const misled = rater < 2 && right === 1 && rng.next() < 0.8;
        rows.push({ unit, rater, value: misled ? 0 : rng.next() < 0.95 ? right : 1 - right });
      }
    }
    const column = (of: 'unit' | 'rater' | 'value') => Int32Array.from(rows, (row) => row[of]);
    const ratings = { unit: column('unit'), rater: column('rater'), value: column('value') };
    const sizes = { unitCount: 330, raterCount: 3, valueCount: 2 };
    const right = (known: Int32Array) => {
      const { shared, tables } = learnCrowd({ ...ratings, ...sizes }, ['0', '1'], { known }) ?? {};
      if (!shared || !tables) throw new Error('nothing was learnt');
      return share([...truth.entries()].slice(30), ([unit, label]) => {
        const votes = rows.filter((row) => row.unit === unit);
        const [no = 0, yes = 0] = livePosterior(
          shared,
          votes.map(({ rater, value }) => ({ row: rowOf(shared, tables[rater] ?? [], value), weight: 1 })),
        );
        return (yes > no ? 1 : 0) === label;
      });
    };
    const golds = Int32Array.from(truth, (label, unit) => (unit < 30 ? label : -1));
    expect(right(golds)).toBeGreaterThan(0.9);
    expect(right(golds)).toBeGreaterThan(right(golds.map(() => -1)) + 0.1);
  });

  test('make the confidence of independent annotators come true', () => {
    const given = { skills: [0.75, 0.8, 0.85, 0.8, 0.75, 0.9], perTask: 3, tasks: 900, labels: 3, seed: 'sure' };
    const gap = (golds: number) => {
      const { decided } = crowd({ ...given, golds });
      return share(decided, ({ isRight }) => isRight) - mean(decided.map(({ confidence }) => confidence));
    };
    expect(gap(0)).toBeGreaterThan(0.04);
    expect(Math.abs(gap(150))).toBeLessThan(0.6 * gap(0));
    expect(crowd({ ...given, golds: 0 }).learnt.shared.sharpness).toBe(0.5);
  });
});
