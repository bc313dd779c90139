/** How unsure a prediction is. All three order two classes by nearness to 50/50; they differ from three classes on. */
export const UNCERTAINTY_MEASURES = ['entropy', 'margin', 'least_confidence'] as const;
export type UncertaintyMeasure = (typeof UNCERTAINTY_MEASURES)[number];

const MEASURES: Readonly<Record<UncertaintyMeasure, (row: Float64Array) => number>> = {
  entropy: (row) => {
    let entropy = 0;
    for (const p of row) if (p > 0) entropy -= p * Math.log(p);
    return entropy;
  },
  margin: (row) => 1 - marginOf(row),
  least_confidence: (row) => {
    let most = 0;
    for (const p of row) most = Math.max(most, p);
    return 1 - most;
  },
};

/**
 * Uncertainty of each row of predicted probabilities (Settles, Active Learning Literature Survey, 2009, section 3.1):
 * entropy in nats (0 to ln classes), 1 minus the margin between the two most probable classes, or 1 minus the largest
 * probability.
 */
export function uncertainties(
  probabilities: Float64Array,
  classes: number,
  measure: UncertaintyMeasure = 'entropy',
): Float64Array {
  return rowwise(probabilities, classes, MEASURES[measure]);
}

/** Probability of the most probable class less that of the second. */
export function margins(probabilities: Float64Array, classes: number): Float64Array {
  return rowwise(probabilities, classes, marginOf);
}

/**
 * Half the Gini impurity of each row, (1 - sum of p^2) / 2: what a label tells a linear model about its scores, p (1 - p)
 * with two classes and the mean over classes with more.
 */
export function information(probabilities: Float64Array, classes: number): Float64Array {
  return rowwise(probabilities, classes, (row) => {
    let squares = 0;
    for (const p of row) squares += p * p;
    return Math.max(0, 1 - squares) / 2;
  });
}

/**
 * Expected length of the gradient that labelling each row would add to a linear softmax model:
 * sum over classes k of p_k |p - e_k| times the row's length (Settles, Craven, Ray, NIPS 2007). `norms` are the lengths
 * of the feature rows, by default all one.
 */
export function expectedChanges(probabilities: Float64Array, classes: number, norms?: Float64Array): Float64Array {
  return rowwise(probabilities, classes, (row, index) => {
    let squares = 0;
    for (const p of row) squares += p * p;
    let expected = 0;
    // |p - e_k|^2 = |p|^2 - 2 p_k + 1
    for (const p of row) expected += p * Math.sqrt(Math.max(0, squares - 2 * p + 1));
    return expected * (norms?.[index] ?? 1);
  });
}

function marginOf(row: Float64Array): number {
  let first = 0;
  let second = 0;
  for (const p of row) {
    if (p > first) {
      second = first;
      first = p;
    } else if (p > second) second = p;
  }
  return first - second;
}

function rowwise(
  probabilities: Float64Array,
  classes: number,
  measure: (row: Float64Array, index: number) => number,
): Float64Array {
  const measures = new Float64Array(probabilities.length / classes);
  // One row for all: a million views take longer to make than to look at.
  const row = new Float64Array(classes);
  for (let index = 0; index < measures.length; index++) {
    for (let k = 0; k < classes; k++) row[k] = probabilities[index * classes + k] as number;
    measures[index] = measure(row, index);
  }
  return measures;
}
