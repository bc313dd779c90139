import { z } from 'zod';
import { certaintyOf, type Usual } from '../aggregation/certainty.ts';
import { type Ballot, order, weightedVote } from '../aggregation/weighted-vote.ts';
import { isObject, mismatch, nameIn, namesField } from './fields.ts';
import { listed, show } from './messages.ts';
import {
  meanScores,
  readScores,
  type Scale,
  type Scores,
  sameSteps,
  scaleFault,
  scaleShape,
  scoreDistance,
  scoresCertainty,
} from './scale.ts';

/** One question of a form that has several: rate by criteria on a scale, or choose one of a list. */
export type Question = Scale | { readonly choices: readonly string[] };

/** Its answer: a score by criterion, or the chosen name. */
export type Verdict = Scores | string;

const MAX_CRITERIA = 10;
const MAX_CHOICES = 50;

/** Either `{min, max, criteria}` or `{choices}`. */
export function questionField(field: string): z.ZodType<Question> {
  const choose = z.object({ choices: namesField(`${field}.choices`, { min: 2, max: MAX_CHOICES }) });
  const rate = z.object(scaleShape(field, { maxCriteria: MAX_CRITERIA })).superRefine((scale, ctx) => {
    const message = scaleFault(scale, field);
    if (message !== undefined) ctx.addIssue({ code: 'custom', message });
  });
  return z.unknown().transform((value, ctx): Question => {
    const refuse = (message: string) => {
      ctx.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (!isObject(value))
      return refuse(mismatch(field, 'an object with choices, or with min, max and criteria', value));
    const read = 'choices' in value ? choose.safeParse(value) : rate.safeParse(value);
    if (read.success) return read.data;
    return refuse(read.error.issues[0]?.message ?? `${field} is not valid`);
  });
}

/** Reads the answer to a question; a fault is the sentence that says what is wrong. */
export function readVerdict(
  value: unknown,
  question: Question,
  field: string,
): { verdict: Verdict } | { fault: string } {
  if (!('choices' in question)) {
    const scores = readScores(value, question, field);
    return typeof scores === 'string' ? { fault: scores } : { verdict: scores };
  }
  const choice = nameIn(question.choices, value);
  if (choice !== undefined) return { verdict: choice };
  return { fault: `${field}: ${show(value)} is not one of ${listed(question.choices)}` };
}

/** As a value of JSON that is equal for equal answers. */
export function canonicalVerdict(verdict: Verdict): unknown {
  return typeof verdict === 'string' ? verdict : Object.entries(verdict).sort(([a], [b]) => order(a, b));
}

/** 0 or 1 for choices, the mean difference as a share of the range for scores. */
export function verdictDistance(a: Verdict, b: Verdict, question: Question): number {
  if (typeof a === 'string' || typeof b === 'string' || 'choices' in question) {
    return JSON.stringify(canonicalVerdict(a)) === JSON.stringify(canonicalVerdict(b)) ? 0 : 1;
  }
  return scoreDistance(a, b, question);
}

/** Whether two decided answers say the same: the same choice, or the nearest steps. */
export function sameVerdict(a: Verdict, b: Verdict, question: Question): boolean {
  if (typeof a === 'string' || typeof b === 'string' || 'choices' in question) {
    return verdictDistance(a, b, question) === 0;
  }
  return sameSteps(a, b, question);
}

export interface Verdicts {
  readonly verdict: Verdict | null;
  readonly confidence: number;
  /** Share of weight: `=choice`, or `.criterion=score`. */
  readonly distribution: readonly [string, number][];
  readonly tie: boolean;
}

/** Weighted vote over choices, weighted means of scores; confidence as for classification and Likert scales. */
export function decideVerdict(
  votes: readonly { readonly annotationId: string; readonly weight: number; readonly verdict: Verdict }[],
  question: Question,
): Verdicts {
  if ('choices' in question) {
    const ballots: Ballot[] = votes.map(({ verdict, ...rest }) => ({ ...rest, choice: String(verdict) }));
    const { winner, confidence, distribution, tie } = weightedVote(ballots);
    const shares = Object.entries(distribution).map(([choice, share]) => [`=${choice}`, share] as [string, number]);
    return { verdict: winner, confidence, distribution: shares, tie };
  }
  const scored = votes.map(({ verdict, weight }) => ({ scores: typeof verdict === 'string' ? {} : verdict, weight }));
  const means = meanScores(scored, question);
  const confidence = means.reduce((sum, each) => sum + each.confidence / means.length, 0);
  return {
    verdict: means.length === 0 ? null : Object.fromEntries(means.map(({ name, mean }) => [name, mean])),
    confidence: Math.min(1, confidence),
    distribution: means.flatMap(({ name, shares }) =>
      shares.map(([score, share]) => [`.${name}=${score}`, share] as [string, number]),
    ),
    tie: false,
  };
}

/** How certain these answers make what they come to. */
export function verdictCertainty(
  answers: readonly { readonly verdict: Verdict; readonly evidence: number }[],
  decided: Verdict,
  { question, usual }: { question: Question; usual: Usual },
): number {
  if (!('choices' in question)) {
    const scored = answers.flatMap(({ verdict, evidence }) => {
      return typeof verdict === 'string' ? [] : [{ scores: verdict, evidence }];
    });
    return scoresCertainty(scored, question);
  }
  const given = answers.map(({ verdict: label, evidence }) => ({ label, evidence }));
  return certaintyOf(given, decided, (a, b) => (a === b ? 1 : 0), usual);
}
