/**
 * Pairwise comparisons. Accuracy of majority, Bradley-Terry and noisy Bradley-Terry on recorded comparisons with a known
 * answer, where those lie beside the project (../shared/data); and seconds and peak memory of the whole command
 * `quorate aggregate` on made-up comparisons of three sizes, or on the files `pairs_*.csv` of a folder. Beside them
 * crowd-kit on the same files, where QUORATE_BENCH_PYTHON names an interpreter that has it. Needs GNU time.
 * `node dist/bench/pairs.js [rounds] [folder]`
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '../cli/paths.ts';
import { seededRng } from '../domain/rng.ts';
import { pairAccuracies, table } from './recorded-pairs.ts';
import { machine } from './support.ts';
import { middle, type Timing, timed } from './timed.ts';

const rounds = Number(process.argv[2] ?? 5);
const given = process.argv[3];
/** Items, comparisons, workers. */
const SIZES = [
  [100, 2000, 50],
  [1000, 20_000, 100],
  [5000, 100_000, 300],
] as const;
/** crowd-kit takes minutes beyond. */
const MOST_FOR_PEER = 20_000;
const PEERS = ['BradleyTerry(100)', 'NoisyBradleyTerry()'];

const work = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
try {
  const result = { machine: machine(), rounds, accuracy: pairAccuracies(), speed: speeds(given ?? madeUp()) };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

interface Figures extends Omit<Timing, 'output'> {
  /** Of the scores with those that the comparisons were drawn from, where these are there. */
  readonly rankCorrelation: number | null;
}

function speeds(folder: string): Record<string, Record<string, Figures>> {
  const files = readdirSync(folder).filter((name) => /^pairs_(?!truth).*\.csv$/.test(name));
  const size = (name: string) => Number(/_(\d+)c_/.exec(name)?.[1] ?? 0);
  files.sort((a, b) => size(a) - size(b));
  return Object.fromEntries(files.map((name) => [name, speed(folder, name, size(name) <= MOST_FOR_PEER)]));
}

function speed(folder: string, name: string, withPeer: boolean): Record<string, Figures> {
  const [file, out] = [join(folder, name), join(work, 'scores.csv')];
  const truthFile = join(folder, name.replace('pairs_', 'pairs_truth_'));
  const truth = existsSync(truthFile) ? scoresOf(truthFile) : undefined;
  const figures = ({ wallS, cpuS, peakMb }: Timing): Figures => {
    return { wallS, cpuS, peakMb, rankCorrelation: truth === undefined ? null : spearman(scoresOf(out), truth) };
  };
  const measured: Record<string, Figures> = {};
  for (const method of ['bradley-terry', 'noisy-bradley-terry']) {
    const args = [paths.entry, 'aggregate', '--method', method, '--in', file, '--out', out, '--json'];
    measured[method] = figures(middle(Array.from({ length: rounds }, () => timed(process.execPath, args))));
  }
  const python = process.env.QUORATE_BENCH_PYTHON;
  for (const peer of python !== undefined && withPeer ? PEERS : []) {
    const script = `
import pandas as pd
from crowdkit.aggregation import BradleyTerry, NoisyBradleyTerry
scores = ${peer}.fit_predict(pd.read_csv(${JSON.stringify(file)}, dtype=str))
pd.DataFrame({'item': scores.index, 'score': scores.values}).to_csv(${JSON.stringify(out)}, index=False)`;
    measured[`crowd-kit ${peer}`] = figures(timed(python ?? '', ['-c', script]));
  }
  process.stderr.write(`${name} ${JSON.stringify(measured)}\n`);
  return measured;
}

function scoresOf(file: string): Map<string, number> {
  return new Map(table(readFileSync(file, 'utf8')).map(({ item = '', score }) => [item, Number(score)]));
}

function spearman(scores: Map<string, number>, truth: Map<string, number>): number {
  const names = [...scores.keys()].filter((name) => truth.has(name));
  const places = (of: Map<string, number>) => {
    const sorted = [...names].sort((a, b) => (of.get(a) ?? 0) - (of.get(b) ?? 0));
    return new Map(sorted.map((name, place) => [name, place]));
  };
  const [x, y] = [places(scores), places(truth)];
  const squares = names.reduce((sum, name) => sum + ((x.get(name) ?? 0) - (y.get(name) ?? 0)) ** 2, 0);
  const n = names.length;
  return Number((1 - (6 * squares) / (n * (n * n - 1))).toFixed(4));
}

/**
 * Comparisons of items with normal strengths, by workers of whom one in seven flips a coin; all err once in a while.
 * Returns the folder.
 */
function madeUp(): string {
  for (const [items, comparisons, workers] of SIZES) {
    const rng = seededRng(`bench-pairs-${comparisons}`);
    const strengths = Array.from({ length: items }, () => 1.5 * rng.normal());
    const looks = Array.from({ length: workers }, () => rng.next() < 0.85);
    const lines = ['worker,left,right,label'];
    for (let n = 0; n < comparisons; n++) {
      const [a, w] = [rng.int(items), rng.int(workers)];
      const b = (a + 1 + rng.int(items - 1)) % items;
      const chance = looks[w] ? 1 / (1 + Math.exp((strengths[b] ?? 0) - (strengths[a] ?? 0))) : 0.5;
      const won = rng.next() < 0.97 * chance + 0.03 * (1 - chance) ? a : b;
      lines.push(`w${w},i${a},i${b},i${won}`);
    }
    const name = `${items}i_${comparisons}c_w${workers}.csv`;
    writeFileSync(join(work, `pairs_${name}`), `${lines.join('\n')}\n`);
    const truth = strengths.map((strength, item) => `i${item},${strength}`);
    writeFileSync(join(work, `pairs_truth_${name}`), `item,score\n${truth.join('\n')}\n`);
  }
  return work;
}
