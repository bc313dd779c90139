export interface WeightedScore {
  readonly score: number;
  readonly weight: number;
}

export interface Spread {
  readonly mean: number;
  readonly sd: number;
}

/** Weighted mean and (population) standard deviation, summed in the order given. */
export function spread(scores: readonly WeightedScore[]): Spread {
  let weights = 0;
  let sum = 0;
  for (const { score, weight } of scores) {
    weights += weight;
    sum += weight * score;
  }
  const mean = sum / weights;
  const squares = scores.reduce((total, { score, weight }) => total + weight * (score - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / weights) };
}

/** Share of weight by score, lowest score first. */
export function shares(scores: readonly WeightedScore[]): [number, number][] {
  const sums = new Map<number, number>();
  let total = 0;
  for (const { score, weight } of scores) {
    sums.set(score, (sums.get(score) ?? 0) + weight);
    total += weight;
  }
  return [...sums].sort(([a], [b]) => a - b).map(([score, sum]) => [score, sum / total]);
}
