import { z } from 'zod';
import { certaintyOfMean } from '../aggregation/certainty.ts';
import { shares, spread } from '../aggregation/weighted-scores.ts';
import { order } from '../aggregation/weighted-vote.ts';
import { mismatch, nameField, nameIn, repeated, textField, wholeField } from './fields.ts';
import { listed, show } from './messages.ts';

const LIMIT = 1_000_000;

/** A score by criterion: whole numbers when submitted, means (to full precision) when decided. */
export type Scores = Record<string, number>;

/** The fields of a scale of whole numbers from `min` to `max` with one or several criteria; messages begin with `field`. */
export function scaleShape(field: string, { maxCriteria = 50 }: { maxCriteria?: number } = {}) {
  const list = `${field}.criteria`;
  const wanted = 'a list of {name, description}';
  const criterion = z.object(
    {
      name: nameField(list),
      description: textField(`${list}: description`)
        .max(10_000, { error: `${list}: a description has at most 10,000 characters` })
        .optional(),
    },
    { error: (issue) => mismatch(list, wanted, issue.input) },
  );
  return {
    min: wholeField(`${field}.min`, { min: -LIMIT, max: LIMIT }),
    max: wholeField(`${field}.max`, { min: -LIMIT, max: LIMIT }),
    criteria: z
      .array(criterion, { error: (issue) => mismatch(list, wanted, issue.input) })
      .min(1, { error: `${list} is empty; at least one criterion is needed` })
      .max(maxCriteria, { error: `${list} has more than ${maxCriteria} entries; at most ${maxCriteria} are allowed` }),
  };
}

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly criteria: readonly { readonly name: string }[];
}

/** What is wrong with a scale beyond its single fields, or undefined. */
export function scaleFault({ min, max, criteria }: Scale, field: string): string | undefined {
  const twice = repeated(criteria.map(({ name }) => name));
  if (twice !== undefined) return `${field}.criteria: ${show(twice)} is there twice`;
  return max > min ? undefined : `${field}.max is ${max}; it must be more than ${field}.min, ${min}`;
}

/** The criteria's names in order of their text. */
export function namesOf({ criteria }: Scale): string[] {
  return criteria.map(({ name }) => name).sort(order);
}

/** Reads a score for each criterion, or with a single criterion also a plain number; a string says what is wrong. */
export function readScores(value: unknown, scale: Scale, field: string): Scores | string {
  const names = namesOf(scale);
  const { min, max } = scale;
  const [only] = names;
  const plain = typeof value !== 'object' || value === null;
  if (plain && names.length > 1) {
    return `${field}: ${show(value)} is not an object with a score for each of ${listed(names)}`;
  }
  const given = new Map<string | undefined, unknown>(plain ? [[only, value]] : []);
  for (const [key, score] of plain ? [] : Object.entries(value)) {
    const name = nameIn(names, key);
    if (name === undefined) return `${field}: ${show(key)} is not one of ${listed(names)}`;
    given.set(name, score);
  }
  const scores: [string, number][] = [];
  for (const name of names) {
    const score = given.get(name);
    if (typeof score !== 'number' || !Number.isInteger(score) || score < min || score > max) {
      return `${plain ? field : `${field}.${name}`}: ${show(score)} is not a whole number from ${min} to ${max}`;
    }
    scores.push([name, score + 0]); // + 0 turns -0 into 0
  }
  return Object.fromEntries(scores);
}

/** Difference of scores as a share of the scale's range, averaged over the criteria. */
export function scoreDistance(a: Scores, b: Scores, scale: Scale): number {
  const names = namesOf(scale);
  const range = scale.max - scale.min;
  return names.reduce((sum, name) => sum + Math.abs((a[name] ?? 0) - (b[name] ?? 0)) / range, 0) / names.length;
}

export interface CriterionMean {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
  readonly count: number;
  /** The nearest step of the scale, halves upward. */
  readonly rounded: number;
  /** 1 - sd / (half the range): 1 when all scores are the same, 0 when they are split between the ends of the scale. */
  readonly confidence: number;
  /** Share of weight by score, lowest first. */
  readonly shares: readonly [number, number][];
}

/** The weighted mean of each criterion that was scored, criteria in order of their names; votes in the order given. */
export function meanScores(
  votes: readonly { readonly scores: Scores; readonly weight: number }[],
  scale: Scale,
): CriterionMean[] {
  return namesOf(scale).flatMap((name) => {
    // A criterion that was added while the campaign ran is missing from earlier answers.
    const scored = votes.flatMap(({ scores, weight }) => {
      const score = scores[name];
      return score === undefined ? [] : [{ score, weight }];
    });
    if (scored.length === 0) return [];
    const equal = scored.every(({ weight }) => weight === 0);
    const counted = equal ? scored.map(({ score }) => ({ score, weight: 1 })) : scored;
    const { mean: exact, sd } = spread(counted);
    // Rounding errors must not take the mean of equal scores off the scale.
    const given = counted.map(({ score }) => score);
    const mean = Math.min(Math.max(...given), Math.max(Math.min(...given), exact));
    const confidence = Math.min(1, Math.max(0, 1 - (2 * sd) / (scale.max - scale.min)));
    return [{ name, mean, sd, count: scored.length, rounded: nearest(mean), confidence, shares: shares(counted) }];
  });
}

/**
 * As `meanScores`, with each mean lowered by the mean leniency of those who gave its scores, within the scale. The
 * spread is that of the scores or, where that is smaller, of the scores less each one's leniency: who agree are not set
 * apart by what is known of them, and who differ as was to be expected agree.
 */
export function fairMeans(
  votes: readonly { readonly scores: Scores; readonly weight: number; readonly leniency?: Scores | undefined }[],
  scale: Scale,
): CriterionMean[] {
  const plain = meanScores(votes, scale);
  if (votes.every(({ leniency }) => leniency === undefined)) return plain;
  const leniencyIn = (leniency: Scores | undefined, name: string) => leniency?.[name] ?? 0;
  const shifts = votes.map(({ scores, weight, leniency }) => {
    const own = Object.keys(scores).map((name) => [name, leniencyIn(leniency, name)] as const);
    return { scores: Object.fromEntries(own), weight };
  });
  const fair = votes.map(({ scores, weight, leniency }) => {
    const own = Object.entries(scores).map(([name, score]) => [name, score - leniencyIn(leniency, name)] as const);
    return { scores: Object.fromEntries(own), weight };
  });
  const lenient = new Map(meanScores(shifts, scale).map(({ name, mean }) => [name, mean]));
  const spreads = new Map(meanScores(fair, scale).map((each) => [each.name, each]));
  return plain.map((each) => {
    const mean = Math.min(scale.max, Math.max(scale.min, each.mean - (lenient.get(each.name) ?? 0)));
    const { sd, confidence } = spreads.get(each.name) ?? each;
    return {
      ...each,
      mean,
      rounded: nearest(mean),
      sd: Math.min(sd, each.sd),
      confidence: Math.max(confidence, each.confidence),
    };
  });
}

/**
 * How certain the means of these scores are (`certaintyOfMean`), averaged over the criteria that were scored; as in
 * `fairMeans` by the scores or by these less each one's leniency, whichever agree more. 0 without scores.
 */
export function scoresCertainty(
  answers: readonly {
    readonly scores: Scores;
    readonly evidence: number;
    readonly leniency?: Readonly<Record<string, number>> | undefined;
  }[],
  scale: Scale,
  variance: Readonly<Record<string, number>> = {},
): number {
  const certainties = namesOf(scale).flatMap((name) => {
    const given = answers.flatMap(({ scores: { [name]: score }, evidence, leniency }) => {
      return score === undefined ? [] : [{ score, evidence, fair: score - (leniency?.[name] ?? 0) }];
    });
    if (given.length === 0) return [];
    const fair = given.map((each) => ({ ...each, score: each.fair }));
    const usual = variance[name];
    return [Math.max(certaintyOfMean(given, scale, usual), certaintyOfMean(fair, scale, usual))];
  });
  return certainties.reduce((sum, each) => sum + each / certainties.length, 0);
}

/** Whether two decided labels have the same nearest step on every criterion. */
export function sameSteps(a: Scores, b: Scores, scale: Scale): boolean {
  return namesOf(scale).every((name) => {
    const [x, y] = [a[name], b[name]];
    return x === undefined || y === undefined ? x === y : nearest(x) === nearest(y);
  });
}

/** The mean over the criteria: what a model that predicts one number learns; null without scores. */
export function overallMean(scores: Scores): number | null {
  const values = Object.keys(scores)
    .sort(order)
    .map((name) => scores[name] ?? 0);
  return values.length === 0 ? null : values.reduce((sum, score) => sum + score, 0) / values.length;
}

/** The nearest category, halves upward; the small term undoes rounding errors such as 3.4999999999999996. */
export const nearest = (mean: number): number => Math.floor(mean + 0.5 + 1e-9);
