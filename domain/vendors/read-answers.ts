import type { DialogConfig, DialogPayload } from '../tasks/dialog.ts';
import type { LikertConfig } from '../tasks/likert.ts';
import type { TaskTypeName } from '../tasks/task-type.ts';
import type { Question as Asked } from '../tasks/verdict.ts';
import { type FormAnswers, type FormQuestion, formOf, type Option } from './form.ts';

/**
 * The label that answers to `formOf` mean, be they as each vendor writes them; to be read by the type's own label schema,
 * which finds what is wrong.
 */
export function labelOf(type: TaskTypeName, config: unknown, payload: unknown, given: FormAnswers): unknown {
  const answers = tidyAnswers(formOf(type, config, payload).questions, given);
  switch (type) {
    case 'classification':
      return answers.label;
    case 'pairwise': {
      const { preference, strength } = answers;
      return preference === 'a' || preference === 'b'
        ? { choice: preference, ...(strength === undefined || strength === null ? {} : { strength }) }
        : { choice: preference };
    }
    case 'likert':
      return scoresOf((config as LikertConfig).criteria, 'score', answers);
    case 'preference_ranking': {
      const { ranking } = answers;
      if (!Array.isArray(ranking)) return ranking;
      const groups = ranking.map((place: unknown) => (Array.isArray(place) ? place : [place]).map(Number));
      return { groups };
    }
    case 'span':
      return answers.spans;
    case 'free_text':
      return answers.text;
    case 'dialog': {
      const { turn, overall, roles } = config as DialogConfig;
      const { turns } = payload as DialogPayload;
      const judged = (at: number, role: string) =>
        turn && roles.includes(role) ? verdictOf(turn, `turn_${at}`, answers) : null;
      return {
        ...(turn ? { turns: turns.map(({ role }, at) => judged(at, role)) } : {}),
        ...(overall ? { overall: verdictOf(overall, 'overall', answers) } : {}),
      };
    }
  }
}

/**
 * Answers as our forms have them, from what vendors make of the same: a lone value in a list or a list's lone value bare,
 * numbers as text, an option by its label, a ranking as places, choices as switches. What is of no such kind stays as it
 * is, for the label's own schema to refuse.
 */
export function tidyAnswers(questions: readonly FormQuestion[], answers: FormAnswers): FormAnswers {
  const tidied = questions.map((question) => [question.id, tidy(question, answers[question.id])] as const);
  return { ...answers, ...Object.fromEntries(tidied.filter(([, value]) => value !== undefined)) };
}

/** Values by the place each was given, best first; those of equal place together. */
export function byPlace(places: readonly (readonly [place: number, value: string])[]): string[][] {
  const steps = [...new Set(places.map(([place]) => place))].sort((a, b) => a - b);
  return steps.map((step) => places.filter(([place]) => place === step).map(([, value]) => value));
}

function tidy(question: FormQuestion, given: unknown): unknown {
  if (given === undefined || given === null) return given;
  switch (question.kind) {
    case 'choice': {
      const chosen = switchedOn(lone(given));
      return chosen.length === 1 ? optionOf(question.options, chosen[0]) : given;
    }
    case 'choices':
      return switchedOn(given).map((each) => optionOf(question.options, each));
    case 'number':
      return numberOf(lone(given));
    case 'text': {
      const text = lone(given);
      return typeof text === 'number' ? String(text) : text;
    }
    case 'ranking':
      return rankingOf(question.options, given);
    case 'spans':
      return Array.isArray(given) ? given.map(markOf) : given;
  }
}

/** The innermost value of lists of one; a list of several is no single answer and stays. */
function lone(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? lone(value[0]) : value;
}

/** The chosen ones of `[a, [b]]`, `a`, or `{a: true, b: false}`. */
function switchedOn(given: unknown): unknown[] {
  if (!isObject(given)) return [given].flat(3);
  const switches = Object.entries(given);
  if (!switches.every(([, on]) => typeof on === 'boolean')) return [given];
  return switches.flatMap(([value, on]) => (on === true ? [value] : []));
}

function optionOf(options: readonly Option[], given: unknown): unknown {
  const named = isObject(given) ? (given.value ?? given.label ?? given.name) : given;
  const text = typeof named === 'number' || typeof named === 'boolean' ? String(named) : named;
  if (typeof text !== 'string') return given;
  const found = options.find(({ value }) => value === text) ?? options.find(({ label }) => label === text.trim());
  return found?.value ?? text;
}

function numberOf(given: unknown): unknown {
  const bare = isObject(given) && 'value' in given ? given.value : given;
  return typeof bare === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(bare) ? Number(bare) : bare;
}

function rankingOf(options: readonly Option[], given: unknown): unknown {
  if (Array.isArray(given)) return given.map((place) => [place].flat(2).map((each) => optionOf(options, each)));
  if (!isObject(given)) return given;
  const places = Object.entries(given).map(([name, place]) => {
    return [Number(place), String(optionOf(options, name))] as const;
  });
  return places.every(([place]) => Number.isFinite(place)) ? byPlace(places) : given;
}

function markOf(given: unknown): unknown {
  if (!isObject(given)) return given;
  const { start, end, label, tag, name } = given;
  return { start: numberOf(start), end: numberOf(end), label: lone(label ?? tag ?? name) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function verdictOf(question: Asked, id: string, answers: FormAnswers): unknown {
  return 'choices' in question ? answers[id] : scoresOf(question.criteria, id, answers);
}

function scoresOf(criteria: readonly { readonly name: string }[], id: string, answers: FormAnswers) {
  return Object.fromEntries(criteria.map(({ name }, at) => [name, answers[`${id}_${at}`]]));
}
