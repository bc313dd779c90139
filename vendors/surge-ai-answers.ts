import type { FormAnswers, FormQuestion } from '../domain/vendors/form.ts';
import { createPlaces } from './marks.ts';
import { type Json, listOf, numberIn, objectOf, statusIn, textOf, timeSpent } from './shared.ts';
import type { FetchedUnit, Unit } from './vendor.ts';

/** Takes no room, and parts what would be a template to Surge. */
const PART = '\u2060';

/** A text of which Surge's templates see nothing. */
export function unbraced(text: string): string {
  return text.replace(/\{(?=\{)/g, `{${PART}`);
}

/** A task with its answers so far. */
export function readTask(
  unit: Unit,
  task: Json,
  { cancelled, ...cost }: { readonly cancelled: boolean; readonly costMicros?: bigint },
): FetchedUnit {
  const done = isDone(task);
  const responses = listOf(task.responses)
    .map(objectOf)
    .filter((response) => done || isGiven(response))
    .map((response, at) => ({
      id: textOf(response.id) ?? `${textOf(task.id)}-${at + 1}`,
      workerId: textOf(response.worker_id) ?? `${textOf(task.id)}-${at + 1}`,
      answers: readAnswers(dataOf(response), unit.form.questions),
      ...timeSpent(response.time_spent_in_secs),
      ...cost,
    }));
  return { key: unit.key, state: done ? 'done' : cancelled ? 'cancelled' : 'open', responses };
}

/** Whether a task has all its answers. */
export const isDone = (task: Json): boolean => task.is_complete === true || statusIn(task) === 'completed';

const dataOf = ({ data, response_data }: Json) => objectOf(data ?? response_data);

/** One that a worker has begun may be listed before it is finished. */
const isGiven = (response: Json) => response.completed_at !== null && Object.keys(dataOf(response)).length > 0;

function readAnswers(data: Json, questions: readonly FormQuestion[]): FormAnswers {
  return Object.fromEntries(
    questions.map((question): [string, unknown] => {
      const asked = [question.kind === 'spans' ? question.text : question.title, question.title];
      const names = [...asked.map(unbraced), ...asked, question.id];
      const given = names.map((name) => data[name]).find((value) => value !== undefined && value !== null);
      // Nothing chosen comes as an empty text.
      if (given === undefined || given === '') return [question.id, undefined];
      if (question.kind === 'spans') return [question.id, marksOf(question.text, given)];
      return [question.id, question.kind === 'text' ? given : whole(given)];
    }),
  );
}

/** Options and their places as we have them. */
function whole(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(`{${PART}`, '{');
  if (Array.isArray(value)) return value.map(whole);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [whole(name), whole(member)]));
}

/** Marks, placed in our text and not in the one that was sent. */
function marksOf(text: string, given: unknown): unknown {
  if (!Array.isArray(given)) return given;
  const sent = unbraced(text);
  const placeOf = createPlaces(sent, { unit: 'code_points', end: 'exclusive' });
  const points = [...sent];
  const own = (place: unknown) => {
    const at = numberIn(place);
    if (at === undefined || sent === text) return place;
    return at - points.slice(0, at).filter((point, before) => point === PART && points[before - 1] === '{').length;
  };
  return given.map((each: unknown) => {
    const mark = objectOf(each);
    const { start, end } = placeOf({ start: mark.start, end: mark.end, said: mark.text ?? mark.token }) ?? mark;
    return {
      ...mark,
      start: own(start),
      end: own(end),
      ...(mark.label === undefined ? {} : { label: whole(mark.label) }),
    };
  });
}
