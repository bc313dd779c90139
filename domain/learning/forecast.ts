/** A model's accuracy on items it was not trained on, after so many labels. */
export interface MeasuredPoint {
  readonly labels: number;
  readonly accuracy: number;
  /** Items that the accuracy was measured on. */
  readonly count: number;
}

export interface Forecast {
  /** Labels more than the last point has. */
  readonly labels: number;
  /** Accuracy expected to be gained, as a share of 1. */
  readonly gain: number;
  /** Half the width of its 95% interval. */
  readonly margin: number;
}

/** A round with what its model was measured on, as it is stored. */
export interface MeasuredRound {
  readonly trainedOn: number | null;
  /** All labels there were; null in rounds from before the model was fitted on a sample of very many. */
  readonly labels?: number | null;
  readonly heldOutOn: 'slice' | 'gold' | null;
  readonly heldOutAccuracy: number | null;
  readonly heldOutCount: number | null;
}

/** The rounds that were measured on the same as the last one: gold need not be as hard as a slice of the pool. */
export function measuredPoints(rounds: readonly MeasuredRound[]): MeasuredPoint[] {
  const on = rounds.findLast(({ heldOutOn }) => heldOutOn !== null)?.heldOutOn;
  return rounds.flatMap(({ trainedOn, labels, heldOutOn, heldOutAccuracy, heldOutCount }) =>
    trainedOn === null || heldOutAccuracy === null || heldOutOn !== on
      ? []
      : [{ labels: labels ?? trainedOn, accuracy: heldOutAccuracy, count: heldOutCount ?? 0 }],
  );
}

/** Labels that a forecast looks ahead. */
export const FORECAST_LABELS = 500;

/**
 * The most points of accuracy (of 100) that a dollar is likely to gain from here on: the upper end of the forecast's
 * interval, by what a label has cost so far (`spentMicros` over all labels). Undefined where there is no forecast yet.
 */
export function pointsPerUsd(points: readonly MeasuredPoint[], spentMicros: bigint): number | undefined {
  const labels = points.at(-1)?.labels ?? 0;
  const forecast = forecastGain(points, FORECAST_LABELS);
  if (!forecast || labels === 0 || spentMicros === 0n) return undefined;
  const usd = (Number(spentMicros) / 1e6 / labels) * forecast.labels;
  return (100 * (forecast.gain + forecast.margin)) / usd;
}

/** Points from which a line says anything of how far it may be off. */
const LEAST_POINTS = 4;
const Z = 1.959963984540054;

/**
 * What more labels are worth by the learning curve so far: the error is taken to fall as a power of the number of labels
 * (Cortes et al., NIPS 1993; without a floor), which is a straight line in logarithms, fitted by least squares with each
 * point weighted by how well its error is known. The interval is by the delta method; where points lie farther from the
 * line than chance explains, it is widened by as much. Undefined before there are four points of different sizes.
 */
export function forecastGain(points: readonly MeasuredPoint[], more: number): Forecast | undefined {
  const known = points.filter(({ labels, count }) => labels > 0 && count > 0);
  const last = known.at(-1);
  if (last === undefined || new Set(known.map(({ labels }) => labels)).size < LEAST_POINTS) return undefined;
  const rows = known.map(({ labels, accuracy, count }) => {
    // Half an error more and half a right answer more: neither end is ever certain.
    const error = ((1 - accuracy) * count + 0.5) / (count + 1);
    return { x: Math.log(labels), z: Math.log(error), weight: (count * error) / (1 - error) };
  });
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  const weight = sum((row) => row.weight);
  const middle = sum((row) => row.weight * row.x) / weight;
  const level = sum((row) => row.weight * row.z) / weight;
  const width = sum((row) => row.weight * (row.x - middle) ** 2);
  const slope = sum((row) => row.weight * (row.x - middle) * (row.z - level)) / width;
  const misfit = sum((row) => row.weight * (row.z - level - slope * (row.x - middle)) ** 2) / (rows.length - 2);
  const spread = Math.max(1, misfit);

  const now = Math.log(last.labels) - middle;
  const then = Math.log(last.labels + more) - middle;
  const errorNow = Math.exp(level + slope * now);
  const errorThen = Math.exp(level + slope * then);
  const byLevel = errorNow - errorThen;
  const bySlope = errorNow * now - errorThen * then;
  const variance = spread * (byLevel ** 2 / weight + bySlope ** 2 / width);
  return { labels: more, gain: byLevel, margin: Z * Math.sqrt(variance) };
}

/** A forecast that may be off by more than this share of all items says nothing. */
const MOST_MARGIN = 0.5;

/** "500 more labels: +0.8 ± 0.4 points", in points of accuracy; without figures where they would mean nothing. */
export function forecastText({ labels, gain, margin }: Forecast): string {
  if (margin > MOST_MARGIN) return `What ${labels.toLocaleString('en-US')} more labels would gain cannot be told yet.`;
  const points = 100 * gain;
  const sign = points < 0 ? '−' : '+';
  return `${labels.toLocaleString('en-US')} more labels: ${sign}${Math.abs(points).toFixed(1)} ± ${(100 * margin).toFixed(1)} points`;
}
