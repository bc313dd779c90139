import { fitItems, judgeItems } from '../../domain/learning/item-classifier.ts';
import type { ItemFeatures } from '../../domain/learning/item-features.ts';
import { gatherRows, rowKeys } from '../../domain/learning/row-keys.ts';
import type { Selection } from '../../domain/learning/selection.ts';
import { selectBatch } from '../../domain/learning/strategies.ts';
import { strategyOf } from '../../domain/learning/strategy-names.ts';
import { seededRng } from '../../domain/rng.ts';
import { print, printJson, table } from '../output.ts';
import { featuresOf } from './curve-run.ts';
import { type ItemFile, noneOf, readItems, readKnown } from './item-file.ts';
import type { SelectFlags } from './learning-flags.ts';
import { stopwatch } from './offline.ts';

/** Reads the files, chooses, and prints the choice. */
export async function runSelect(flags: SelectFlags): Promise<void> {
  strategyOf(flags.strategy);
  const pool = await readItems(flags.pool, { labelled: false });
  const known = flags.labeled === undefined ? noneOf(pool) : await readKnown(flags.labeled, pool);
  const seconds = stopwatch();
  const features = featuresOf(pool, known);
  const taken = new Set(keysOf(known));
  const open = [...keysOf(pool).entries()].flatMap(([index, key]) => (taken.has(key) ? [] : [index]));
  if (open.length < flags.count) {
    const left = open.length === 1 ? '1 item of the pool is' : `${open.length} items of the pool are`;
    process.stderr.write(`Only ${left} left to choose from.\n`);
  }
  const { chosen, scores } = choose(flags, open, features.pool, features.test, known.labels);
  const choices = Array.from(chosen, (at, rank) => {
    const index = open[at] as number;
    return { index, ...(pool.lines[index] !== undefined && { line: pool.lines[index] }), ...scores[rank] };
  });
  if (flags.json) {
    const { strategy, seed } = flags;
    return printJson({
      strategy,
      seed,
      pool: pool.count,
      labeled: known.count,
      left: open.length,
      seconds: seconds(),
      chosen: choices,
    });
  }
  const rows = choices.map(({ index, score, uncertainty, distance }) => [
    index,
    shown(score),
    shown(uncertainty),
    shown(distance),
    pool.texts?.[index]?.slice(0, 80),
  ]);
  print(table(['index', 'score', 'uncertainty', 'distance', pool.texts ? 'text' : ''], rows));
}

function choose(
  { strategy, count, seed }: SelectFlags,
  open: readonly number[],
  pool: ItemFeatures,
  known: ItemFeatures,
  labels: readonly (string | undefined)[],
): Selection {
  const names = [...new Set(labels.flatMap((label) => label ?? []))].sort();
  const classes = names.length;
  const all = Array.from({ length: known.count }, (_, i) => i);
  const taught = all.filter((i) => labels[i] !== undefined);
  const model = fitItems(
    known,
    taught,
    taught.map((i) => names.indexOf(labels[i] ?? '')),
    classes,
  );
  return selectBatch({
    ...strategyOf(strategy),
    n: count,
    candidates: {
      count: open.length,
      dims: pool.dims,
      dense: open.length === pool.count ? pool.dense : gatherRows(pool.dense, open, pool.dims).dense,
      probabilities: model && judgeItems(pool, open, model, classes),
      words: pool.words && { matrix: pool.words, rows: open },
    },
    labeled: {
      dense: known.dense,
      count: known.count,
      probabilities: model && judgeItems(known, all, model, classes),
      words: known.words && { matrix: known.words, rows: all },
    },
    rng: seededRng(seed),
  });
}

/** What tells items apart: the text, or the numbers. */
function keysOf({ texts, vectors, count }: ItemFile): (string | number)[] {
  if (texts) return [...texts];
  return vectors ? [...rowKeys({ dense: vectors.values, count }, vectors.dims)] : [];
}

function shown(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : value.toPrecision(4);
}
