import type { Answers } from '../../domain/formats/answers.ts';
import { hasOnlyComparisons } from '../../domain/formats/comparisons.ts';
import { facts, print, printJson, usageError } from '../output.ts';
import { note, showLine } from '../progress.ts';
import type { Outcome } from './aggregate-outcome.ts';
import { nameOf, readBytes } from './files.ts';
import { stopwatch } from './offline.ts';
import { type AggregateFlags, PAIRS, type PairsName } from './offline-flags.ts';
import { answersOf, thousands } from './offline-input.ts';
import { outputTo, writeAndTell } from './output-file.ts';

/** Reads the answers, aggregates them, writes the result and says how it went. */
export async function runAggregate(flags: AggregateFlags): Promise<void> {
  const seconds = stopwatch();
  const { method, out, json } = flags;
  const inputs = [flags.in, flags.gold];
  const output = outputTo(out, { inputs, json, own: OWN, force: flags.force });
  const ofPairs = { option: '--pairs', own: OWN_PAIRS, force: flags.force };
  const pairsOutput = outputTo(flags.pairs, { inputs: [...inputs, out], json, ...ofPairs });
  if (pairsOutput?.isStandardOutput) throw usageError('--pairs takes a file; standard output is for --out.');
  const bytes = await readBytes(flags.in);
  showLine('Aggregating...');
  const outcome = await aggregate(bytes, flags).finally(() => showLine(''));
  if (pairsOutput && !outcome.pairs)
    throw usageError('--pairs is for comparisons: of labels every task has its confidence.');
  await pairsOutput?.write(outcome.pairs?.() ?? []);
  await writeAndTell(
    output,
    () => outcome.content(),
    (isWritten) => {
      const took = seconds();
      if (json) return printJson({ method, ...outcome.report, seconds: took });
      const lines = facts([['method', method], ...outcome.shown, ['seconds', took]]);
      if (output?.isStandardOutput) return process.stderr.write(`${lines.join('\n')}\n`);
      const written = isWritten ? `Written to ${out}.` : 'Nothing was written.';
      print([...lines, '', out === undefined ? 'Nothing was written: --out labels.csv does.' : written]);
    },
  );
}

const OWN = /^(task,label,confidence|item,score)\r?\n/;
const OWN_PAIRS = /^left,right,label,confidence,comparisons\r?\n/;

/** Each kind of method brings only what it needs. */
async function aggregate(bytes: Uint8Array, flags: AggregateFlags): Promise<Outcome> {
  const { method } = flags;
  if (isPairs(method)) return (await import('./aggregate-pairs.ts')).aggregatePairs(bytes, method, flags);
  if (method === 'default' && hasOnlyComparisons(bytes, nameOf(flags.in))) {
    const chosen = 'noisy-bradley-terry';
    // The one that learns how reliable each worker is.
    return asChosen(chosen, await (await import('./aggregate-pairs.ts')).aggregatePairs(bytes, chosen, flags));
  }
  const answers = await answersOf(bytes, flags);
  const mean = async () => (await import('./aggregate-mean.ts')).aggregateMean(answers, flags);
  if (method === 'mean') return mean();
  if (method === 'default' && (await takesMean(answers, flags))) return asChosen('mean', await mean());
  return (await import('./aggregate-crowd.ts')).aggregateCrowd(answers, method, flags);
}

/** Names of classes, written as numbers, are seldom more than this. */
const FEW_LABELS = 10;
/** Of fewer numbers there are too few orders to tell scores from names. */
const LEAST_SCORES = 5;

/** Whether labels, unless they are listed, are scores to take the mean of; says so, also where they may well be. */
async function takesMean(answers: Answers, { labels }: AggregateFlags): Promise<boolean> {
  if (labels || answers.valueCount < LEAST_SCORES) return false;
  const { areOftenEqual, areScores } = await import('../../domain/formats/are-scores.ts');
  if (!areScores(answers)) return false;
  const isMean = answers.valueCount > FEW_LABELS && !areOftenEqual(answers);
  const what = isMean
    ? 'their mean is taken. If they are names, list them with --labels.'
    : 'they are taken for names. If they are ratings, --method mean gives their mean; if names, list them with --labels.';
  note(`The ${thousands(answers.valueCount)} labels are numbers, and those of a task are near each other: ${what}`);
  return isMean;
}

function asChosen(chosen: string, outcome: Outcome): Outcome {
  return {
    report: { chosen, ...outcome.report },
    shown: [['chosen', chosen], ...outcome.shown],
    content: () => outcome.content(),
    ...(outcome.pairs && { pairs: outcome.pairs }),
  };
}

function isPairs(method: AggregateFlags['method']): method is PairsName {
  return PAIRS.some((name) => name === method);
}
