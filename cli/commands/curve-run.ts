import { setImmediate as pause } from 'node:timers/promises';
import { sharedMath } from '../../activities/vectors/shared-math.ts';
import { type CurveData, type CurvePoint, runCurve, summarise } from '../../domain/learning/curve.ts';
import { curveSvg } from '../../domain/learning/curve-svg.ts';
import type { ItemFeatures } from '../../domain/learning/item-features.ts';
import type { LatentLimits } from '../../domain/learning/latent.ts';
import { strategyOf } from '../../domain/learning/strategy-names.ts';
import { fitTextSpace, textFeatures } from '../../domain/learning/text-space.ts';
import { fitVectors, vectorFeatures } from '../../domain/learning/vector-space.ts';
import { printJson, table, usageError } from '../output.ts';
import { note, showLine } from '../progress.ts';
import { type ItemFile, readItems } from './item-file.ts';
import type { CurveFlags } from './learning-flags.ts';
import { outputTo, pieces, printBeside, writeAndTell } from './output-file.ts';
import { requireOneStdin } from './shared.ts';

/** Seed of what is learnt from the pool without labels: the same for every run. */
const SPACE_SEED = 0;
/** What is shown on a terminal while a space of words is learnt. */
export const LEARNING = 'learning which words tell texts apart';
const DEFAULT_STRATEGIES = ['random', 'combined'];
const DEFAULT_BUDGETS = [100, 250, 500, 1000, 2500];

/** Reads the files, plays every strategy with every seed, and prints or draws the curves. */
export async function runCurves(flags: CurveFlags): Promise<void> {
  const strategies = new Set(flags.strategy ?? DEFAULT_STRATEGIES);
  const asked = flags.budgets ?? DEFAULT_BUDGETS;
  for (const name of strategies) strategyOf(name);
  const { json, force } = flags;
  const output = outputTo(flags.out, { inputs: [flags.pool, flags.test], json, own: /^<svg /, force });
  requireOneStdin({ '--pool': flags.pool, '--test': flags.test });
  const pool = await readItems(flags.pool, { labelled: true });
  const test = await readItems(flags.test, { labelled: true });
  const budgets = asked.filter((budget) => budget <= pool.count);
  if (budgets.length === 0) {
    throw usageError(`${pool.source}: its ${pool.count} items are fewer than the smallest budget, ${asked[0]}.`);
  }
  if (budgets.length < asked.length) {
    note(`Left out: budgets beyond the ${pool.count} items of the pool.`);
  }
  requireSameKind(pool, test);
  noteStrangeLabels(pool, test);
  if (pool.texts) showLine(LEARNING);
  const data = curveData(pool, test);
  const points: CurvePoint[] = [];
  for (const strategy of strategies) {
    const runs: number[][] = [];
    for (let seed = 1; seed <= flags.seeds; seed++) {
      const onBatch = (labeled: number) => showLine(`${strategy}: run ${seed} of ${flags.seeds}, ${labeled} labels`);
      runs.push(runCurve(data, { strategy, budgets, batch: flags.batch, seed, onBatch }));
      // Lets Ctrl-C and the terminal have their turn.
      await pause();
    }
    points.push(...summarise(strategy, budgets, runs));
  }
  showLine('');
  const title = `${pool.source}, ${flags.seeds} ${flags.seeds === 1 ? 'run' : 'runs'}, batches of ${flags.batch}`;
  await writeAndTell(
    output,
    () => pieces([curveSvg(points, title).trimEnd()]),
    () => {
      if (flags.json) return printJson(points);
      printBeside(output, tableOf(points));
    },
  );
}

function tableOf(points: readonly CurvePoint[]): string[] {
  const rows = points.map(({ strategy, budget, accuracy, sd }) => [
    strategy,
    budget,
    accuracy.toFixed(4),
    sd.toFixed(4),
  ]);
  return table(['strategy', 'budget', 'accuracy', 'sd'], rows);
}

/** A test item whose label the pool lacks is wrong for every model: tells of it, or refuses where that is all of them. */
function noteStrangeLabels(pool: ItemFile, test: ItemFile): void {
  const known = new Set(pool.labels);
  const strange = test.labels.flatMap((label, at) => (known.has(label) ? [] : [at]));
  const [first] = strange;
  if (first === undefined) return;
  const what = `${test.source}:${test.lines[first]}: the label ${JSON.stringify(test.labels[first])}`;
  if (strange.length === test.count) {
    const some = [...known].slice(0, 3).map((label) => JSON.stringify(label));
    throw usageError(`${what}, as those of all test items, is none of ${pool.source}, such as ${some.join(', ')}.`);
  }
  note(`${what} is none of ${pool.source}; ${strange.length} of ${test.count} test items count as wrong.`);
}

/** Labels as numbers and items as features; both files must hold the same kind of items. */
export function curveData(pool: ItemFile, test: ItemFile): CurveData {
  const names = [...new Set(pool.labels)].sort();
  if (names.length < 2) throw usageError(`${pool.source}: all labels are ${names[0]}; a curve needs two classes.`);
  const classOf = new Map(names.map((name, k) => [name, k]));
  const features = featuresOf(pool, test);
  return {
    pool: features.pool,
    test: features.test,
    labels: pool.labels.map((label) => classOf.get(label) ?? -1),
    truth: test.labels.map((label) => classOf.get(label) ?? -1),
    classes: names.length,
  };
}

/** Features learnt from a pool, of its items and of others. */
export function featuresOf(
  pool: ItemFile,
  others: ItemFile,
  limits: LatentLimits = {},
): { pool: ItemFeatures; test: ItemFeatures } {
  requireSameKind(pool, others);
  if (pool.texts && others.texts) {
    const fitted = fitTextSpace(pool.texts, SPACE_SEED, limits, sharedMath(0, 1));
    return { pool: fitted.pool, test: textFeatures(others.texts, fitted.space) };
  }
  const { values, dims, math } = pool.vectors ?? NO_VECTORS;
  const fitted = fitVectors(values, dims, { math });
  return { pool: fitted.pool, test: vectorFeatures((others.vectors ?? NO_VECTORS).values, fitted.space, math) };
}

const NO_VECTORS = { values: new Float32Array(0), dims: 0, math: undefined };

/** Both are texts, or vectors of the same length. */
export function requireSameKind(pool: ItemFile, others: ItemFile): void {
  if ((pool.texts === undefined) !== (others.texts === undefined)) {
    throw usageError(`${others.source}: it holds ${others.texts ? 'texts' : 'vectors'}, ${pool.source} does not.`);
  }
  const [dims, wanted] = [others.vectors?.dims, pool.vectors?.dims];
  if (dims === wanted) return;
  throw usageError(`${others.source}: its vectors have ${dims} dimensions, those of ${pool.source} ${wanted}.`);
}
