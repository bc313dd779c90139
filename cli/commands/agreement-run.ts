import { type AgreementMeasure, measureAgreement } from '../../domain/agreement/measure.ts';
import type { Answers } from '../../domain/formats/answers.ts';
import { labelNumbers } from '../../domain/formats/label-numbers.ts';
import { facts, print, printJson, usageError } from '../output.ts';
import { createProgress } from '../progress.ts';
import { readBytes } from './files.ts';
import { stopwatch } from './offline.ts';
import type { AgreementFlags } from './offline-flags.ts';
import { answersOf, counts, shownCounts, tellOfLabelsAlike, thousands } from './offline-input.ts';

/** Reads the answers, measures, and prints what came of it. */
export async function runAgreement(flags: AgreementFlags): Promise<void> {
  const seconds = stopwatch();
  checkWeights(flags);
  const { metric, level, weights, bootstrap: resamples, seed, minShared } = flags;
  const answers = await answersOf(await readBytes(flags.in), flags);
  const scale = scaleOf(answers, flags);
  const alike = scale ? {} : tellOfLabelsAlike(answers, flags);
  const progress = createProgress('agreement', resamples, (done) => `${thousands(Math.round(done))} resamples`);
  const measure = measureAgreement(answers, {
    onProgress: (done) => progress.at(done),
    metric,
    level,
    resamples,
    seed,
    ...(scale && { scale }),
    ...(weights && { weights }),
    ...(minShared !== undefined && { minShared }),
  });
  progress.end();
  const report = {
    metric,
    level,
    ...measured(measure),
    ...counts(answers),
    ...alike,
    interpretation: measure.interpretation,
  };
  if (flags.json) printJson({ ...report, seconds: seconds() });
  else print(lines(flags, answers, measure));
}

function checkWeights({ metric, level, weights, minShared }: AgreementFlags): void {
  if (minShared !== undefined && metric !== 'cohen') throw usageError('--min-shared belongs to --metric cohen.');
  if (weights === undefined) return;
  if (metric === 'krippendorff') throw usageError("--weights: Krippendorff's alpha takes its weights from --level.");
  if (weights === 'identity') return;
  const wanted = weights === 'ratio' ? ['ratio'] : ['ordinal', 'interval', 'ratio'];
  if (!wanted.includes(level)) throw usageError(`--weights ${weights} needs --level ${wanted.join(' or ')}.`);
}

/** The number of each label; undefined where labels are only names. */
function scaleOf(answers: Answers, { level, labels }: AgreementFlags): ArrayLike<number> | undefined {
  if (level === 'nominal') return undefined;
  return level === 'ordinal' && labels ? labels.map((_, rank) => rank) : labelNumbers(answers, level);
}

/** The documented members first, then those that only some measures have. */
function measured({ value, ci95, reason, ciReason, weights, pairs, undefinedPairs }: AgreementMeasure) {
  return {
    value,
    ...(reason !== undefined && { reason }),
    ci95,
    ...(ciReason !== undefined && { ciReason }),
    ...(weights && { weights }),
    ...(pairs !== undefined && { pairs, undefinedPairs }),
  };
}

const TITLES = {
  krippendorff: "Krippendorff's alpha",
  cohen: "Cohen's kappa",
  fleiss: "Fleiss' kappa",
  gwet: "Gwet's coefficient",
} as const satisfies Record<AgreementFlags['metric'], string>;

function lines(
  { metric, level }: AgreementFlags,
  answers: Answers,
  { value, ci95, ciReason, weights, pairs, undefinedPairs, interpretation }: AgreementMeasure,
): string[] {
  const shown = value === null ? 'undefined' : value.toFixed(4);
  const interval = ci95 ? `${ci95[0].toFixed(4)} to ${ci95[1].toFixed(4)}` : ciReason && `none, because ${ciReason}`;
  const without = undefinedPairs ? ` (${thousands(undefinedPairs)} more have no kappa: one label throughout)` : '';
  return [
    ...facts([
      [TITLES[metric], shown],
      ['95% interval', interval],
      ['level', weights && weights !== 'identity' ? `${level}, ${weights} weights` : level],
      ['pairs', pairs === undefined ? undefined : `${thousands(pairs)}${without}`],
      ...shownCounts(answers),
    ]),
    '',
    interpretation,
  ];
}
