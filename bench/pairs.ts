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
import { bradleyTerry } from '../domain/aggregation/pairs/bradley-terry.ts';
import { noisyBradleyTerry } from '../domain/aggregation/pairs/noisy-bradley-terry.ts';
import { type PairFit, winProbability } from '../domain/aggregation/pairs/pair-fit.ts';
import { type NamedPairVotes, type PairRow, toPairVotes } from '../domain/aggregation/pairs/pair-votes.ts';
import { seededRng } from '../domain/rng.ts';
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

type Row = Readonly<Record<string, string>>;

/** What is known about a pair: its winner, named as in the comparisons. */
interface Known {
  readonly left: string;
  readonly right: string;
  readonly winner: string;
}

const work = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
try {
  const result = { machine: machine(), rounds, accuracy: accuracies(), speed: speeds(given ?? madeUp()) };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function accuracies(): Record<string, Record<string, number>> | string {
  const folder = join(paths.root, '..', 'shared', 'data');
  if (!existsSync(folder)) return `no ${folder}`;
  const read = (path: string) => table(readFileSync(join(folder, path), 'utf8'));
  const sides = ({ item_a = '', item_b = '', winner = '', worker = '' }: Row): PairRow => {
    return { left: item_a, right: item_b, winner, worker };
  };

  const strict = read('ukp_convarg/gold.csv').filter(({ winner_strict }) => winner_strict !== '');
  const careful = strict.map(({ item_a = '', item_b = '', winner_strict = '' }) => {
    return { left: item_a, right: item_b, winner: winner_strict };
  });
  const summaries = read('squality_human/answers.csv').filter(({ dimension }) => dimension === 'overall');
  // The summary that a person wrote should win.
  const people = summaries.map(sides).flatMap(({ left, right }): Known[] => {
    const winner = [left, right].find((name) => name.endsWith(':human'));
    return winner === undefined ? [] : [{ left, right, winner }];
  });
  // Every question has answers of its own.
  const own = (item: string, side: string) => (side === 'a' || side === 'b' ? `${item}:${side}` : side);
  const instructions = read('pandalm_human/answers.csv').map(({ item = '', winner = '', worker = '' }) => {
    return { left: own(item, 'a'), right: own(item, 'b'), winner: own(item, winner), worker };
  });
  const judged = read('pandalm_human/judge_gpt-3.5-turbo.csv').flatMap(({ item = '', winner = '' }): Known[] => {
    return winner === 'tie' ? [] : [{ left: own(item, 'a'), right: own(item, 'b'), winner: own(item, winner) }];
  });
  return {
    'ukp_convarg, strict pairs': compare(read('ukp_convarg/answers.csv').map(sides), careful),
    'squality_human, overall: the human summary wins': compare(summaries.map(sides), unique(people)),
    'pandalm_human: as an automatic judge says': compare(instructions, judged),
  };
}

/** Share of known pairs that each method decides as known; where it cannot tell, half. */
function compare(rows: readonly PairRow[], known: readonly Known[]): Record<string, number> {
  const votes = toPairVotes(rows);
  const ids = new Map(votes.items.map((name, id) => [name, id]));
  const share = (prefers: (a: number, b: number) => number) => {
    const right = known.reduce((sum, { left, right: other, winner }) => {
      const loser = winner === left ? other : left;
      return sum + (1 + Math.sign(prefers(ids.get(winner) ?? -1, ids.get(loser) ?? -1))) / 2;
    }, 0);
    return Number((right / known.length).toFixed(4));
  };
  const by = (fit: PairFit) => share((a, b) => winProbability(fit, a, b) - 0.5);
  return {
    pairs: known.length,
    majority: share(majority(votes)),
    'bradley-terry': by(bradleyTerry(votes)),
    'noisy-bradley-terry': by(noisyBradleyTerry(votes)),
  };
}

/** How many more annotators preferred a to b than b to a. */
function majority({ left, right, winner }: NamedPairVotes): (a: number, b: number) => number {
  const surplus = new Map<string, number>();
  for (let i = 0; i < winner.length; i++) {
    const [a, b, more] = [left[i] ?? 0, right[i] ?? 0, 2 * (winner[i] ?? 0) - 1];
    surplus.set(`${a} ${b}`, (surplus.get(`${a} ${b}`) ?? 0) + more);
    surplus.set(`${b} ${a}`, (surplus.get(`${b} ${a}`) ?? 0) - more);
  }
  return (a, b) => surplus.get(`${a} ${b}`) ?? 0;
}

function unique(known: readonly Known[]): Known[] {
  return [...new Map(known.map((each) => [`${each.left}\n${each.right}`, each])).values()];
}

/** Rows of a CSV file without quotes. */
function table(text: string): Row[] {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
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
