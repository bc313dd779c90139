import type { FormAnswers, FormQuestion, Option } from '../domain/vendors/form.ts';
import { type Json, listOf, objectOf, textOf } from './shared.ts';
import type { FetchedUnit, Unit } from './vendor.ts';

/** A task with its answers so far. */
export function readTask(unit: Unit, task: Json, cancelled: boolean): FetchedUnit {
  const done = task.is_complete === true || task.status === 'completed';
  const responses = listOf(task.responses)
    .map(objectOf)
    .map((response, at) => ({
      id: textOf(response.id) ?? `${textOf(task.id)}-${at + 1}`,
      workerId: textOf(response.worker_id) ?? `${textOf(task.id)}-${at + 1}`,
      answers: readAnswers(objectOf(response.data ?? response.response_data), unit.form.questions),
    }));
  return { key: unit.key, state: done ? 'done' : cancelled ? 'cancelled' : 'open', responses };
}

function readAnswers(data: Json, questions: readonly FormQuestion[]): FormAnswers {
  return Object.fromEntries(
    questions.map((question): [string, unknown] => {
      const given =
        data[question.kind === 'spans' ? question.text : question.title] ?? data[question.title] ?? data[question.id];
      return [question.id, readAnswer(question, given)];
    }),
  );
}

function readAnswer(question: FormQuestion, given: unknown): unknown {
  if (given === undefined || given === null || given === '') return undefined;
  switch (question.kind) {
    case 'choice':
      return optionOf(question.options, Array.isArray(given) ? given[0] : given);
    case 'choices':
      return listOf(given).map((each) => optionOf(question.options, each));
    case 'number':
      return Number(Array.isArray(given) ? given[0] : given);
    case 'text':
      return given;
    case 'ranking':
      return listOf(given).map((place) =>
        listOf(Array.isArray(place) ? place : [place]).map((each) => optionOf(question.options, each)),
      );
    case 'spans':
      return listOf(given)
        .map(objectOf)
        .map(({ start, end, label, tag }) => ({ start, end, label: label ?? tag }));
  }
}

function optionOf(options: readonly Option[], given: unknown): unknown {
  return options.find(({ label, value }) => label === given || value === given)?.value ?? given;
}
