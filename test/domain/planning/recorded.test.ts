import { expect, it } from 'vitest';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { pilotOf } from '../../../domain/planning/assumptions.ts';
import { fromPilot } from '../../../domain/planning/draw.ts';
import { type Band, makePlan } from '../../../domain/planning/plan.ts';
import { replay } from '../../../domain/redundancy/replay.ts';
import { seededRng } from '../../../domain/rng.ts';
import { recorded } from '../aggregation/recorded.ts';
import { playProduction } from './production.ts';

const SETS = ['snow_rte', 'face', 'weather_cf', 'music_genre', 'd_possent'];
/** Those of them with five answers a task and more. */
const MANY_ANSWERS = ['snow_rte', 'face', 'd_possent'];
const SPLITS = 4;

/** Plans from pilots of 100 tasks, each with the answers to some 200 others; empty where no crowd is recorded. */
function plans(sets: readonly string[], splits: number, option: string) {
  return sets.flatMap((set) => {
    const [answers, gold] = [recorded(`${set}/answers.csv`), recorded(`${set}/gold.csv`)];
    if (!answers || !gold) return [];
    const rows = answers.map(({ task = '', worker = '', label = '' }) => ({ task, worker, label }));
    const truths = new Map(gold.map(({ task = '', label = '' }) => [task, label]));
    return Array.from({ length: splits }, (_, split) => {
      const seed = `${set} ${split}`;
      const tasks = seededRng(seed).shuffle([...truths.keys()]);
      const [first, rest] = [new Set(tasks.slice(0, 100)), new Set(tasks.slice(100, 300))];
      const pilot = pilotOf(toRatings(rows.filter(({ task }) => first.has(task))), truths);
      const plan = makePlan(
        {
          tasks: rest.size,
          annotators: new Set(rows.map(({ worker }) => worker)).size,
          priceMicros: 50_000n,
          goldRatio: 0,
          feeRatio: 0,
          atWork: new Array<number>(24).fill(5),
          judge: null,
        },
        fromPilot(pilot, { secondsMedian: 20, secondsLogSd: 0.6 }),
        { runs: 30, seed, only: [option] },
      );
      const [planned] = plan.options;
      if (!planned) throw new Error(`There is no option ${option}.`);
      return { seed, planned, truths, rest: rows.filter(({ task }) => rest.has(task)) };
    });
  });
}

const holds = (band: Band, value: number) => value >= band.p10 && value <= band.p90;

const there = SETS.every((set) => recorded(`${set}/answers.csv`) && recorded(`${set}/gold.csv`));
if (!there) console.warn('Skipped: the recorded crowds are not here.');

it.skipIf(!there)('holds the accuracy of recorded crowds that were asked again', { timeout: 240_000 }, () => {
  const all = plans(SETS, SPLITS, 'fixed:3');
  const held = all.filter(({ planned, rest, truths }) =>
    holds(planned.accuracy, replay(toRatings(rest), truths, { kind: 'fixed', n: 3 }, 1).accuracy),
  );
  // 17 of 20; so few say no more than that it is not half of them.
  expect(held.length / all.length).toBeGreaterThanOrEqual(0.7);
});

it.skipIf(!there)(
  'promises no fewer answers of an adaptive campaign than its decisions ask for, nor many more',
  {
    timeout: 240_000,
  },
  () => {
    for (const { seed, planned, truths, rest } of plans(MANY_ANSWERS, 2, 'adaptive')) {
      const { answersPerTask } = playProduction(rest, truths, seededRng(`played ${seed}`));
      expect(planned.answersPerTask.p90, seed).toBeGreaterThan(answersPerTask);
      // Real decisions begin here with a crowd that was learnt from 300 answers, surer of it than they should be.
      expect(planned.answersPerTask.p50, seed).toBeLessThan(answersPerTask + 1.2);
    }
  },
);
