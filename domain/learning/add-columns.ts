/**
 * Adds to a row's scores (`outputs` numbers from `at` on) each value of the row times the weights of its column, which begin
 * at its base. Four columns at a time: a score is read and written once for the four, and summed in the same order.
 */
export function addColumns(
  scores: Float64Array,
  at: number,
  { weights, outputs }: { readonly weights: Float64Array; readonly outputs: number },
  row: { readonly bases: Uint32Array; readonly values: Float32Array; readonly from: number; readonly to: number },
): void {
  const { bases, values, from, to } = row;
  let e = from;
  for (; e + 4 <= to; e += 4) {
    const [b0, b1, b2, b3] = [
      bases[e] as number,
      bases[e + 1] as number,
      bases[e + 2] as number,
      bases[e + 3] as number,
    ];
    const v0 = values[e] as number;
    const v1 = values[e + 1] as number;
    const v2 = values[e + 2] as number;
    const v3 = values[e + 3] as number;
    for (let k = 0; k < outputs; k++) {
      scores[at + k] =
        (scores[at + k] as number) +
        v0 * (weights[b0 + k] as number) +
        v1 * (weights[b1 + k] as number) +
        v2 * (weights[b2 + k] as number) +
        v3 * (weights[b3 + k] as number);
    }
  }
  for (; e < to; e++) {
    const base = bases[e] as number;
    const value = values[e] as number;
    for (let k = 0; k < outputs; k++) {
      scores[at + k] = (scores[at + k] as number) + value * (weights[base + k] as number);
    }
  }
}
