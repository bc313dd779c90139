import type { FormAnswers, FormQuestion } from '../domain/vendors/form.ts';
import { type Json, listOf, objectOf, textOf } from './shared.ts';
import type { FetchedUnit, Unit } from './vendor.ts';

/** A task with its answers so far. */
export function readTask(unit: Unit, task: Json, cancelled: boolean): FetchedUnit {
  const done = task.is_complete === true || textOf(task.status)?.toLowerCase() === 'completed';
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
      // Nothing chosen comes as an empty text.
      return [question.id, given === null || given === '' ? undefined : given];
    }),
  );
}
