/**
 * How many labels each strategy needs, on real texts: accuracy by budget, and the labels at which a strategy reaches the
 * accuracy that random choice has with 1,000. All strategies have the same features and the same learner.
 * `node dist/bench/learning-curves.js [--sets trec6,subj,sst2,cr,spam] [--strategies random,combined] [--seeds 10]
 * [--batch 25] [--most 2500] [--keep runs.jsonl] [--out folder for SVG]`
 * `--most`: labels at which a run ends; with 1000 it takes a third of the time and still says where the mark is reached.
 * With `--keep`, each run is written down as it ends, and one that is in the file already is not made again.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../cli/output.ts';
import { type CurveData, labelsToReach, runCurve, summarise } from '../domain/learning/curve.ts';
import { curveSvg } from '../domain/learning/curve-svg.ts';
import { keptRuns, machine } from './support.ts';
import { loadTexts } from './text-sets.ts';

const SHOWN = [100, 250, 500, 1000, 2500];
/** Fine enough to say where a curve passes the mark. */
const MEASURED = [...Array.from({ length: 20 }, (_, i) => 50 * (i + 1)), 2500];
const MARK = 1000;

const { values: flags } = parseArgs({
  options: {
    sets: { type: 'string', default: 'trec6,subj,sst2,cr,spam' },
    strategies: { type: 'string', default: 'random,combined' },
    seeds: { type: 'string', default: '10' },
    batch: { type: 'string', default: '25' },
    most: { type: 'string', default: '2500' },
    keep: { type: 'string' },
    out: { type: 'string' },
  },
});
const strategies = ['random', ...flags.strategies.split(',').filter((name) => name !== 'random')];

interface Run {
  readonly set: string;
  readonly strategy: string;
  readonly seed: number;
  readonly batch: number;
  readonly budgets: readonly number[];
  readonly accuracies: readonly number[];
  readonly seconds: number;
}

interface Result {
  readonly set: string;
  readonly strategy: string;
  readonly runs: number;
  readonly reach: number | undefined;
  readonly cells: readonly string[];
  readonly secondsPerRun: number;
}

const batch = Number(flags.batch);
const most = Number(flags.most);
const seeds = Array.from({ length: Number(flags.seeds) }, (_, i) => i + 1);
const runs = keptRuns<Run>(flags.keep)
  .filter((run) => run.batch === batch && seeds.includes(run.seed))
  .map((run) => upTo(run, most));
const loaded = new Map<string, CurveData>();
// Seed by seed, so that what was kept of a run that was broken off says something of every set.
for (const seed of seeds) {
  for (const set of flags.sets.split(',')) {
    for (const strategy of strategies) {
      if (runs.some((run) => run.set === set && run.strategy === strategy && run.seed === seed)) continue;
      const data = loaded.get(set) ?? (await loadTexts(set));
      if (!data) break;
      loaded.set(set, data);
      const budgets = MEASURED.filter((budget) => budget <= Math.min(most, data.pool.count));
      const startedMs = performance.now();
      const accuracies = runCurve(data, { strategy, budgets, batch, seed });
      const run: Run = {
        ...{ set, strategy, seed, batch, budgets, accuracies },
        seconds: (performance.now() - startedMs) / 1000,
      };
      runs.push(run);
      if (flags.keep !== undefined) appendFileSync(flags.keep, `${JSON.stringify(run)}\n`);
      process.stderr.write(`${set} ${strategy}, run ${seed}: ${Math.round(run.seconds)} s\n`);
    }
  }
}

function upTo(run: Run, label: number): Run {
  const budgets = run.budgets.filter((budget) => budget <= label);
  return { ...run, budgets, accuracies: run.accuracies.slice(0, budgets.length) };
}

const results: Result[] = [];
for (const set of flags.sets.split(',')) {
  const ofSet = runs.filter((run) => run.set === set);
  let mark = Number.POSITIVE_INFINITY;
  const points = strategies.flatMap((strategy) => {
    const mine = ofSet.filter((run) => run.strategy === strategy);
    const budgets = mine[0]?.budgets ?? [];
    const curve = summarise(
      strategy,
      budgets,
      mine.map(({ accuracies }) => accuracies),
    );
    const accuracies = curve.map(({ accuracy }) => accuracy);
    if (strategy === 'random') mark = accuracies[budgets.indexOf(MARK)] ?? mark;
    if (mine.length === 0) return [];
    results.push({
      set,
      strategy,
      runs: mine.length,
      reach: labelsToReach(budgets, accuracies, mark),
      cells: SHOWN.map((budget) => {
        const point = curve.find((each) => each.budget === budget);
        return point ? `${point.accuracy.toFixed(3)} ± ${point.sd.toFixed(3)}` : '-';
      }),
      secondsPerRun: mine.reduce((sum, { seconds }) => sum + seconds, 0) / mine.length,
    });
    return curve;
  });
  if (flags.out !== undefined && points.length > 0) {
    mkdirSync(flags.out, { recursive: true });
    const title = `${set}: ${Math.max(...results.map((each) => each.runs))} runs, batches of ${flags.batch}`;
    writeFileSync(join(flags.out, `${set}.svg`), curveSvg(points, title));
  }
}

// The sets on which the campaigns' own strategy gains least come first.
const gainOf = (set: string) => results.find((each) => each.set === set && each.strategy === 'combined')?.reach ?? MARK;
const sets = [...new Set(results.map(({ set }) => set))].sort((a, b) => gainOf(b) - gainOf(a));
const inOrder = sets.flatMap((set) => results.filter((each) => each.set === set));
const reached = ({ strategy, reach }: Result) =>
  strategy === 'random' ? MARK : reach === undefined ? 'never' : Math.round(reach);
process.stdout.write(
  `${machine()}; batches of ${flags.batch}; accuracy ± sd\n\n${[
    ...table(
      ['set', 'strategy', 'runs', ...SHOWN.map(String), `random's at ${MARK.toLocaleString('en-US')}`, 's/run'],
      inOrder.map((each) => [
        each.set,
        each.strategy,
        each.runs,
        ...each.cells,
        reached(each),
        each.secondsPerRun.toFixed(1),
      ]),
    ),
    '',
    ...strategies.slice(1).map((strategy) => {
      const labels = inOrder.filter((each) => each.strategy === strategy).map(({ reach }) => reach ?? Number.NaN);
      const mean = labels.reduce((sum, value) => sum + value, 0) / labels.length;
      return `${strategy}: ${Number.isNaN(mean) ? 'not reached on every set' : `${Math.round(mean)} labels on average over ${labels.length} sets`}`;
    }),
  ].join('\n')}\n`,
);
