import type { FormAnswers, FormQuestion } from '../domain/vendors/form.ts';
import { byPlace } from '../domain/vendors/read-answers.ts';
import { createPlaces } from './marks.ts';
import { type Json, listOf, objectOf, statusIn, textOf, timeSpent } from './shared.ts';
import type { FetchedUnit, VendorResponse } from './vendor.ts';

/** A task with its answers, as far as it has any. */
export function readTask(
  key: string,
  task: Json,
  { questions, excerpt }: { readonly questions: readonly FormQuestion[]; readonly excerpt: (text: string) => string },
): FetchedUnit {
  const status = statusIn(task);
  if (isCompleted(task)) return { key, state: 'done', responses: readResponses(task, questions) };
  if (status === 'canceled' || status === 'cancelled') return { key, state: 'cancelled', responses: [] };
  if (status === 'error') {
    const reason = textOf(objectOf(task.response).error) ?? textOf(task.error) ?? 'error';
    return { key, state: 'failed', reason: excerpt(reason), responses: [] };
  }
  return { key, state: 'open', responses: [] };
}

/** A task's own id. */
export const idIn = ({ task_id, id }: Json) => textOf(task_id) ?? textOf(id);

/** Whether a task has its answers. */
export const isCompleted = (task: Json): boolean => statusIn(task) === 'completed';

/** With several answers their shape is not confirmed: a list in one of several places, or else one answer. */
function readResponses(task: Json, questions: readonly FormQuestion[]): VendorResponse[] {
  const id = idIn(task) ?? '';
  const whole = objectOf(task.response);
  const lists = [task.response, whole.responses, task.responses, severalIn(whole.annotations)];
  const several = listOf(lists.find((list) => listOf(list).length > 0)).map(objectOf);
  return (several.length > 0 ? several : [whole]).map((one, at) => {
    const worker = [one.worker_id, one.contributor_id, one.annotator_id, one.worker].map(textOf).find(Boolean);
    return {
      id: textOf(one.response_id) ?? textOf(one.id) ?? `${id}-${at + 1}`,
      workerId: worker ?? `${id}-${at + 1}`,
      answers: readAnswers(one, questions),
      ...timeSpent(one.time_spent_s ?? one.time_spent_secs ?? one.time_spent_in_secs),
    };
  });
}

/** The annotations, where each is a whole answer: neither a field's nor a mark's. */
function severalIn(annotations: unknown): unknown[] {
  const all = listOf(annotations).map(objectOf);
  return all.some((each) => nameOf(each) !== undefined || 'start' in each) ? [] : all;
}

const nameOf = ({ field_id, key }: Json) => textOf(field_id) ?? textOf(key);

function readAnswers(one: Json, questions: readonly FormQuestion[]): FormAnswers {
  const listed = [one.annotations, one.fields, one.answers].flatMap(listOf).map(objectOf);
  const fields: Json = {
    ...one,
    ...objectOf(one.fields),
    ...objectOf(one.answers),
    ...objectOf(one.annotations),
    ...Object.fromEntries(listed.flatMap((each) => (nameOf(each) === undefined ? [] : [[nameOf(each), each]]))),
  };
  const fieldOf = (name: string): unknown => {
    const value = fields[name];
    const inner = objectOf(value);
    const holder = ['response', 'responses', 'value', 'values'].find((member) => member in inner);
    return holder === undefined ? value : inner[holder];
  };
  return Object.fromEntries(
    questions.map((question): [string, unknown] => {
      const { id } = question;
      if (question.kind === 'ranking') {
        const places = question.options.map(({ value }) => [Number(single(fieldOf(`${id}_${value}`))), value] as const);
        return [id, byPlace(places)];
      }
      if (question.kind === 'spans') {
        const placeOf = createPlaces(question.text, { unit: 'code_points', end: 'exclusive' });
        const marks = marksIn(one)?.map(({ start, end, label, tag, name, type, text, token }) => ({
          ...placeOf({ start, end, said: text ?? token }),
          label: label ?? tag ?? name ?? type,
        }));
        return [id, marks];
      }
      return [id, question.kind === 'choices' ? [fieldOf(id)].flat(3) : single(fieldOf(id))];
    }),
  );
}

const LISTS = ['annotations', 'spans', 'entities', 'labels'] as const;

/** The marks of an answer, wherever it has them: a list, or objects by some key. None found is no answer, not "none". */
function marksIn(one: Json): Json[] | undefined {
  const holders = [one, objectOf(one.annotations), objectOf(one.response)];
  const listed = holders.flatMap((holder) => LISTS.map((name) => holder[name])).find(Array.isArray);
  if (listed) return listed.map(objectOf);
  const keyed = Object.values(objectOf(one.annotations)).map(objectOf);
  return keyed.length > 0 && keyed.every((each) => 'start' in each) ? keyed : undefined;
}

/** The innermost first value: answers come in lists of lists. */
function single(value: unknown): unknown {
  return Array.isArray(value) ? single(value[0]) : value;
}
