/**
 * A learning curve as a straight line in logarithms: after n labels the error is exp(level) times (n / labels) to the power of
 * `slope`.
 */
export interface LearningLine {
  /** Labels there are now, at which `level` is the logarithm of the error. */
  readonly labels: number;
  readonly level: number;
  readonly slope: number;
  readonly variances: { readonly ofLevel: number; readonly ofBoth: number; readonly ofSlope: number };
}

/** What so many labels more are expected to be worth. */
export interface Forecast {
  /** Labels more than the last point has. */
  readonly labels: number;
  /** Accuracy expected to be gained, as a share of 1. */
  readonly gain: number;
  /** Half the width of its 95% interval. */
  readonly margin: number;
}

/** A model of the first labels, and of each measured item whether it is right (1 or 0). */
export interface MeasuredPart {
  readonly labels: number;
  readonly right: Uint8Array;
}

/** Labels of the parts: each has fewer than the next, by this factor. */
const PART = 1.5;
const MOST_PARTS = 8;
const LEAST_PARTS = 4;
/** A model of fewer labels says nothing of later ones. */
const LEAST_LABELS = 20;
/** Of more, models of parts would take longer than what they tell is worth: many rounds have been measured by then. */
const MOST_LABELS = 10_000;
/** Fewer items say little of how the error falls, and nothing of how uncertain that is. */
export const LEAST_ITEMS = 20;
/**
 * What labels happen to come makes a model's error larger or smaller than that of usual models of n labels, by this / n as
 * the square of a share of it: between seeds of `bench:learning-curves` standard deviations of 4% at 1,000 and 8% at 250.
 */
const LUCK = 1.44;
const ITERATIONS = 12;
export const MOST_ERROR = 0.95;
export const Z = 1.959963984540054;

/** Numbers of the first labels, rising, that models are fitted on to see how the error falls; none where too few say it. */
export function partSizes(labels: number): number[] {
  const sizes: number[] = [];
  if (labels > MOST_LABELS) return sizes;
  for (let size = labels; size >= LEAST_LABELS && sizes.length < MOST_PARTS; size = Math.round(size / PART)) {
    sizes.unshift(size);
  }
  return sizes.length < LEAST_PARTS ? [] : sizes;
}

/**
 * The line through the errors of models that were fitted on ever more of the labels, all measured on the same items. Its
 * uncertainty is that of the items, whose mistakes mostly stay from one model to the next (so it goes by each item's own:
 * Liang and Zeger, Biometrika 1986), and that of which labels came, of which each part's are all in the next.
 */
export function fitLearningLine(parts: readonly MeasuredPart[]): LearningLine | null {
  const items = parts[0]?.right.length ?? 0;
  const labels = parts.at(-1)?.labels ?? 0;
  if (parts.length < LEAST_PARTS || items < LEAST_ITEMS) return null;
  const least = 0.5 / (items + 1);
  const rows = parts.map((part) => {
    const mistakes = part.right.reduce((sum, right) => sum + 1 - right, 0);
    return { ...part, x: Math.log(part.labels / labels), error: mistakes / items };
  });
  let level = Math.log(Math.max(least, rows.reduce((sum, { error }) => sum + error, 0) / rows.length));
  let slope = 0;
  for (let iteration = 1; ; iteration++) {
    const weighed = rows.map((row) => {
      const told = Math.min(MOST_ERROR, Math.max(least, Math.exp(level + slope * row.x)));
      const weight = 1 / ((1 - told) / (told * items) + LUCK / row.labels);
      return { ...row, told, weight, z: Math.log(told) + (row.error - told) / told };
    });
    const sum = (of: (row: (typeof weighed)[number]) => number) =>
      weighed.reduce((total, row) => total + row.weight * of(row), 0);
    const [a, b, c, p, q] = [
      sum(() => 1),
      sum(({ x }) => x),
      sum(({ x }) => x * x),
      sum(({ z }) => z),
      sum(({ x, z }) => x * z),
    ];
    const determinant = a * c - b * b;
    level = Math.min(Math.log(MOST_ERROR), (c * p - b * q) / determinant);
    slope = Math.max(-2, Math.min(1, (a * q - b * p) / determinant));
    if (iteration < ITERATIONS) continue;
    /** How much a part's logarithm of the error moves level and slope. */
    const pulls = weighed.map((row) => ({
      ...row,
      ofLevel: (row.weight * (c - b * row.x)) / determinant,
      ofSlope: (row.weight * (a * row.x - b)) / determinant,
    }));
    return { labels, level, slope, variances: variancesOf(pulls, items) };
  }
}

interface Pull extends MeasuredPart {
  readonly error: number;
  readonly told: number;
  readonly ofLevel: number;
  readonly ofSlope: number;
}

function variancesOf(pulls: readonly Pull[], items: number): LearningLine['variances'] {
  const more = items / (items - 1);
  let [ofLevel, ofBoth, ofSlope] = [0, 0, 0];
  for (let item = 0; item < items; item++) {
    let [level, slope] = [0, 0];
    for (const pull of pulls) {
      const off = (1 - (pull.right[item] as number) - pull.error) / (pull.told * items);
      level += pull.ofLevel * off;
      slope += pull.ofSlope * off;
    }
    ofLevel += more * level * level;
    ofBoth += more * level * slope;
    ofSlope += more * slope * slope;
  }
  for (const one of pulls) {
    for (const other of pulls) {
      const shared = LUCK / Math.max(one.labels, other.labels);
      ofLevel += one.ofLevel * other.ofLevel * shared;
      ofBoth += one.ofLevel * other.ofSlope * shared;
      ofSlope += one.ofSlope * other.ofSlope * shared;
    }
  }
  return { ofLevel, ofBoth, ofSlope };
}

/** What a line gains so much further on in the logarithm of the labels, with the variance of that. */
export function gainAlong({ level, slope, variances }: Omit<LearningLine, 'labels'>, then: number) {
  const now = Math.exp(level);
  const later = Math.exp(level + slope * then);
  const gain = now - later;
  const bySlope = -later * then;
  const { ofLevel, ofBoth, ofSlope } = variances;
  const variance = gain ** 2 * ofLevel + 2 * gain * bySlope * ofBoth + bySlope ** 2 * ofSlope;
  return { now, later, gain, variance };
}

/** What so many labels more gain by a line, with the luck of the labels that are there and of those to come. */
export function gainByLine(line: LearningLine, more: number): Forecast {
  const { labels } = line;
  const { now, later, gain, variance: ofLine } = gainAlong(line, Math.log(1 + more / labels));
  const ofLuck = LUCK * (now ** 2 / labels + (later ** 2 - 2 * now * later) / (labels + more));
  return { labels: more, gain, margin: Z * Math.sqrt(ofLine + ofLuck) };
}
