import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../cli/paths.ts';
import { bradleyTerry } from '../domain/aggregation/pairs/bradley-terry.ts';
import { noisyBradleyTerry } from '../domain/aggregation/pairs/noisy-bradley-terry.ts';
import { type PairFit, winProbability } from '../domain/aggregation/pairs/pair-fit.ts';
import { type NamedPairVotes, type PairRow, toPairVotes } from '../domain/aggregation/pairs/pair-votes.ts';

type Row = Readonly<Record<string, string>>;

/** What is known about a pair: its winner, named as in the comparisons. */
interface Known {
  readonly left: string;
  readonly right: string;
  readonly winner: string;
}

/** Of majority, Bradley-Terry and noisy Bradley-Terry on recorded comparisons; a message where these are not there. */
export function pairAccuracies(): Record<string, Record<string, number>> | string {
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
export function table(text: string): Row[] {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
}
