import { meanScores } from '../../domain/aggregation/mean-scores.ts';
import type { Answers } from '../../domain/formats/answers.ts';
import { inputError } from '../../domain/formats/column-shape.ts';
import { quotedCell } from '../../domain/formats/csv.ts';
import { decimal } from '../../domain/formats/decimal.ts';
import { labelNumbers } from '../../domain/formats/label-numbers.ts';
import type { Outcome } from './aggregate-outcome.ts';
import { nameOf } from './files.ts';
import type { AggregateFlags } from './offline-flags.ts';
import { counts, goldOf, shownCounts, tellOfNoGold, thousands } from './offline-input.ts';
import { pieces } from './output-file.ts';

/** The mean of labels that are numbers. */
export async function aggregateMean(answers: Answers, flags: AggregateFlags): Promise<Outcome> {
  const gold = flags.gold === undefined ? undefined : await goldOf(flags.gold);
  const labels = labelNumbers(answers, 'interval', 'a mean needs');
  const { mean, confidence } = meanScores(answers, labels);
  const compared = gold && compare({ units: answers.units, labels, mean, gold, source: nameOf(flags.gold ?? '') });
  if (compared) tellOfNoGold(compared, flags);
  function* lines() {
    const { units } = answers;
    yield 'task,label,confidence';
    for (let t = 0; t < answers.unitCount; t++) yield `${quotedCell(units[t] ?? '')},${mean[t]},${confidence[t]}`;
  }
  return {
    report: { ...counts(answers), ...compared, iterations: 0 },
    shown: [...shownCounts(answers), ['against gold', compared && shown(compared)]],
    content: () => pieces(lines()),
  };
}

interface Compared {
  /**
   * The share of gold tasks whose mean is nearer to gold than to any other whole number; null where answers or gold have
   * labels that are no whole numbers, among which there is no next one.
   */
  readonly accuracy: number | null;
  /** Pearson's correlation with gold; null where it is undefined (fewer than two tasks, or one of them constant). */
  readonly pearson: number | null;
  /** The root of the mean squared difference; null without gold tasks. */
  readonly rmse: number | null;
  readonly goldTasks: number;
  readonly goldUnknown: number;
}

function compare({
  units,
  labels,
  mean,
  gold,
  source,
}: {
  units: readonly string[];
  labels: Float64Array;
  mean: Float64Array;
  gold: ReadonlyMap<string, string>;
  source: string;
}): Compared {
  const pairs: [number, number][] = [];
  units.forEach((name, t) => {
    const label = gold.get(name);
    if (label === undefined) return;
    const number = decimal(label);
    if (!Number.isFinite(number)) {
      throw inputError({ source }, `the label ${JSON.stringify(label)} of task ${JSON.stringify(name)} is no number.`);
    }
    pairs.push([mean[t] ?? 0, number]);
  });
  const squares = pairs.reduce((sum, [x, y]) => sum + (x - y) ** 2, 0);
  const near = pairs.filter(([x, y]) => Math.abs(x - y) < 0.5).length;
  const isWhole = labels.every(Number.isInteger) && pairs.every(([, y]) => Number.isInteger(y));
  return {
    accuracy: isWhole && pairs.length > 0 ? near / pairs.length : null,
    pearson: pearson(pairs),
    rmse: pairs.length === 0 ? null : Math.sqrt(squares / pairs.length),
    goldTasks: pairs.length,
    goldUnknown: gold.size - pairs.length,
  };
}

function pearson(pairs: readonly (readonly [number, number])[]): number | null {
  const n = pairs.length;
  const [meanX, meanY] = [pairs.reduce((sum, [x]) => sum + x / n, 0), pairs.reduce((sum, [, y]) => sum + y / n, 0)];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

function shown({ pearson: r, rmse, goldTasks, goldUnknown }: Compared): string {
  const unknown = goldUnknown > 0 ? `; ${thousands(goldUnknown)} have no answers here` : '';
  const [correlation, error] = [r, rmse].map((each) => (each === null ? 'undefined' : each.toFixed(4)));
  return `correlation ${correlation}, root mean square error ${error}, ${thousands(goldTasks)} tasks${unknown}`;
}
