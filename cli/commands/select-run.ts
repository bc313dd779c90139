import { fitItems, judgeItems, normsOf } from '../../domain/learning/item-classifier.ts';
import { rowKeys } from '../../domain/learning/row-keys.ts';
import type { ChoiceScore, Instead, Selection, Strategy } from '../../domain/learning/selection.ts';
import { selectBatch } from '../../domain/learning/strategies.ts';
import { strategyOf } from '../../domain/learning/strategy-names.ts';
import { CAMPAIGN_LIMITS } from '../../domain/learning/text-space.ts';
import { plainMath } from '../../domain/learning/vector-math.ts';
import { seededRng } from '../../domain/rng.ts';
import { CliError, print, printJson, table } from '../output.ts';
import { note, showLine } from '../progress.ts';
import { featuresOf, LEARNING, requireSameKind } from './curve-run.ts';
import { type ItemFile, noneOf, readItems, readKnown } from './item-file.ts';
import type { SelectFlags } from './learning-flags.ts';
import { stopwatch } from './offline.ts';
import { requireOneStdin } from './shared.ts';

/** Items of a large pool that `combined` looks at; at least twice as many as it is to choose. */
const COMBINED_PART = 16_384;
/** Strategies that never ask a model. */
const BLIND = new Set<Strategy>(['random', 'diversity']);
/** Strategies that go by the model's answers alone, once there is one. */
const JUDGED_ALONE = new Set<Strategy>(['uncertainty', 'expected_change']);

/** Reads the files, chooses, and prints the choice. */
export async function runSelect(flags: SelectFlags): Promise<void> {
  strategyOf(flags.strategy);
  requireOneStdin({ '--pool': flags.pool, '--labeled': flags.labeled });
  const pool = await readItems(flags.pool, { labelled: false });
  const known = flags.labeled === undefined ? noneOf(pool) : await readKnown(flags.labeled, pool);
  const seconds = stopwatch();
  const closed = equalTo(known, pool);
  const open = closed.reduce((count, mark) => count - mark, pool.count);
  if (open > 0 && open < flags.count) {
    const left = open === 1 ? 'Only 1 item of the pool is' : `Only ${open} items of the pool are`;
    note(`${left} left to choose from.`);
  }
  if (pool.texts && open > 0 && flags.strategy !== 'random') showLine(LEARNING);
  const { chosen, scores, instead } = chooseFrom(flags, pool, known, closed);
  showLine('');
  const because = instead && reasonOf(instead, known);
  if (instead) {
    const way = instead.by === 'chance' ? 'by chance' : 'to be diverse';
    note(`Chosen ${way}, ${flags.strategy} had no part in it: ${because}.`);
  }
  const choices = Array.from(chosen, (index, rank) => ({
    index,
    ...(pool.lines[index] !== undefined && { line: pool.lines[index] }),
    ...scores[rank],
  }));
  if (flags.json) {
    const { strategy, seed } = flags;
    printJson({
      strategy,
      by: instead?.by ?? 'strategy',
      because: because ?? null,
      seed,
      pool: pool.count,
      labeled: known.count,
      left: open,
      seconds: seconds(),
      chosen: choices,
    });
  } else print(tableOf(choices, pool));
  // A script that asks in a loop is to end.
  if (open === 0) throw new CliError('No item of the pool is left to choose from.');
}

function tableOf(choices: readonly (Partial<ChoiceScore> & { readonly index: number })[], pool: ItemFile): string[] {
  const rows = choices.map(({ index, score, uncertainty, distance }) => [
    index,
    shown(score),
    shown(uncertainty),
    shown(distance),
    pool.texts?.[index]?.slice(0, 80),
  ]);
  return table(['index', 'score', 'uncertainty', 'distance', pool.texts ? 'text' : ''], rows);
}

/**
 * `combined` looks at a random part of a large pool, also while there is no model: it keeps a share of chance, and its
 * time does not grow with the pool. The other strategies look at every item.
 */
function chooseFrom(flags: SelectFlags, pool: ItemFile, known: ItemFile, closed: Uint8Array): Selection {
  requireSameKind(pool, known);
  if (flags.strategy === 'random') return chooseAny(flags, closed);
  const size = Math.max(COMBINED_PART, 2 * flags.count);
  if (flags.strategy !== 'combined' || pool.count <= size) return choose(flags, closed, pool, known);
  const open = seededRng(`part:${flags.seed}`)
    .shuffle(Array.from({ length: pool.count }, (_, index) => index))
    .filter((index) => closed[index] === 0)
    .slice(0, size);
  const { chosen, ...selection } = choose(flags, new Uint8Array(open.length), partOf(pool, open), known);
  return { ...selection, chosen: chosen.map((at) => open[at] as number) };
}

/** Why a strategy had no part in a choice. */
function reasonOf({ because }: Instead, { labels }: ItemFile): string {
  if (because === 'all_alike') return 'all items are alike';
  if (because === 'sure_of_all') return 'the model is sure of every item';
  const [one] = labels.flatMap((label) => label ?? []);
  return one === undefined ? 'no item is labelled' : `all labels are ${JSON.stringify(one)}`;
}

/** Some items of a pool. */
function partOf(pool: ItemFile, rows: readonly number[]): ItemFile {
  const count = rows.length;
  const { texts, vectors } = pool;
  if (texts) return { ...pool, count, texts: rows.map((row) => texts[row] ?? '') };
  if (!vectors) return { ...pool, count };
  const { dims, math } = vectors;
  const values = (math ?? plainMath).floats(count * dims);
  rows.forEach((row, at) => {
    values.set(vectors.values.subarray(row * dims, (row + 1) * dims), at * dims);
  });
  return { ...pool, count, vectors: { ...vectors, values } };
}

/** Without a look at the items: to draw some, it need not be known what they say. */
function chooseAny({ count: n, seed }: SelectFlags, closed: Uint8Array): Selection {
  return selectBatch({
    strategy: 'random',
    n,
    candidates: { count: closed.length, closed, dims: 0 },
    rng: seededRng(seed),
  });
}

function choose(
  { strategy, count, seed }: SelectFlags,
  closed: Uint8Array,
  of: ItemFile,
  labelled: ItemFile,
): Selection {
  const { pool, test: known } = featuresOf(of, labelled, CAMPAIGN_LIMITS);
  const { labels } = labelled;
  const names = [...new Set(labels.flatMap((label) => label ?? []))].sort();
  const classes = names.length;
  const all = Array.from({ length: known.count }, (_, i) => i);
  const every = Array.from({ length: pool.count }, (_, i) => i);
  const taught = BLIND.has(strategyOf(strategy).strategy) ? [] : all.filter((i) => labels[i] !== undefined);
  const model = fitItems(
    known,
    taught,
    taught.map((i) => names.indexOf(labels[i] ?? '')),
    classes,
  );
  const needsVectors = model === undefined || !JUDGED_ALONE.has(strategyOf(strategy).strategy);
  return selectBatch({
    ...strategyOf(strategy),
    n: count,
    candidates: {
      count: pool.count,
      closed,
      dims: pool.dims,
      dense: needsVectors ? pool.dense : undefined,
      probabilities: model && judgeItems(pool, every, model, classes),
      norms: model && strategyOf(strategy).strategy === 'expected_change' ? normsOf(pool, every) : undefined,
      intercept: pool.spread !== undefined,
      words: pool.words && { matrix: pool.words, rows: every },
    },
    labeled: {
      dense: needsVectors ? known.dense : new Float32Array(0),
      count: known.count,
      probabilities: model && judgeItems(known, all, model, classes),
      words: known.words && { matrix: known.words, rows: all },
    },
    rng: seededRng(seed),
    math: of.vectors?.math,
  });
}

/** 1 for each pool item that is equal to a known one: the same text, or the same numbers. */
function equalTo(known: ItemFile, pool: ItemFile): Uint8Array {
  const closed = new Uint8Array(pool.count);
  if (pool.texts) {
    const texts = new Set(known.texts);
    pool.texts.forEach((text, index) => {
      if (texts.has(text)) closed[index] = 1;
    });
  }
  if (pool.vectors && known.vectors && known.count > 0) {
    const { values, dims } = pool.vectors;
    const keys = new Set(rowKeys({ dense: known.vectors.values, count: known.count }, dims));
    // Most rows differ in their first number already (0 and -0 are one in a set).
    const firsts = new Set(Array.from({ length: known.count }, (_, i) => known.vectors?.values[i * dims]));
    for (let index = 0; index < pool.count; index++) {
      if (!firsts.has(values[index * dims])) continue;
      const row = { dense: values.subarray(index * dims, (index + 1) * dims), count: 1 };
      if (keys.has(rowKeys(row, dims)[0] as number)) closed[index] = 1;
    }
  }
  return closed;
}

function shown(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : value.toPrecision(4);
}
