import { type Forecast, gainAlong, gainByLine, type LearningLine, MOST_ERROR, Z } from './learning-line.ts';

/** A model's accuracy on items it was not trained on, after so many labels. */
export interface MeasuredPoint {
  readonly labels: number;
  readonly accuracy: number;
  /** Items that the accuracy was measured on. */
  readonly count: number;
  /** How the error fell up to here, where models of fewer labels were fitted to see it. */
  readonly line?: LearningLine | null | undefined;
}

/** A round with what its model was measured on, as it is stored. */
export interface MeasuredRound {
  readonly trainedOn: number | null;
  /** All labels there were; null in rounds from before the model was fitted on a sample of very many. */
  readonly labels?: number | null;
  readonly heldOutOn: 'slice' | 'gold' | null;
  readonly heldOutAccuracy: number | null;
  readonly heldOutCount: number | null;
  readonly learningLine?: LearningLine | null;
}

/** The rounds that were measured on the same as the last one: gold need not be as hard as a slice of the pool. */
export function measuredPoints(rounds: readonly MeasuredRound[]): MeasuredPoint[] {
  const on = rounds.findLast(({ heldOutOn }) => heldOutOn !== null)?.heldOutOn;
  return rounds.flatMap(({ trainedOn, labels, heldOutOn, heldOutAccuracy, heldOutCount, learningLine: line }) =>
    trainedOn === null || heldOutAccuracy === null || heldOutOn !== on
      ? []
      : [{ labels: labels ?? trainedOn, accuracy: heldOutAccuracy, count: heldOutCount ?? 0, line }],
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

/**
 * The most that as many labels more as the last `rounds` fits brought are likely to gain, as a share of 1: the upper end of
 * the forecast's interval. Null where there is no forecast yet, or no labels came: none gain nothing.
 */
export function mostGainOf(points: readonly MeasuredPoint[], rounds: number): number | null {
  const [last, before] = [points.at(-1), points.at(-1 - rounds)];
  const more = last && before ? last.labels - before.labels : 0;
  const forecast = more > 0 ? forecastGain(points, more) : undefined;
  return forecast ? forecast.gain + forecast.margin : null;
}

/** Points from which a line says anything of how far it may be off. */
const LEAST_POINTS = 4;
/**
 * How much of an item's mistake may stay from one fit to the next, as a share of its variance. The slice is measured many
 * times: at 0 each time would be as good as new items, towards 1 the same figure once more.
 */
const PERSISTENCE = [0, 0.3, 0.6, 0.8, 0.9];
const ITERATIONS = 8;

/**
 * What more labels are worth by the learning curve so far: the error is taken to fall as a power of the number of labels
 * (Cortes et al., NIPS 1993; without a floor), which is a straight line in logarithms. Where the last point has a `line`
 * it is that. Elsewhere (a model of the requester's own, few labels or items) one is fitted to the shares of mistakes, each as uncertain as the line itself says for so many items (by the mistakes that were seen, lucky small slices
 * would count next to nothing), and correlated as those of one slice are that grows. How much is not known: the forecast is
 * the mean over `PERSISTENCE`, each by its likelihood, and its interval that of the mixture. Where points lie farther from
 * the line than chance explains, it is widened by as much. Undefined before there are four points of different sizes.
 */
export function forecastGain(points: readonly MeasuredPoint[], more: number): Forecast | undefined {
  const known = points.filter(({ labels, count }) => labels > 0 && count > 0);
  const last = known.at(-1);
  if (last?.line) return gainByLine(last.line, more);
  if (last === undefined || new Set(known.map(({ labels }) => labels)).size < LEAST_POINTS) return undefined;
  const then = Math.log(1 + more / last.labels);
  const fits = PERSISTENCE.map((persistence) => {
    const { spread, likelihood, ...line } = fitLine(known, last.labels, persistence);
    const { gain, variance } = gainAlong(line, then);
    return { gain, variance: spread * variance, likelihood };
  });
  const best = Math.max(...fits.map(({ likelihood }) => likelihood));
  const weights = fits.map(({ likelihood }) => Math.exp(likelihood - best));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (of: (fit: (typeof fits)[number]) => number) =>
    fits.reduce((sum, fit, at) => sum + (weights[at] ?? 0) * of(fit), 0) / total;
  const gain = mean((fit) => fit.gain);
  const variance = mean((fit) => fit.variance + (fit.gain - gain) ** 2);
  return { labels: more, gain, margin: Z * Math.sqrt(variance) };
}

/** The logarithm of the error at `origin` labels, and its slope by that of the labels, with their (co)variances. */
function fitLine(points: readonly MeasuredPoint[], origin: number, persistence: number) {
  const items = points.reduce((sum, { count }) => sum + count, 0);
  const mistakes = points.reduce((sum, { accuracy, count }) => sum + (1 - accuracy) * count, 0);
  // Half a mistake of the largest slice: no model is known to make none.
  const least = 0.5 / (1 + Math.max(...points.map(({ count }) => count)));
  let level = Math.log((mistakes + 0.5) / (items + 1));
  let slope = 0;
  for (let iteration = 0; ; iteration++) {
    const rows = points.map(({ labels, accuracy, count }) => {
      const x = Math.log(labels / origin);
      const error = Math.min(MOST_ERROR, Math.max(least, Math.exp(level + slope * x)));
      const z = Math.log(error) + (1 - accuracy - error) / error;
      return { x, z, sd: Math.sqrt((1 - error) / error), count };
    });
    const { ones, xs, zs, logDeterminant } = whitened(rows, persistence);
    const [a, b, c, p, q] = [dot(ones, ones), dot(ones, xs), dot(xs, xs), dot(ones, zs), dot(xs, zs)];
    const determinant = a * c - b * b;
    const fitted = { level: (c * p - b * q) / determinant, slope: (a * q - b * p) / determinant };
    level = Math.min(Math.log(MOST_ERROR), fitted.level);
    slope = Math.max(-2, Math.min(1, fitted.slope));
    if (iteration < ITERATIONS) continue;
    const misfit = Math.max(0, dot(zs, zs) - fitted.level * p - fitted.slope * q);
    return {
      level,
      slope,
      spread: Math.max(1, misfit / (rows.length - 2)),
      // Restricted: of what the line leaves over.
      likelihood: -0.5 * (logDeterminant + Math.log(determinant) + misfit),
      variances: { ofLevel: c / determinant, ofBoth: -b / determinant, ofSlope: a / determinant },
    };
  }
}

/**
 * The columns of a regression, brought to independent rows of variance 1. Of a slice that grows, two measurements share the
 * items of the smaller one, so that what stays of their mistakes is a random walk from the largest slice to the smallest.
 */
function whitened(
  rows: readonly { readonly x: number; readonly z: number; readonly sd: number; readonly count: number }[],
  persistence: number,
) {
  const ones: number[] = [];
  const xs: number[] = [];
  const zs: number[] = [];
  let walked: readonly [number, number, number] = [0, 0, 0];
  let variance = 0;
  let before = 0;
  let logDeterminant = 0;
  for (const { x, z, sd, count } of rows.toReversed()) {
    variance += persistence * Math.max(0, 1 / count - before);
    before = 1 / count;
    const total = variance + (1 - persistence) / count;
    const part = variance / total;
    const left = [1 / sd - walked[0], x / sd - walked[1], z / sd - walked[2]] as const;
    const scale = Math.sqrt(total);
    ones.push(left[0] / scale);
    xs.push(left[1] / scale);
    zs.push(left[2] / scale);
    walked = [walked[0] + part * left[0], walked[1] + part * left[1], walked[2] + part * left[2]];
    variance -= part * variance;
    logDeterminant += Math.log(total) + 2 * Math.log(sd);
  }
  return { ones, xs, zs, logDeterminant };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
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
