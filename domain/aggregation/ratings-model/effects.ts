/** What each task, or each annotator, adds to its answers: drawn from a normal distribution around 0. */
export interface Effects {
  /** By answer, whose effect it bears. */
  readonly owner: Int32Array;
  /** By owner, how many answers. */
  readonly count: Float64Array;
  readonly mean: Float64Array;
  /** Variance of each effect, given all answers. */
  readonly uncertainty: Float64Array;
  /** Variance of the effects among themselves. */
  variance: number;
}

/** No effect for anybody yet. */
export function effectsOf(owner: Int32Array, size: number, variance: number): Effects {
  const count = new Float64Array(size);
  for (const id of owner) count[id] = (count[id] as number) + 1;
  return { owner, count, mean: new Float64Array(size), uncertainty: new Float64Array(size).fill(variance), variance };
}

/** Shifts the effects of those with answers to the mean 0, the others staying there; returns by how much. */
export function recentre({ count, mean }: Effects): number {
  const [sum, known] = sumKnown(count, (id) => mean[id] as number);
  const shift = sum / known;
  for (let id = 0; id < mean.length; id++) if (count[id] !== 0) mean[id] = (mean[id] as number) - shift;
  return shift;
}

/** As if `count` more effects had been seen, of this variance: keeps a variance from creeping to 0 or beyond bounds. */
export interface VariancePrior {
  readonly variance: number;
  readonly count: number;
}

/** The EM step for the variance: the mean square of the effects, the uncertainty about each included. */
export function learnVariance(effects: Effects, prior: VariancePrior): void {
  const { count, mean, uncertainty } = effects;
  const [sum, known] = sumKnown(count, (id) => (mean[id] as number) ** 2 + (uncertainty[id] as number));
  effects.variance = (sum + prior.count * prior.variance) / (known + prior.count);
}

/** The sum over those who have answers, and how many they are. */
function sumKnown(count: Float64Array, of: (id: number) => number): [number, number] {
  let [sum, known] = [0, 0];
  for (let id = 0; id < count.length; id++) {
    if (count[id] === 0) continue;
    sum += of(id);
    known++;
  }
  return [sum, known];
}
