/**
 * Accuracy of every crowd method on the recorded crowds of ../shared/data, beside what crowd-kit's method of that name
 * reached there; that of the methods for comparisons, and how the mean of scores correlates with gold; on made-up crowds with many labels that of the default and its mean confidence, beside majority; then `quorate aggregate`, the whole command from a CSV file to a CSV file, on 100,000 tasks of five
 * answers by 500 workers in five classes: seconds and peak memory. Beside them crowd-kit, where QUORATE_BENCH_PYTHON
 * names an interpreter that has it (minutes). Needs GNU time.
 * `node dist/bench/aggregation.js [rounds] [answers.csv]`: another file to time on.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '../cli/paths.ts';
import type { CrowdFit } from '../domain/aggregation/crowd/fit.ts';
import { CROWD_METHOD_NAMES, type CrowdMethodName, crowdMethod } from '../domain/aggregation/crowd/methods.ts';
import { toRatings } from '../domain/agreement/ratings.ts';
import { type Answers, readAnswers } from '../domain/formats/answers.ts';
import { readGold } from '../domain/formats/gold.ts';
import { seededRng } from '../domain/rng.ts';
import { pairAccuracies } from './recorded-pairs.ts';
import { machine } from './support.ts';
import { middle, type Timing, timed } from './timed.ts';

const [rounds = 3, file] = [process.argv[2] === undefined ? 3 : Number(process.argv[2]), process.argv[3]];
const data = join(paths.root, '..', 'shared', 'data');

/** Our methods' names in the table of crowd-kit's figures; its majority there with ties shared, as all are here. */
const NAMESAKES: Partial<Record<CrowdMethodName, string>> = {
  majority: 'MV*',
  wawa: 'Wawa',
  'one-coin': 'one-coin DS',
  'dawid-skene': 'DS',
  glad: 'GLAD',
  mace: 'MACE',
};

/** Their classes in crowd-kit. */
const PEERS = {
  majority: 'MajorityVote',
  wawa: 'Wawa',
  'one-coin': 'OneCoinDawidSkene',
  'dawid-skene': 'DawidSkene',
  glad: 'GLAD',
  mace: 'MACE',
};

const report = {
  machine: machine(),
  accuracy: existsSync(data) ? await accuracies() : `no ${data}`,
  pairs: pairAccuracies(),
  scores: existsSync(data) ? scores() : `no ${data}`,
  manyLabels: await manyLabels(),
  ...times(),
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);

/** By set and method "ours (crowd-kit's)", and the mean of ours over the sets. */
async function accuracies(): Promise<Record<string, Record<string, string>>> {
  const figures = readFigures(readFileSync(join(data, 'README.md'), 'utf8'));
  const sums = new Map<string, number>();
  const rows: Record<string, Record<string, string>> = {};
  const sets = readdirSync(data).filter((set) => figures.has(set) && existsSync(join(data, set, 'gold.csv')));
  for (const set of sets) {
    const source = join(data, set, 'answers.csv');
    const answers = readAnswers(readFileSync(source), { source, duplicates: 'first' });
    const { labels: gold } = readGold(readFileSync(join(data, set, 'gold.csv')), `${set}/gold.csv`);
    const row: Record<string, string> = {};
    for (const name of CROWD_METHOD_NAMES) {
      const ours = expectedAccuracy(answers, (await crowdMethod(name))(answers), gold);
      sums.set(name, (sums.get(name) ?? 0) + ours);
      const theirs = figures.get(set)?.get(NAMESAKES[name] ?? '');
      row[name] = ours.toFixed(4) + (theirs === undefined ? '' : ` (${theirs}${below(ours, theirs) ? ', below' : ''})`);
    }
    rows[set] = row;
  }
  rows.mean = Object.fromEntries([...sums].map(([name, sum]) => [name, (sum / sets.length).toFixed(4)]));
  return rows;
}

/** Pearson's correlation of the mean with gold, by set of scores. */
function scores(): Record<string, number> {
  return Object.fromEntries(
    ['snow_affect', 'snow_wordsim'].map((set) => {
      const files = ['--in', join(data, set, 'answers.csv'), '--gold', join(data, set, 'gold.csv')];
      const { output } = timed(process.execPath, [paths.entry, 'aggregate', '--method', 'mean', ...files, '--json']);
      return [set, Number((JSON.parse(output) as { pearson: number }).pearson.toFixed(4))];
    }),
  );
}

/** Labels, answers a task, the workers' mean skill, tasks, workers. */
const MANY_LABELS = [
  [12, 3, 0.6, 300, 20],
  [12, 5, 0.6, 1000, 40],
  [20, 5, 0.5, 1000, 40],
  [20, 2, 0.8, 1000, 40],
  [30, 3, 0.7, 500, 20],
  [45, 3, 0.7, 1000, 40],
] as const;

/** Workers whose wrong answers are any other label, or (`own`) mostly one of their own for each label. */
async function manyLabels(): Promise<Record<string, Record<string, string>>> {
  const rows: Record<string, Record<string, string>> = {};
  for (const own of [false, true]) {
    for (const [labels, perTask, skill, tasks, workers] of MANY_LABELS) {
      const rng = seededRng(`sim ${labels} ${perTask} ${skill} ${tasks} ${workers}`);
      const people = Array.from({ length: workers }, () => ({
        skill: Math.min(0.98, Math.max(0.3, skill + 0.1 * rng.normal())),
        favourites: Array.from({ length: labels }, () => rng.int(labels)),
      }));
      const truth = new Map<string, string>();
      const given: { task: string; worker: string; label: string }[] = [];
      for (let t = 0; t < tasks; t++) {
        const right = rng.int(labels);
        truth.set(`${t}`, `L${right}`);
        for (const w of rng.shuffle(Array.from(people.keys())).slice(0, perTask)) {
          const errs = rng.next() >= (people[w]?.skill ?? 0);
          const usual = errs && own && rng.next() < 0.7 ? people[w]?.favourites[right] : undefined;
          const label = errs ? (usual ?? (right + 1 + rng.int(labels - 1)) % labels) : right;
          given.push({ task: `${t}`, worker: `w${w}`, label: `L${label}` });
        }
      }
      const answers = toRatings(given);
      const row: Record<string, string> = {};
      for (const name of ['majority', 'one-coin', 'default'] as const) {
        const fit = (await crowdMethod(name))(answers);
        const confidence = fit.confidence.reduce((sum, each) => sum + each, 0) / tasks;
        row[name] = `${expectedAccuracy(answers, fit, truth).toFixed(4)} (says ${confidence.toFixed(2)})`;
      }
      rows[`${labels} labels, ${perTask} answers, skill ${skill}, ${tasks} tasks, ${own ? 'own' : 'uniform'} errors`] =
        row;
    }
  }
  return rows;
}

function below(ours: number, theirs: string): boolean {
  return Number(ours.toFixed(4)) < Number(theirs);
}

/** The accuracy to expect where equally probable labels are drawn from: free of the luck of the draw. */
function expectedAccuracy(
  answers: Pick<Answers, 'units' | 'values' | 'valueCount'>,
  fit: CrowdFit,
  gold: ReadonlyMap<string, string>,
): number {
  const { units, values, valueCount } = answers;
  let [known, right] = [0, 0];
  units.forEach((unit, t) => {
    const truth = gold.get(unit);
    if (truth === undefined) return;
    known++;
    const row = fit.posteriors?.subarray(t * valueCount, (t + 1) * valueCount) ?? new Float64Array();
    const most = (fit.confidence[t] ?? 0) - 1e-9;
    const best = values.filter((_, label) => (row[label] ?? 0) >= most);
    if (best.includes(truth)) right += 1 / best.length;
  });
  return right / known;
}

/** The Markdown table whose rows start with a set and whose columns are methods. */
function readFigures(markdown: string): Map<string, Map<string, string>> {
  const cells = (line: string) => line.split('|').map((cell) => cell.trim());
  const table = markdown.split('\n').map(cells);
  const header = table.find((row) => row[1] === 'set' && row.includes('MV*')) ?? [];
  const rows = table.filter((row) => row.length === header.length && /^0\.\d+$/.test(row[2] ?? ''));
  return new Map(
    rows.map((row) => [
      row[1] ?? '',
      new Map(
        header.map((name, at): [string, string] => [name, row[at] ?? '']).filter(([, cell]) => /^0\.\d/.test(cell)),
      ),
    ]),
  );
}

function times(): { file: string; rounds: number; seconds: Record<string, Timing> } {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  try {
    const input = file ?? join(folder, 'answers.csv');
    if (file === undefined) writeFileSync(input, crowd());
    const output = join(folder, 'labels.csv');
    const seconds: Record<string, Timing> = {};
    for (const name of CROWD_METHOD_NAMES) {
      const args = ['aggregate', '--method', name, '--in', input, '--out', output, '--json'];
      seconds[name] = middle(Array.from({ length: rounds }, () => timed(process.execPath, [paths.entry, ...args])));
    }
    const python = process.env.QUORATE_BENCH_PYTHON;
    for (const [name, peer] of python === undefined ? [] : Object.entries(PEERS)) {
      const script = `
import pandas as pd
from crowdkit.aggregation import ${peer}
labels = ${peer}().fit_predict(pd.read_csv(${JSON.stringify(input)}, dtype=str))
labels.to_csv(${JSON.stringify(output)})`;
      seconds[`crowd-kit ${name}`] = timed(python ?? '', ['-c', script]);
    }
    return { file: file ?? 'made up', rounds, seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Workers of accuracy 0.3 to 0.95 who err in their own ways, some more active than others; labels L0 to L4. */
function crowd(): string {
  const [tasks, perTask, workers, labels] = [100_000, 5, 500, 5];
  const rng = seededRng('bench-aggregation');
  const people = Array.from({ length: workers }, () => ({
    accuracy: 0.3 + 0.65 * rng.next(),
    favourites: Array.from({ length: labels }, () => rng.int(labels)),
  }));
  const lines = ['task,worker,label'];
  for (let t = 0; t < tasks; t++) {
    const truth = Math.floor(labels * rng.next() ** 1.5);
    const asked = new Set<number>();
    while (asked.size < perTask) asked.add(Math.floor(workers * rng.next() ** 2));
    for (const w of asked) {
      const { accuracy = 0, favourites = [] } = people[w] ?? {};
      const wrong = rng.next() < 0.5 ? (favourites[truth] ?? 0) : rng.int(labels);
      lines.push(`t${t},w${w},L${rng.next() < accuracy ? truth : wrong}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
