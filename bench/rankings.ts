/**
 * How well a model of rankings orders answers that it has never seen, by labels and by how these were chosen: lists of four
 * arguments on one side of one question (`ukp_convarg`), their known order the share of comparisons that each won. Half of
 * each question's arguments are ranked, lists of the others measure. `node dist/bench/rankings.js
 * [--strategies random,combined,uncertainty] [--splits 6] [--seeds 3]`
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../cli/output.ts';
import { distanceFromKnown, type Ranks } from '../domain/aggregation/rankings/ranking-distance.ts';
import { classProbabilities, fitCampaignModel, modelAnswers } from '../domain/learning/campaign-model.ts';
import { type ItemRows, itemRows } from '../domain/learning/item-rows.ts';
import type { LinearModel } from '../domain/learning/linear-model.ts';
import { gatherRows } from '../domain/learning/row-keys.ts';
import { rowNorms, selectRows } from '../domain/learning/sparse.ts';
import { selectBatch } from '../domain/learning/strategies.ts';
import { strategyOf } from '../domain/learning/strategy-names.ts';
import { learnTextSpace, textRows } from '../domain/learning/text-space.ts';
import { seededRng } from '../domain/rng.ts';
import { packageRoot } from '../runtime/paths.ts';
import { machine } from './support.ts';

const LENGTH = 4;
const BATCH = 25;
const BUDGETS = [25, 50, 100, 200];
const TARGET = { kind: 'ranking', tolerance: 0.2 } as const;

const { values: flags } = parseArgs({
  options: {
    strategies: { type: 'string', default: 'random,combined,uncertainty' },
    splits: { type: 'string', default: '6' },
    seeds: { type: 'string', default: '3' },
  },
});
const folder = join(packageRoot(), '..', 'shared', 'data', 'ukp_convarg');
if (!existsSync(folder)) {
  process.stderr.write(`Skipped: there is no ${folder}.\n`);
  process.exit();
}
const lines = (name: string) => readFileSync(join(folder, name), 'utf8').trim().split('\n');
const texts = new Map(
  lines('text.jsonl').map((line) => {
    const { item, text } = JSON.parse(line) as { item: string; text: string };
    return [item, text] as const;
  }),
);
const met = new Map<string, { topic: string; won: number; of: number }>();
for (const line of lines('gold.csv').slice(1)) {
  const [, topic = '', left = '', right = '', winner] = line.split(',');
  for (const each of winner ? [left, right] : []) {
    const before = met.get(each) ?? { topic, won: 0, of: 0 };
    met.set(each, { topic, won: before.won + +(each === winner), of: before.of + 1 });
  }
}
const strength = (each: string) => {
  const { won, of } = met.get(each) ?? { won: 0, of: 1 };
  return won / of;
};
const ranksOf = (list: readonly string[]) =>
  list.map((each) => 1 + list.filter((other) => strength(other) > strength(each)).length);

const all = [...met.keys()];
const topics = new Map<string, string[]>();
for (const each of all) {
  const topic = met.get(each)?.topic ?? '';
  topics.set(topic, [...(topics.get(topic) ?? []), each]);
}
const space = learnTextSpace([...texts.values()], { seed: 1, limits: {} });
const known = textRows(
  all.map((each) => texts.get(each) ?? ''),
  space,
);

type Lists = readonly (readonly string[])[];

function rowsOf(lists: Lists): ItemRows {
  const rows = lists.flat().map((each) => all.indexOf(each));
  const { dense } = gatherRows(known.dense, rows, known.dims);
  const own = { words: selectRows(known.words, rows), dense, dims: known.dims };
  return itemRows(
    own,
    'answers',
    lists.map(({ length }) => length),
  );
}

/** Lists to rank, of some of each question's arguments, and to measure on, of the others. */
function split(number: number): { pool: Lists; test: Lists } {
  const rng = seededRng(`split ${number}`);
  const halves = [...topics.values()].map((each) => {
    const shuffled = rng.shuffle([...each]);
    return [shuffled.slice(0, each.length / 2), shuffled.slice(each.length / 2)] as const;
  });
  const drawn = (from: readonly string[]) => rng.shuffle([...from]).slice(0, LENGTH);
  const lists = (half: 0 | 1, each: number) =>
    halves.flatMap((two) => Array.from({ length: each }, () => drawn(two[half])));
  return { pool: lists(0, 30), test: lists(1, 20) };
}

/** Shares of the pairs of answers that the model puts in order, by labels. */
function play({ pool, test }: { pool: Lists; test: Lists }, strategy: string, seed: number): number[] {
  const rng = seededRng(seed);
  const held = rowsOf(test);
  const labeled: (readonly string[])[] = [];
  let open = [...pool];
  let model: LinearModel | null = null;
  return BUDGETS.map((budget) => {
    while (labeled.length < budget) {
      const [candidates, before] = [rowsOf(open), rowsOf(labeled)];
      const seen = (rows: ItemRows) => ({
        ...{ dense: rows.dense, probabilities: model ? classProbabilities(TARGET, rows, model) : undefined },
        words: rows.words && { matrix: rows.words, rows: Array.from({ length: rows.words.rows }, (_, row) => row) },
      });
      const { chosen } = selectBatch({
        ...strategyOf(strategy),
        n: Math.min(BATCH, budget - labeled.length),
        candidates: {
          ...{ count: open.length, dims: candidates.dims, norms: rowNorms(candidates.matrix) },
          ...seen(candidates),
        },
        labeled: { count: labeled.length, ...seen(before) },
        rng,
      });
      const taken = new Set(chosen);
      labeled.push(...open.filter((_, at) => taken.has(at)));
      open = open.filter((_, at) => !taken.has(at));
      const labels = labeled.map((list) => ({ shares: ranksOf(list), weight: 1 }));
      model = fitCampaignModel(TARGET, rowsOf(labeled), labels);
    }
    const answers = model ? modelAnswers(TARGET, held, model) : [];
    const off = answers.map((answer, at) =>
      distanceFromKnown(JSON.parse(`${answer}`) as Ranks, ranksOf(test[at] ?? [])),
    );
    return 1 - mean(off);
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** The standard error of a mean. */
const errorOf = (values: readonly number[]) => {
  const squares = values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
};

const strategies = flags.strategies.split(',');
const bySplit = Array.from({ length: Number(flags.splits) }, (_, number) => {
  const lists = split(number);
  return strategies.map((strategy) => {
    const runs = Array.from({ length: Number(flags.seeds) }, (_run, seed) => play(lists, strategy, seed));
    return BUDGETS.map((_budget, at) => mean(runs.map((run) => run[at] ?? 0)));
  });
});
const rows = strategies.map((strategy, which) => [
  strategy,
  ...BUDGETS.map((_, at) => {
    const own = bySplit.map((each) => each[which]?.[at] ?? 0);
    const gains = bySplit.map((each) => (each[which]?.[at] ?? 0) - (each[0]?.[at] ?? 0));
    return which === 0
      ? mean(own).toFixed(3)
      : `${mean(own).toFixed(3)} (${mean(gains).toFixed(3)} ± ${errorOf(gains).toFixed(3)})`;
  }),
]);
process.stdout.write(
  `${machine()}; share of pairs in order; beside ${strategies[0]}, its mean gain ± standard error over ${flags.splits} splits\n\n`,
);
process.stdout.write(`${table(['strategy', ...BUDGETS.map(String)], rows).join('\n')}\n`);
