import { betterProbability } from '../../domain/aggregation/pairs/better.ts';
import { bradleyTerry } from '../../domain/aggregation/pairs/bradley-terry.ts';
import { noisyBradleyTerry } from '../../domain/aggregation/pairs/noisy-bradley-terry.ts';
import { type PairFit, type PairMethod, winProbability } from '../../domain/aggregation/pairs/pair-fit.ts';
import { countPairs } from '../../domain/aggregation/pairs/pair-votes.ts';
import { type Comparisons, readComparisons } from '../../domain/formats/comparisons.ts';
import { quotedCell } from '../../domain/formats/csv.ts';
import { type PairGold, readPairGold } from '../../domain/formats/pair-gold.ts';
import { usageError } from '../output.ts';
import { note } from '../progress.ts';
import { type Outcome, scored, shownAccuracy, shownCalibration } from './aggregate-outcome.ts';
import { nameOf, readBytes } from './files.ts';
import type { AggregateFlags, PairsName } from './offline-flags.ts';
import { tellOfNoGold, thousands } from './offline-input.ts';
import { pieces } from './output-file.ts';

const METHODS: Readonly<Record<PairsName, PairMethod>> = {
  'bradley-terry': bradleyTerry,
  'noisy-bradley-terry': noisyBradleyTerry,
};

/** Scores for items, from comparisons of two at a time. */
export async function aggregatePairs(bytes: Uint8Array, method: PairsName, flags: AggregateFlags): Promise<Outcome> {
  if (flags.labels) throw usageError('--labels is for labels of tasks; of comparisons the items are the labels.');
  const comparisons = readComparisons(bytes, { source: nameOf(flags.in), duplicates: flags.duplicates });
  tellOfPlaces(comparisons);
  const gold =
    flags.gold === undefined ? undefined : readPairGold(await readBytes(flags.gold), nameOf(flags.gold), comparisons);
  const fit = METHODS[method](comparisons);
  const better = betterProbability(fit, comparisons);
  const compared = gold && compare(fit, better, gold);
  // A tie's items are known.
  if (compared) tellOfNoGold({ ...compared, goldTasks: compared.goldTasks + (compared.goldTies ?? 0) }, flags);
  const { items, itemCount, raterCount, dropped, bothBad } = comparisons;
  const { iterations, converged, partCount } = fit;
  const answers = comparisons.winner.length;
  const parts = `${partCount}: scores compare only within a part that comparisons connect`;
  function* lines() {
    yield 'item,score';
    const best = fit.scores.map((_, item) => item).sort((a, b) => (fit.scores[b] ?? 0) - (fit.scores[a] ?? 0));
    for (const item of best) yield `${quotedCell(items[item] ?? '')},${fit.scores[item]}`;
  }
  const pairs = countPairs(comparisons);
  function* decided() {
    yield 'left,right,label,confidence,comparisons';
    for (const [at, first] of pairs.first.entries()) {
      const second = pairs.second[at] as number;
      const chance = better(first, second);
      const label = chance === 0.5 ? 'tie' : items[chance > 0.5 ? first : second];
      const names = [items[first], items[second], label].map((name) => quotedCell(name ?? ''));
      yield `${names.join(',')},${Math.max(chance, 1 - chance)},${pairs.count[at]}`;
    }
  }
  return {
    report: {
      tasks: pairs.count.length,
      items: itemCount,
      workers: raterCount,
      answers,
      ...(dropped > 0 && { dropped }),
      ...(bothBad > 0 && { bothBad }),
      ...compared,
      parts: partCount,
      iterations,
      converged,
    },
    shown: [
      ['items', thousands(itemCount)],
      ['workers', thousands(raterCount)],
      ['comparisons', thousands(answers)],
      ['left out', dropped === 0 ? undefined : `${thousands(dropped)} repeated comparisons`],
      ['both bad', bothBad === 0 ? undefined : `${thousands(bothBad)} comparisons, which are left out`],
      ['accuracy', compared && shownAccuracy(compared)],
      ['confidence', compared && shownCalibration(compared)],
      ['parts', partCount === 1 ? undefined : parts],
      ['iterations', converged ? thousands(iterations) : `${thousands(iterations)}, not converged`],
    ],
    content: () => pieces(lines()),
    pairs: () => pieces(decided()),
  };
}

/** Says so where what is scored are most likely the names of places, such as a and b, and no items. */
function tellOfPlaces({ tasks, items, itemCount }: Comparisons): void {
  if (!tasks || tasks.size < LEAST_TASKS || itemCount !== 2) return;
  const [one, other] = items.map((name) => JSON.stringify(name));
  note(
    `All ${thousands(tasks.size)} tasks compare ${one} with ${other}, and scores are of these two. ` +
      'The winner of each task is what --method default says.',
  );
}

/** Of fewer tasks nobody can tell. */
const LEAST_TASKS = 10;

/** How often the item of higher score is the one that gold says; equal ones are right half of the time. */
function compare(fit: PairFit, better: (a: number, b: number) => number, { outcomes, ties, unknown }: PairGold) {
  const claims = outcomes.map(({ winner, loser }) => {
    const chance = winProbability(fit, winner, loser);
    const confidence = Math.max(better(winner, loser), better(loser, winner));
    return { confidence, right: chance > 0.5 ? 1 : chance === 0.5 ? 0.5 : 0 };
  });
  return { ...scored(claims), goldUnknown: unknown, ...(ties > 0 && { goldTies: ties }) };
}
