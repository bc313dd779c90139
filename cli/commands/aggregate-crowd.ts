import { ungivenTasks } from '../../domain/aggregation/crowd/conclude.ts';
import type { CrowdFit } from '../../domain/aggregation/crowd/fit.ts';
import { kernelLoops } from '../../domain/aggregation/crowd/kernel-loops.ts';
import { type CrowdMethodName, crowdMethod } from '../../domain/aggregation/crowd/methods.ts';
import type { Answers } from '../../domain/formats/answers.ts';
import { quotedCell } from '../../domain/formats/csv.ts';
import { CsvBytes } from '../../domain/formats/csv-bytes.ts';
import { labelName } from '../../domain/formats/pair-labels.ts';
import { paths } from '../paths.ts';
import { note } from '../progress.ts';
import { type Compared, type Outcome, scored, shownAccuracy, shownCalibration } from './aggregate-outcome.ts';
import { readBytes } from './files.ts';
import type { AggregateFlags } from './offline-flags.ts';
import {
  counts,
  goldFor,
  type LabelGold,
  shownCounts,
  tellOfLabelsAlike,
  tellOfNoGold,
  thousands,
} from './offline-input.ts';

/** Labels for tasks. */
export async function aggregateCrowd(
  answers: Answers,
  method: CrowdMethodName,
  flags: AggregateFlags,
): Promise<Outcome> {
  const gold = flags.gold === undefined ? undefined : await goldFor(answers, flags.gold, flags);
  const fit = (await crowdMethod(method))(answers, {
    seed: flags.seed,
    table: false,
    loops: kernelLoops(await readBytes(paths.crowdKernel)),
  });
  const compared = gold && compare(answers, fit, gold);
  if (compared) tellOfNoGold(compared, flags);
  const alike = tellOfLabelsAlike(answers, flags);
  if (method === 'dawid-skene') tellOfLargeMatrices(answers);
  const { iterations, converged } = fit;
  const ungiven = ungivenTasks(answers, fit.labels).length;
  const chosen = method === 'default' ? fit.method.replace(/^default: /, '') : undefined;
  return {
    report: {
      ...(chosen !== undefined && { chosen }),
      ...counts(answers),
      ...alike,
      ...(ungiven > 0 && { ungiven }),
      ...compared,
      iterations,
      converged,
    },
    shown: [
      ['chosen', chosen],
      ...shownCounts(answers),
      ['not given', ungiven === 0 ? undefined : `${thousands(ungiven)} tasks have a label that nobody gave them`],
      ['accuracy', compared && shownAccuracy(compared)],
      ['confidence', compared && shownCalibration(compared)],
      ['iterations', converged ? thousands(iterations) : `${thousands(iterations)}, not converged`],
    ],
    *content() {
      const cells = answers.values.map((value) => `,${quotedCell(value)},`);
      const { pairs } = answers;
      const cellOf = (t: number, label: number) =>
        pairs ? `,${quotedCell(labelName(answers.values[label] ?? '', pairs, t))},` : cells[label];
      const out = new CsvBytes();
      out.text('task,label,confidence\n');
      for (let t = 0; t < answers.unitCount; t++) {
        out.name(answers.unitNames, t);
        out.text(cellOf(t, fit.labels[t] ?? -1) ?? ',,');
        out.share(fit.confidence[t] ?? 0);
        out.text('\n');
        if (out.isFull) yield out.take();
      }
      yield out.take();
    },
  };
}

/** Of fewer labels a fit is quick, and small files are no matter for a note. */
const MANY_LABELS = 100;

/** A worker's matrix has a row and a column for each label: of fewer answers than labels it learns next to nothing. */
function tellOfLargeMatrices({ value, raterCount, valueCount }: Answers): void {
  if (valueCount < MANY_LABELS || valueCount * raterCount <= value.length) return;
  note(
    `The ${thousands(valueCount)} labels are more than a worker's answers are in the mean: too many for a matrix of each. --method one-coin needs none.`,
  );
}

/** Where equals were drawn from, a label is right by its chance to be drawn, so that the seed says nothing. */
function compare({ units, values }: Answers, { labels, confidence, drawnFrom }: CrowdFit, gold: LabelGold): Compared {
  const claims = units.flatMap((name, t) => {
    const truth = gold.labels.get(name);
    if (truth === undefined) return [];
    const equals = drawnFrom.get(t) ?? [labels[t] ?? -1];
    const isThere = equals.some((label) => values[label] === truth);
    return [{ confidence: confidence[t] ?? 0, right: isThere ? 1 / equals.length : 0 }];
  });
  return { ...scored(claims), goldUnknown: gold.labels.size - claims.length, ...gold.strange };
}
