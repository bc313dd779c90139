import { fieldsOf, listOf, numberOf, textOf, textsOf } from './read';
import type { FormNeed } from './task-form';

/** One thing to answer: a score on a scale, or one of some choices. */
export interface Question {
  /** Unique in its form. */
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly options: readonly (string | number)[];
  /** Set where the scale has too many steps for a button each. */
  readonly range?: { readonly min: number; readonly max: number };
}

export type Answers = Readonly<Record<string, string | number>>;

/** Scales with more steps than this are a number field. */
const MOST_BUTTONS = 11;

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly criteria: readonly { readonly name: string; readonly description: string | undefined }[];
}
export type Asked = Scale | { readonly choices: readonly string[] };

export function readScale(value: unknown): Scale {
  const { min, max, criteria } = fieldsOf(value);
  const low = numberOf(min, 1);
  return {
    min: low,
    max: numberOf(max, low + 1),
    criteria: listOf(criteria).map((each) => {
      const { name, description } = fieldsOf(each);
      return { name: textOf(name) ?? '', description: textOf(description) };
    }),
  };
}

export function readAsked(value: unknown): Asked | undefined {
  const fields = fieldsOf(value);
  if ('choices' in fields) return { choices: textsOf(fields.choices) };
  return 'criteria' in fields ? readScale(fields) : undefined;
}

/** A scale's questions, one a criterion; `prefix` keeps them apart from others of the form. */
export function questionsOf(asked: Asked, prefix: string, name: string): Question[] {
  if ('choices' in asked) return [{ id: prefix, name, options: asked.choices }];
  const { min, max, criteria } = asked;
  const steps = max - min + 1;
  const options = steps > MOST_BUTTONS ? [] : Array.from({ length: steps }, (_, at) => min + at);
  return criteria.map((criterion) => ({
    id: `${prefix}.${criterion.name}`,
    name: criterion.name,
    description: criterion.description,
    options,
    ...(options.length === 0 ? { range: { min, max } } : {}),
  }));
}

/** What a digit key means: the score that it is, and 0 a ten where no 0 is; of choices, the place from 1. */
export function optionByDigit({ options }: Question, digit: number): string | number | undefined {
  if (typeof options[0] !== 'number') return options[digit === 0 ? 9 : digit - 1];
  return options.find((each) => each === digit) ?? (digit === 0 ? options.find((each) => each === 10) : undefined);
}

/** The key beside an option, where it has one. */
export function hintOf(question: Question, option: string | number): string | undefined {
  for (let digit = 0; digit <= 9; digit++) if (optionByDigit(question, digit) === option) return String(digit);
  return undefined;
}

/** With this answer, or without one. */
export function withAnswer(answers: Answers, id: string, value: string | number | undefined): Answers {
  const { [id]: _, ...rest } = answers;
  return value === undefined ? rest : { ...rest, [id]: value };
}

/** What keeps these answers from being sent: the first score that is off its scale, or how many are missing. */
export function needOf(questions: readonly Question[], answers: Answers): FormNeed | undefined {
  for (const { id, name, range } of questions) {
    const value = answers[id];
    if (range === undefined || value === undefined) continue;
    const fits = Number.isInteger(value) && Number(value) >= range.min && Number(value) <= range.max;
    if (!fits) return { need: 'need.range', values: { name, ...range } };
  }
  const missing = questions.filter(({ id }) => answers[id] === undefined).length;
  return missing > 0 ? { need: 'need.all', values: { count: missing } } : undefined;
}

/** The answers to a question's own questions, as the label wants them; undefined where one is missing. */
export function verdictOf(asked: Asked, prefix: string, answers: Answers): unknown {
  if ('choices' in asked) return answers[prefix];
  const scores = asked.criteria.map(({ name }) => [name, answers[`${prefix}.${name}`]] as const);
  return scores.some(([, score]) => score === undefined) ? undefined : Object.fromEntries(scores);
}

/** A kept draft: whatever of it still answers one of the questions. */
export function restoreAnswers(draft: unknown, questions: readonly Question[]): Answers {
  const kept = fieldsOf(draft);
  const fits = ({ id, options, range }: Question) => {
    const value = kept[id];
    if (range) return Number.isInteger(value) && Number(value) >= range.min && Number(value) <= range.max;
    return options.some((each) => each === value);
  };
  return Object.fromEntries(questions.filter(fits).map(({ id }) => [id, kept[id] as string | number]));
}

/** The first question after `from` that has no answer yet, going round; `from` when all have one. */
export function nextOpen(questions: readonly Question[], answers: Answers, from: number): number {
  for (let step = 1; step <= questions.length; step++) {
    const at = (from + step) % questions.length;
    const question = questions[at];
    if (question && answers[question.id] === undefined) return at;
  }
  return from;
}
