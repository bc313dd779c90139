/**
 * What is made of answers that may be wrong, at equal spend: accuracy of the model by answers paid for, with hard majority
 * labels, with soft labels of the same answers, and where each next answer goes to an old item or to a new one.
 * `node dist/bench/noisy-answers.js [--sets cr,trec6] [--seeds 5] [--error 0.25] [--each 3] [--strategy random]
 * [--budgets 300,600,1500,3000] [--batch 75] [--keep runs.jsonl]`
 * With `--keep`, each run is written down as it ends, and one that is in the file already is not made again.
 */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { table } from '../cli/output.ts';
import { type CurveData, summarise } from '../domain/learning/curve.ts';
import { NOISY_WAYS, runNoisyCurve } from '../domain/learning/noisy-curve.ts';
import { keptRuns, machine } from './support.ts';
import { loadTexts } from './text-sets.ts';

const { values: flags } = parseArgs({
  options: {
    sets: { type: 'string', default: 'cr,trec6,subj,sst2,spam' },
    seeds: { type: 'string', default: '5' },
    error: { type: 'string', default: '0.25' },
    each: { type: 'string', default: '3' },
    strategy: { type: 'string', default: 'random' },
    budgets: { type: 'string', default: '300,600,1500,3000' },
    batch: { type: 'string', default: '75' },
    keep: { type: 'string' },
  },
});
const budgets = flags.budgets.split(',').map(Number);
const seeds = Array.from({ length: Number(flags.seeds) }, (_, i) => i + 1);
const terms = {
  strategy: flags.strategy,
  error: Number(flags.error),
  answersEach: Number(flags.each),
  batch: Number(flags.batch),
  budgets,
};

interface Run {
  readonly name: string;
  readonly accuracies: readonly number[];
}

const runs = keptRuns<Run>(flags.keep);
const sets = flags.sets.split(',');
const loaded = new Map<string, CurveData>();
const nameOf = (set: string, way: string, seed: number) => JSON.stringify({ set, way, seed, ...terms });

for (const seed of seeds) {
  for (const set of sets) {
    for (const way of NOISY_WAYS) {
      const name = nameOf(set, way, seed);
      if (runs.some((run) => run.name === name)) continue;
      const data = loaded.get(set) ?? (await loadTexts(set));
      if (!data) break;
      loaded.set(set, data);
      const run: Run = { name, accuracies: runNoisyCurve(data, { ...terms, way, seed }) };
      runs.push(run);
      if (flags.keep !== undefined) appendFileSync(flags.keep, `${JSON.stringify(run)}\n`);
      process.stderr.write(`${set} ${way}, run ${seed}\n`);
    }
  }
}

const rows = sets.flatMap((set) =>
  NOISY_WAYS.flatMap((way) => {
    const names = seeds.map((seed) => nameOf(set, way, seed));
    const mine = runs.filter(({ name }) => names.includes(name)).map(({ accuracies }) => accuracies);
    if (mine.length === 0) return [];
    const cells = summarise(way, budgets, mine).map(({ accuracy, sd }) => `${accuracy.toFixed(3)} ± ${sd.toFixed(3)}`);
    return [[set, way, String(mine.length), ...cells]];
  }),
);
process.stdout.write(
  `${machine()}; ${terms.strategy}, ${100 * terms.error}% of answers wrong, batches of ${terms.batch} answers; accuracy ± sd by answers\n\n` +
    `${table(['set', 'way', 'runs', ...budgets.map(String)], rows).join('\n')}\n`,
);
