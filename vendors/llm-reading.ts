import type { z } from 'zod';
import type { FormAnswers, FormQuestion } from '../domain/vendors/form.ts';
import { tidyAnswers } from '../domain/vendors/read-answers.ts';
import { schemaOf } from './llm-answer.ts';
import { jsonFrom } from './shared.ts';

/** What a model's text says, in the form's own terms; or why that cannot be read. */
export type Reading = { readonly said: FormAnswers } | { readonly problem: string };

const MAX_ISSUES = 3;
const MAX_PROBLEM = 500;
/** Braces tried as the beginning of an answer. */
const MAX_BEGINNINGS = 200;

/**
 * Reads a model's answer, be it in a fence, after thoughts or amid words, its numbers as text and its options in other
 * capitals. Two answers that differ are none.
 */
export function readAnswer(questions: readonly FormQuestion[], text: string): Reading {
  const schema = schemaOf(questions);
  const found = objectsIn(withoutThoughts(text));
  const read = found.map((object) => readObject(questions, schema, object));
  const said = read.flatMap((each) => ('said' in each ? [each] : []));
  const [first] = said;
  if (first && said.every((each) => JSON.stringify(each) === JSON.stringify(first))) return first;
  if (first) return { problem: 'it holds several answers that differ' };
  return read.at(-1) ?? { problem: text.trim() === '' ? 'it is empty' : 'it holds no JSON object' };
}

function readObject(questions: readonly FormQuestion[], schema: z.ZodType, object: Members): Reading {
  const [plain, ...wrapped] = [object, ...Object.values(object).filter(isObject)].map((each) =>
    schema.safeParse(coerced(questions, each)),
  );
  const right = [plain, ...wrapped].find((parsed) => parsed?.success);
  if (right?.data) return { said: right.data as FormAnswers };
  const issues = plain?.error?.issues.slice(0, MAX_ISSUES) ?? [];
  const problem = issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  return { problem: problem.slice(0, MAX_PROBLEM) };
}

type Members = Readonly<Record<string, unknown>>;

/** Whatever a model thought aloud. Some endpoints leave the first mark out; a thought without an end has no answer behind it. */
function withoutThoughts(text: string): string {
  const after = text.split(/<\/(?:think|thinking|reasoning)>/i).at(-1) ?? '';
  return after.replace(/<(?:think|thinking|reasoning)>[\s\S]*$/i, '');
}

/** All JSON objects of a text that lie in no other one, in their order. */
function objectsIn(text: string): Members[] {
  const whole = jsonFrom(text.trim());
  // JSON in JSON.
  if (typeof whole === 'string') return objectsIn(whole);
  const found: Members[] = [];
  let at = text.indexOf('{');
  for (let tried = 0; at >= 0 && tried < MAX_BEGINNINGS; tried++) {
    const end = endOf(text, at);
    const object = end === undefined ? undefined : jsonFrom(text.slice(at, end));
    if (isObject(object)) found.push(object);
    at = text.indexOf('{', isObject(object) ? end : at + 1);
  }
  return found;
}

/** Behind the brace that closes the one at `from`; undefined where none does. */
function endOf(text: string, from: number): number | undefined {
  let depth = 0;
  let inText = false;
  for (let at = from; at < text.length; at++) {
    const mark = text[at];
    if (inText && mark === '\\') at++;
    else if (mark === '"') inText = !inText;
    else if (inText) continue;
    else if (mark === '{') depth++;
    else if (mark === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

function coerced(questions: readonly FormQuestion[], given: Members): FormAnswers {
  const tidied = tidyAnswers(
    questions.filter(({ kind }) => kind !== 'spans'),
    given,
  );
  return Object.fromEntries(questions.map((question) => [question.id, fitted(question, tidied[question.id])]));
}

function fitted(question: FormQuestion, given: unknown): unknown {
  switch (question.kind) {
    case 'number':
      return given === undefined && question.optional ? null : given;
    case 'choice':
      return optionIn(question.options, given);
    case 'choices':
      return Array.isArray(given) ? given.map((each) => optionIn(question.options, each)) : given;
    case 'ranking':
      return Array.isArray(given)
        ? given.map((place: unknown) => [place].flat().map((each) => optionIn(question.options, each)))
        : given;
    case 'spans':
      return Array.isArray(given) ? given.map((mark: unknown) => markIn(question.options, mark)) : given;
    case 'text':
      return given;
  }
}

type Options = readonly { readonly value: string; readonly label: string }[];

/** In other capitals, if that is one alone. */
function optionIn(options: Options, given: unknown): unknown {
  if (typeof given !== 'string' || options.some(({ value }) => value === given)) return given;
  const plain = given.trim().toLowerCase();
  const alike = options.filter(({ value, label }) => value.toLowerCase() === plain || label.toLowerCase() === plain);
  return alike.length === 1 ? alike[0]?.value : given;
}

function markIn(options: Options, mark: unknown): unknown {
  if (!isObject(mark)) return mark;
  const { quote, occurrence = 1, label } = mark;
  const counted = typeof occurrence === 'string' && /^\d{1,6}$/.test(occurrence) ? Number(occurrence) : occurrence;
  return { quote, occurrence: counted ?? 1, label: optionIn(options, label) };
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
