/**
 * `quorate agreement`, the whole command from a CSV file to the printed value, on 100,000 tasks of five answers by 500
 * workers in five classes: seconds and peak memory; beside them the Python packages that people use instead, where
 * QUORATE_BENCH_PYTHON names an interpreter with pandas, krippendorff and irrCAC. Needs GNU time.
 * `node dist/bench/agreement.js [rounds]`
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '../cli/paths.ts';
import { seededRng } from '../domain/rng.ts';
import { machine } from './support.ts';

const [rounds = 5] = process.argv.slice(2).map(Number);
const [TASKS, ANSWERS, WORKERS, CLASSES] = [100_000, 5, 500, 5];

const OURS = {
  'krippendorff nominal': [],
  'krippendorff ordinal': ['--level', 'ordinal'],
  'krippendorff interval': ['--level', 'interval'],
  fleiss: ['--metric', 'fleiss'],
  'gwet AC1': ['--metric', 'gwet'],
  'gwet AC2, ordinal': ['--metric', 'gwet', '--level', 'ordinal'],
  'cohen, mean of pairs': ['--metric', 'cohen'],
  'krippendorff nominal, 1,000 resamples': ['--bootstrap', '1000'],
  'krippendorff interval, 1,000 resamples': ['--level', 'interval', '--bootstrap', '1000'],
};

/** What each peer does with `d`, a data frame of the file. */
const PEERS = {
  'irrCAC, alpha': `
from irrCAC.raw import CAC
print(CAC(d.pivot(index='task', columns='worker', values='label')).krippendorff()['est']['coefficient_value'])`,
  'krippendorff, from the matrix': `
import krippendorff
m = d.pivot(index='worker', columns='task', values='label').to_numpy()
print(krippendorff.alpha(m, level_of_measurement='nominal'))`,
  'krippendorff, from counts': `
import krippendorff
print(krippendorff.alpha(value_counts=pd.crosstab(d['task'], d['label']).to_numpy(), level_of_measurement='nominal'))`,
};

const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
try {
  const file = join(folder, 'answers.csv');
  writeFileSync(file, crowd());
  const figures: Record<string, Figures> = {};
  for (const [name, args] of Object.entries(OURS)) {
    const run = () => timed(process.execPath, [paths.entry, 'agreement', '--in', file, '--json', ...args]);
    figures[name] = middle(Array.from({ length: rounds }, run));
  }
  const python = process.env.QUORATE_BENCH_PYTHON;
  if (python !== undefined) {
    for (const [name, code] of Object.entries(PEERS)) {
      const script = `import pandas as pd\nd = pd.read_csv(${JSON.stringify(file)})${code}`;
      figures[name] = timed(python, ['-c', script]);
    }
  }
  process.stdout.write(`${JSON.stringify({ machine: machine(), rounds, figures }, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Workers of accuracy 0.4 to 0.95, each task answered by different ones; labels are the numbers 1 to 5. */
function crowd(): string {
  const rng = seededRng('bench-agreement');
  const accuracy = Array.from({ length: WORKERS }, () => 0.4 + 0.55 * rng.next());
  const lines = ['task,worker,label'];
  for (let t = 0; t < TASKS; t++) {
    const truth = rng.int(CLASSES);
    const asked = new Set<number>();
    while (asked.size < ANSWERS) asked.add(rng.int(WORKERS));
    for (const w of asked) {
      const label = rng.next() < (accuracy[w] ?? 0) ? truth : rng.int(CLASSES);
      lines.push(`t${t},w${w},${label + 1}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

interface Figures {
  readonly wallS: number;
  readonly cpuS: number;
  readonly peakMb: number;
  readonly value: number;
}

/** Runs a command on one thread under GNU time. */
function timed(command: string, args: readonly string[]): Figures {
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const ran = spawnSync('/usr/bin/time', ['-f', '%e %U %S %M', command, ...args], { encoding: 'utf8', env });
  if (ran.status !== 0) throw new Error(`${command} failed: ${ran.error?.message ?? ran.stderr}`);
  const used = (ran.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const [wallS = Number.NaN, userS = Number.NaN, systemS = Number.NaN, peakKb = Number.NaN] = used;
  const last = ran.stdout.trim().split('\n').at(-1) ?? '';
  const value = last.startsWith('{') ? (JSON.parse(last) as { value: number }).value : Number(last);
  return { wallS, cpuS: Number((userS + systemS).toFixed(2)), peakMb: Math.round(peakKb / 1024), value };
}

/** The run of median length. */
function middle(runs: readonly Figures[]): Figures {
  const sorted = [...runs].sort((a, b) => a.wallS - b.wallS);
  const run = sorted[Math.floor(sorted.length / 2)];
  if (!run) throw new Error('There was no round.');
  return run;
}
