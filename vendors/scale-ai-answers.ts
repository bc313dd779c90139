import type { FormAnswers, FormQuestion } from '../domain/vendors/form.ts';
import { byPlace, type Json, listOf, objectOf, textOf } from './shared.ts';
import type { FetchedUnit, VendorResponse } from './vendor.ts';

/** A task with its answers, as far as it has any. */
export function readTask(key: string, task: Json, questions: readonly FormQuestion[]): FetchedUnit {
  const status = textOf(task.status);
  if (status === 'completed') return { key, state: 'done', responses: readResponses(task, questions) };
  if (status === 'canceled') return { key, state: 'cancelled', responses: [] };
  if (status === 'error') {
    return { key, state: 'failed', reason: textOf(objectOf(task.response).error) ?? 'error', responses: [] };
  }
  return { key, state: 'open', responses: [] };
}

/** With several answers their shape is not confirmed: a list under `responses`, or else one answer. */
function readResponses(task: Json, questions: readonly FormQuestion[]): VendorResponse[] {
  const id = textOf(task.task_id) ?? '';
  const whole = Array.isArray(task.response) ? { responses: task.response } : objectOf(task.response);
  const several = listOf(whole.responses).map(objectOf);
  return (several.length > 0 ? several : [whole]).map((one, at) => {
    const worker = textOf(one.worker_id) ?? textOf(one.contributor_id) ?? textOf(one.annotator_id);
    const seconds = Number(one.time_spent_s);
    return {
      id: textOf(one.response_id) ?? textOf(one.id) ?? `${id}-${at + 1}`,
      workerId: worker ?? `${id}-${at + 1}`,
      answers: readAnswers(one, questions),
      ...(Number.isFinite(seconds) ? { timeSpentS: seconds } : {}),
    };
  });
}

function readAnswers(one: Json, questions: readonly FormQuestion[]): FormAnswers {
  const fields = { ...one, ...objectOf(one.annotations) };
  const fieldOf = (name: string): unknown => {
    const value = fields[name];
    const inner = objectOf(value);
    return 'response' in inner ? inner.response : 'value' in inner ? inner.value : value;
  };
  return Object.fromEntries(
    questions.map((question): [string, unknown] => {
      const { id } = question;
      if (question.kind === 'ranking') {
        const places = question.options.map(({ value }) => [Number(single(fieldOf(`${id}_${value}`))), value] as const);
        return [id, byPlace(places)];
      }
      if (question.kind === 'spans') {
        const marks = [one.annotations, one.spans, one.labels].find(Array.isArray) ?? [];
        return [
          id,
          listOf(marks)
            .map(objectOf)
            .map(({ start, end, label }) => ({ start, end, label })),
        ];
      }
      if (question.kind === 'choices') return [id, [fieldOf(id)].flat(3)];
      const value = single(fieldOf(id));
      return [id, question.kind === 'number' && value !== undefined && value !== null ? Number(value) : value];
    }),
  );
}

/** The innermost first value: answers come in lists of lists. */
function single(value: unknown): unknown {
  return Array.isArray(value) ? single(value[0]) : value;
}
