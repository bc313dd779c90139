import type { Form, FormAnswers, FormQuestion } from '../domain/vendors/form.ts';
import { byPlace } from '../domain/vendors/read-answers.ts';
import { type Json, listOf, numbersOf, objectOf, textOf, timeSpent } from './shared.ts';
import type { FetchedUnit, Review, Unit, VendorResponse } from './vendor.ts';

/** The layout of a task: one page with the instructions, what is shown, and the questions. */
export function batchItemsOf(instructions: string, form: Form): object[] {
  const told = { type: 'rich_text', content_format: 'markdown', content: instructions };
  const items = [
    ...(instructions === '' ? [] : [told]),
    ...form.blocks.map((_, at) => ({ type: 'dataset_field', field: `text_${at}` })),
    ...form.questions.flatMap(instructionsOf),
  ];
  return [{ rows: items.map((item) => ({ columns: [{ items: [item] }] })) }];
}

/** What Task Builder asks for one of our questions. */
function instructionsOf(question: FormQuestion): object[] {
  const { title: description } = question;
  const choose = (options: readonly { label: string; value: string }[], answer_limit = 1, about = description) => {
    return { type: 'multiple_choice', description: about, answer_limit, options };
  };
  switch (question.kind) {
    case 'choice':
      return [choose(question.options)];
    case 'choices':
      return [choose(question.options, question.options.length)];
    case 'number': {
      const options = numbersOf(question).map((value) => ({ value, label: value }));
      return [choose(question.optional ? [...options, NONE] : options)];
    }
    case 'text':
      return [{ type: 'free_text', description }];
    case 'ranking': {
      const places = numbersOf({ min: 1, max: question.options.length }).map((value) => ({ value, label: value }));
      return question.options.map(({ label }) => choose(places, 1, `${description} Place of ${label}`));
    }
    // Refused when a campaign is created: see `VENDOR_TYPES`.
    case 'spans':
      return [];
  }
}

const NONE = { value: 'none', label: 'Neither' };
const ASKING = new Set(['multiple_choice', 'free_text']);

/** The ids that the server gave to the questions, in our order: everything in the layout that asks for an answer. */
export function instructionsIn(layout: unknown): string[] {
  const pages = listOf(layout).map(objectOf);
  const rows = pages.flatMap(({ rows: all }) => listOf(all).map(objectOf));
  const columns = rows.flatMap(({ columns: all }) => listOf(all).map(objectOf));
  const items = columns.flatMap(({ items: all }) => listOf(all).map(objectOf));
  return items.flatMap(({ type, id }) => (ASKING.has(textOf(type) ?? '') ? [textOf(id) ?? ''] : []));
}

/** A status in capitals and with spaces, however it is written. */
export function statusOf({ status }: Json): string {
  return (textOf(status) ?? '').toUpperCase().replace(/[_-]/g, ' ');
}

/** Whether a study of this status is not published: it costs nothing. */
export const isDraft = (status: string): boolean => ['UNPUBLISHED', 'DRAFT'].includes(status);

/** Whether somebody may still be answering. */
export function isUnderWay(submission: Json): boolean {
  return ['RESERVED', 'ACTIVE'].includes(statusOf(submission));
}

/** Of submissions without an answer that counts; what else there is was handed in, also under a name we do not know. */
const WITHOUT_ANSWER = new Set(['', 'RESERVED', 'ACTIVE', 'RETURNED', 'TIMED OUT', 'SCREENED OUT']);

/** Whether an event of a submission tells of an answer; of those that are accepted or rejected it was known before. */
export function bringsAnswer(submission: Json): boolean {
  const status = statusOf(submission);
  return status === '' || !(WITHOUT_ANSWER.has(status) || status in REVIEWS);
}

const REVIEWS: Readonly<Record<string, Review>> = { APPROVED: 'accepted', REJECTED: 'rejected' };

/** A task with the answers of the submissions that were handed in; those that were returned or timed out have none. */
export function readUnit(
  unit: Unit,
  at: {
    readonly instructions: readonly string[];
    readonly submissions: readonly Json[];
    readonly answers: readonly Json[];
    /** Nobody else will answer. */
    readonly over: boolean;
    /** What a submission costs us, as far as it says so. */
    readonly costOf: (submission: Json) => Pick<VendorResponse, 'costMicros' | 'feeMicros'>;
  },
): FetchedUnit {
  const mine = at.answers.filter(({ metadata }) => objectOf(metadata).quorate_unit === unit.key);
  const responses = at.submissions.flatMap((submission) => {
    const id = textOf(submission.id) ?? '';
    const own = mine
      .filter(({ submission_id }) => textOf(submission_id) === id)
      .map(({ response }) => objectOf(response));
    if (WITHOUT_ANSWER.has(statusOf(submission)) || own.length === 0) return [];
    const said = new Map(own.map((each) => [textOf(each.instruction_id) ?? '', each]));
    return [
      {
        id,
        workerId: textOf(submission.participant_id) ?? textOf(submission.participant) ?? id,
        answers: answersOf(
          unit.form,
          at.instructions.map((each) => said.get(each)),
        ),
        review: REVIEWS[statusOf(submission)] ?? 'open',
        ...timeSpent(submission.time_taken),
        ...at.costOf(submission),
      },
    ];
  });
  const state = responses.length >= unit.answers ? 'done' : at.over ? 'cancelled' : 'open';
  return { key: unit.key, state, responses };
}

/** The form's answers; `said` are the responses to what it asks, in that order. */
function answersOf(form: Form, said: readonly (Json | undefined)[]): FormAnswers {
  let next = 0;
  const take = () => said[next++];
  return Object.fromEntries(form.questions.map((question) => [question.id, answerTo(question, take)]));
}

function answerTo(question: FormQuestion, take: () => Json | undefined): unknown {
  const chosen = () => chosenIn(take());
  switch (question.kind) {
    case 'choice':
      return chosen()[0];
    case 'choices':
      return chosen();
    case 'number': {
      const [value] = chosen();
      return value === undefined || value === NONE.value ? undefined : Number(value);
    }
    case 'text': {
      const said = take();
      // Its reference has answers alone, its own client reads a text.
      return textOf(said?.text) ?? chosenIn(said)[0];
    }
    case 'ranking':
      return byPlace(question.options.map(({ value }) => [Number(chosen()[0]), value]));
    case 'spans':
      return undefined;
  }
}

/** The values of an answer: a list of `{value}`, bare ones, or one alone. */
function chosenIn(said: Json | undefined): (string | undefined)[] {
  const answer = said?.answer;
  const all = Array.isArray(answer) ? answer : answer === undefined || answer === null ? [] : [answer];
  return all.map((each: unknown) => textOf(objectOf(each).value) ?? textOf(each));
}
