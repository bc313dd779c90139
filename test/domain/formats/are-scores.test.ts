import { expect, test } from 'vitest';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { areOftenEqual, areScores } from '../../../domain/formats/are-scores.ts';
import { seededRng } from '../../../domain/rng.ts';
import { recorded } from '../aggregation/recorded.ts';

const rng = seededRng('are scores');
/** Whether 200 tasks of four answers each are of scores. */
const scores = (answer: (task: number) => number | string) =>
  areScores(
    toRatings(
      Array.from({ length: 800 }, (_, i) => ({ task: `${i >> 2}`, worker: `${i & 3}`, label: `${answer(i >> 2)}` })),
    ),
  );

test('noisy answers on a scale are scores', () => {
  for (let draw = 0; draw < 20; draw++) {
    const noisy = (t: number) => Math.round(Math.max(0, Math.min(20, 10 + 4 * Math.sin(t) + 5 * rng.normal())));
    expect(scores(noisy)).toBe(true);
  }
});

test('ratings of 1 to 5 are scores, though their own order and its reverse come up among few others', () => {
  let taken = 0;
  for (let draw = 0; draw < 20; draw++) {
    const truths = Array.from({ length: 200 }, () => 1 + 4 * rng.next());
    const rated = (t: number) => Math.round(Math.max(1, Math.min(5, (truths[t] ?? 0) + 0.8 * rng.normal())));
    if (scores(rated)) taken++;
  }
  expect(taken).toBeGreaterThanOrEqual(19);
});

test('numbers that are names are none, whichever are taken for each other', () => {
  let taken = 0;
  for (let draw = 0; draw < 40; draw++) {
    const labels = 12 + rng.int(20);
    const truths = Array.from({ length: 200 }, () => rng.int(labels));
    const alike = Array.from({ length: labels }, () => rng.int(labels));
    const named = (t: number) => (rng.next() < 0.6 ? (truths[t] ?? 0) : (alike[truths[t] ?? 0] ?? 0));
    if (scores(named)) taken++;
  }
  // One in a hundred by chance.
  expect(taken).toBeLessThanOrEqual(2);
  expect(scores((t) => `a${t % 15}`)).toBe(false);
  expect(scores((t) => t % 15)).toBe(false);
});

test('classes that stand in groups are near each other as scores are, but often equal', () => {
  for (const [classes, group] of [
    [12, 3],
    [20, 5],
    [100, 5],
  ] as const) {
    const answers = Array.from({ length: 2000 }, (_, i) => {
      const truth = (i >> 2) % classes;
      const other = truth - (truth % group) + rng.int(group);
      return { task: `${i >> 2}`, worker: `${i & 3}`, label: `${rng.next() < 0.7 ? truth : other}` };
    });
    expect(areScores(toRatings(answers))).toBe(true);
    expect(areOftenEqual(toRatings(answers))).toBe(true);
  }
});

test.each([
  ['snow_affect', false],
  ['snow_wordsim', false],
  ['music_genre', true],
  ['s_adult', true],
  ['weather_cf', true],
  ['face', true],
  ['zencrowd_us', true],
  ['bluebird', true],
  ['d_possent', true],
  ['d_product', true],
  ['snow_rte', true],
])('of the recorded answers of %s it is %s that they are often equal', (name, is) => {
  const rows = recorded(`${name}/answers.csv`);
  if (!rows) return;
  const ratings = toRatings(rows.map(({ task = '', worker = '', label = '' }) => ({ task, worker, label })));
  expect(areOftenEqual(ratings)).toBe(is);
  if (!is) expect(areScores(ratings)).toBe(true);
});
