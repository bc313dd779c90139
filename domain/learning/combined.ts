import { designBatch } from './design.ts';
import { designSpace, withIntercept } from './design-space.ts';
import { gatherRows, gatherShares, rowKeys } from './row-keys.ts';
import type { Candidates, ChoiceScore, LabeledRows } from './selection.ts';
import { information, margins } from './uncertainty.ts';
import { type WordDesign, wordDesign } from './word-design.ts';

/**
 * The batch is chosen from a random part of the pool this many times as large. Choosing from the whole pool finds the
 * strangest items, batch after batch; a random part keeps a share of chance in every batch, so that a misled model
 * cannot starve a class, and makes a choice cost the same from a pool of any size.
 */
const CANDIDATES_PER_CHOICE = 8;
const LEAST_CANDIDATES = 64;
/** For large batches fewer, so that their time grows with the batch and not with its square. */
const MOST_CANDIDATES = 16_384;
/** Pool items that stand for all those the model is to judge. */
const REFERENCE_ROWS = 4000;
/** How fast an item's weight falls with the margin of its prediction: a label changes answers near the border only. */
const BORDER_SHARPNESS = 3;
/** Strength of the model's penalty for rows of length one. */
const RIDGE = 0.1;

export type JudgedCandidates = Candidates & { readonly dense: Float32Array; readonly probabilities: Float64Array };

/**
 * Uncertainty, diversity and typicality in one measure: by how much the label of an item would lower the variance of
 * the model's scores over the pool, which counts most where the model's answers are on the border (see `designBatch`).
 * While a model knows little, all answers are on the border and typical items win; later those in doubt. Each choice
 * takes the ones before it into account. The batch comes from a random part of `order`, the shuffled candidates; exact
 * copies of labelled or chosen items are left until nothing else is.
 */
export function combinedBatch(
  candidates: JudgedCandidates,
  labeled: LabeledRows,
  n: number,
  order: readonly number[],
): { index: number; score: ChoiceScore }[] {
  const { dims, dense, probabilities, count } = candidates;
  const classes = probabilities.length / count;
  const { unlike, copies } = apart(candidates, labeled, partSize(n), order);
  const part = unlike.length < n ? [...unlike, ...copies.slice(0, n - unlike.length)] : unlike;
  const reference = order.slice(0, REFERENCE_ROWS);
  const parts = [gatherRows(dense, part, dims), labeled, gatherRows(dense, reference, dims)] as const;
  const rows = designSpace(parts, dims);
  const space = candidates.intercept ? withIntercept(rows) : rows;
  const [partRows, labeledRows, referenceRows] = space.parts;
  const shares = gatherShares(probabilities, part, classes);
  const gini = information(shares, classes);
  const sureness = margins(shares, classes);
  const weights = margins(gatherShares(probabilities, reference, classes), classes).map((margin) =>
    Math.exp(-BORDER_SHARPNESS * margin),
  );
  const told = informationOf(labeled, classes, gini);
  const choices = designBatch({
    dims: space.dims,
    candidates: { ...partRows, information: gini },
    labeled: { ...labeledRows, information: told },
    reference: { ...referenceRows, weights },
    n,
    ridge: RIDGE,
    words: wordsOf(candidates, labeled, { part, reference, told, weights }),
  });
  return choices.map(({ index, gain, variance }) => ({
    index: part[index] as number,
    score: { uncertainty: 1 - (sureness[index] as number), novelty: Math.sqrt(variance), distance: null, score: gain },
  }));
}

/** How many candidates a batch of n is chosen from. */
function partSize(n: number): number {
  return Math.max(LEAST_CANDIDATES, n, Math.min(n * CANDIDATES_PER_CHOICE, MOST_CANDIDATES));
}

/** A random part of `wanted` candidates that are unlike all labelled ones and each other, and the copies met on the way. */
function apart(
  { dense, dims }: JudgedCandidates,
  labeled: LabeledRows,
  wanted: number,
  order: readonly number[],
): { unlike: number[]; copies: number[] } {
  const met = new Set(rowKeys(labeled, dims));
  const unlike: number[] = [];
  const copies: number[] = [];
  for (const index of order) {
    if (unlike.length === wanted) break;
    const row = { dense: dense.subarray(index * dims, (index + 1) * dims), count: 1 };
    const key = rowKeys(row, dims)[0] as number;
    (met.has(key) ? copies : unlike).push(index);
    met.add(key);
  }
  return { unlike, copies };
}

/** What the labels that are there told; as much as those of the candidates would where their predictions are not given. */
function informationOf(labeled: LabeledRows, classes: number, ofCandidates: Float64Array): Float64Array {
  if (labeled.probabilities !== undefined) return information(labeled.probabilities, classes);
  const mean = ofCandidates.reduce((sum, value) => sum + value, 0) / ofCandidates.length;
  return new Float64Array(labeled.count).fill(mean);
}

function wordsOf(
  { words }: JudgedCandidates,
  labeled: LabeledRows,
  rows: {
    readonly part: readonly number[];
    readonly reference: readonly number[];
    readonly told: Float64Array;
    readonly weights: Float64Array;
  },
): WordDesign | undefined {
  if (words === undefined) return undefined;
  const { matrix } = words;
  const named = (places: readonly number[]) => ({ matrix, rows: places.map((place) => words.rows[place] as number) });
  return wordDesign({
    candidates: named(rows.part),
    // Without their words, labelled items tell nothing of any.
    labeled: labeled.words ?? { matrix, rows: [] },
    reference: named(rows.reference),
    information: rows.told,
    weights: rows.weights,
    ridge: RIDGE,
  });
}
