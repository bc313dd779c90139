import { expect, it } from 'vitest';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { pilotOf } from '../../../domain/planning/assumptions.ts';
import { fromPilot } from '../../../domain/planning/draw.ts';
import { makePlan } from '../../../domain/planning/plan.ts';
import { replay } from '../../../domain/redundancy/replay.ts';
import { seededRng } from '../../../domain/rng.ts';
import { recorded } from '../aggregation/recorded.ts';

const SETS = ['snow_rte', 'face', 'weather_cf', 'music_genre', 'd_possent'];
const SPLITS = 4;

it('holds the accuracy of recorded crowds that were asked again', { timeout: 240_000 }, () => {
  let [held, all] = [0, 0];
  for (const set of SETS) {
    const [answers, gold] = [recorded(`${set}/answers.csv`), recorded(`${set}/gold.csv`)];
    if (!answers || !gold) continue;
    const rows = answers.map(({ task = '', worker = '', label = '' }) => ({ task, worker, label }));
    const truths = new Map(gold.map(({ task = '', label = '' }) => [task, label]));
    for (let split = 0; split < SPLITS; split++) {
      const tasks = seededRng(`${set} ${split}`).shuffle([...truths.keys()]);
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
        { runs: 30, seed: `${set} ${split}`, only: ['fixed:3'] },
      );
      const played = replay(toRatings(rows.filter(({ task }) => rest.has(task))), truths, { kind: 'fixed', n: 3 }, 1);
      const band = plan.options[0]?.accuracy ?? { p10: 0, p90: 0 };
      const holds = played.accuracy >= band.p10 && played.accuracy <= band.p90;
      all += 1;
      if (holds) held += 1;
    }
  }
  // 16 of 20, which is 80 in 100; so few say no more than that it is not half of them.
  if (all > 0) expect(held / all).toBeGreaterThanOrEqual(0.7);
});
