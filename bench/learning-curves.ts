/**
 * How many labels each strategy needs, on real texts: accuracy by budget, and the labels at which a strategy reaches the
 * accuracy that random choice has with 1,000. All strategies have the same features and the same learner.
 * `node dist/bench/learning-curves.js [--sets trec6,subj,sst2,cr,spam] [--strategies random,combined] [--seeds 10]
 * [--batch 25] [--out folder for SVG]`
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { curveData } from '../cli/commands/curve-run.ts';
import { readItems } from '../cli/commands/item-file.ts';
import { spamCorpus } from '../cli/demo/spam-corpus.ts';
import { table } from '../cli/output.ts';
import { type CurveData, labelsToReach, runCurve, summarise } from '../domain/learning/curve.ts';
import { curveSvg } from '../domain/learning/curve-svg.ts';
import { seededRng } from '../domain/rng.ts';
import { packageRoot } from '../runtime/paths.ts';
import { machine } from './support.ts';

const SHOWN = [100, 250, 500, 1000, 2500];
/** Fine enough to say where a curve passes the mark. */
const MEASURED = [...Array.from({ length: 20 }, (_, i) => 50 * (i + 1)), 2500];
const MARK = 1000;
const SPAM_POOL = 4500;

const { values: flags } = parseArgs({
  options: {
    sets: { type: 'string', default: 'trec6,subj,sst2,cr,spam' },
    strategies: { type: 'string', default: 'random,combined' },
    seeds: { type: 'string', default: '10' },
    batch: { type: 'string', default: '25' },
    out: { type: 'string' },
  },
});
const strategies = ['random', ...flags.strategies.split(',').filter((name) => name !== 'random')];
const folder = join(packageRoot(), '..', 'shared', 'data');

async function load(set: string): Promise<CurveData | undefined> {
  if (set === 'spam') {
    const rows: { text: string; label: string }[] = [];
    for await (const { text, truth } of spamCorpus()) rows.push({ text, label: truth });
    const shuffled = seededRng('spam').shuffle(rows);
    const part = (name: string, from: number, to?: number) => {
      const some = shuffled.slice(from, to);
      const labels = some.map(({ label }) => label);
      return { source: name, count: some.length, texts: some.map(({ text }) => text), labels, lines: [] };
    };
    return curveData(part('spam pool', 0, SPAM_POOL), part('spam test', SPAM_POOL));
  }
  const [pool, test] = [join(folder, set, 'train.jsonl'), join(folder, set, 'test.jsonl')];
  if (!existsSync(pool)) {
    process.stderr.write(`Skipped: there is no ${pool}.\n`);
    return undefined;
  }
  return curveData(await readItems(pool, { labelled: true }), await readItems(test, { labelled: true }));
}

interface Result {
  readonly set: string;
  readonly strategy: string;
  readonly reach: number | undefined;
  readonly cells: readonly string[];
  readonly secondsPerRun: number;
}

const results: Result[] = [];
for (const set of flags.sets.split(',')) {
  const data = await load(set);
  if (!data) continue;
  const budgets = MEASURED.filter((budget) => budget <= data.pool.count);
  let mark = Number.POSITIVE_INFINITY;
  const points = strategies.flatMap((strategy) => {
    const startedMs = performance.now();
    const runs = Array.from({ length: Number(flags.seeds) }, (_, i) =>
      runCurve(data, { strategy, budgets, batch: Number(flags.batch), seed: i + 1 }),
    );
    const curve = summarise(strategy, budgets, runs);
    const accuracies = curve.map(({ accuracy }) => accuracy);
    if (strategy === 'random') mark = accuracies[budgets.indexOf(MARK)] ?? mark;
    results.push({
      set,
      strategy,
      reach: labelsToReach(budgets, accuracies, mark),
      cells: SHOWN.map((budget) => {
        const point = curve.find((each) => each.budget === budget);
        return point ? `${point.accuracy.toFixed(3)} ± ${point.sd.toFixed(3)}` : '-';
      }),
      secondsPerRun: (performance.now() - startedMs) / 1000 / runs.length,
    });
    process.stderr.write(`${set} ${strategy}: ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
    return curve;
  });
  if (flags.out !== undefined) {
    mkdirSync(flags.out, { recursive: true });
    const title = `${set}: ${flags.seeds} runs, batches of ${flags.batch}`;
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
  `${machine()}; ${flags.seeds} runs, batches of ${flags.batch}; accuracy ± sd\n\n${[
    ...table(
      ['set', 'strategy', ...SHOWN.map(String), `random's at ${MARK.toLocaleString('en-US')}`, 's/run'],
      inOrder.map((each) => [each.set, each.strategy, ...each.cells, reached(each), each.secondsPerRun.toFixed(1)]),
    ),
    '',
    ...strategies.slice(1).map((strategy) => {
      const labels = inOrder.filter((each) => each.strategy === strategy).map(({ reach }) => reach ?? Number.NaN);
      const mean = labels.reduce((sum, value) => sum + value, 0) / labels.length;
      return `${strategy}: ${Number.isNaN(mean) ? 'not reached on every set' : `${Math.round(mean)} labels on average over ${labels.length} sets`}`;
    }),
  ].join('\n')}\n`,
);
