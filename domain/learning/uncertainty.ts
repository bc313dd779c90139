/**
 * Entropy of each row of predicted probabilities in nats, 0 to ln(classes). With two classes (pairs) the order is that
 * of nearness to 50/50.
 */
export function entropies(probabilities: Float64Array, classes: number): Float64Array {
  return rowwise(probabilities, classes, (row) => {
    let entropy = 0;
    for (const p of row) if (p > 0) entropy -= p * Math.log(p);
    return entropy;
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

function rowwise(
  probabilities: Float64Array,
  classes: number,
  measure: (row: Float64Array, index: number) => number,
): Float64Array {
  return Float64Array.from({ length: probabilities.length / classes }, (_, index) =>
    measure(probabilities.subarray(index * classes, (index + 1) * classes), index),
  );
}
