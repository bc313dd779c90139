import { type FormQuestion, markingIn, type Option } from '../domain/vendors/form.ts';
import { byPlace } from '../domain/vendors/read-answers.ts';
import { type Counting, createPlaces } from './marks.ts';
import { type Json, listOf, markdownOf, numbersOf, objectOf, textOf, timeSpent } from './shared.ts';
import type { FetchedUnit, Unit, VendorResponse } from './vendor.ts';

/** What labelers are asked for, as an ontology: radio buttons, checklists, texts, and named entities for marks. */
export function ontologyOf(questions: readonly FormQuestion[]): object {
  const tools = questions.flatMap((question) =>
    question.kind === 'spans'
      ? question.options.map(({ value }, at) => ({
          ...{ tool: 'named-entity', name: value, required: false, color: colorOf(at), classifications: [] },
          ...NEW,
        }))
      : [],
  );
  return { tools, classifications: questions.flatMap(classificationsOf) };
}

/** What is not in the workspace yet. */
const NEW = { schemaNodeId: null, featureSchemaId: null };

/** Colours that can be told apart. */
function colorOf(at: number): string {
  const part = (shift: number) => Math.round(127 + 127 * Math.sin(at * 2.4 + shift));
  return `#${[0, 2.1, 4.2].map((shift) => part(shift).toString(16).padStart(2, '0')).join('')}`;
}

function classificationsOf(question: FormQuestion): object[] {
  const { id, title } = question;
  const ask = (type: string, options: readonly { value: string; label: string }[], name = id, instructions = title) => {
    return {
      ...{ type, name, instructions, required: !('optional' in question), scope: 'global' },
      options: options.map((option) => ({ ...option, options: [], ...NEW })),
      ...NEW,
    };
  };
  const numbers = (range: { min: number; max: number }) => numbersOf(range).map((value) => ({ value, label: value }));
  switch (question.kind) {
    case 'choice':
      return [ask('radio', question.options)];
    case 'choices':
      return [ask('checklist', question.options)];
    case 'number':
      return [ask('radio', numbers(question))];
    case 'text':
      return [ask('text', [])];
    // Its own ranking knows no ties and no texts, so the place of each is asked for.
    case 'ranking': {
      const places = numbers({ min: 1, max: question.options.length });
      return question.options.map(({ value, label }) =>
        ask('radio', places, `${id}_${value}`, `${title} Place of ${label}`),
      );
    }
    case 'spans':
      return [];
  }
}

/** What a labeler sees, instructions first: the text alone where it is to be marked, so that places are places in it. */
export function rowDataOf({ form }: Unit, instructions: string): string {
  const marked = markingIn(form);
  const blocks = instructions === '' ? form.blocks : [{ title: 'Instructions', text: instructions }, ...form.blocks];
  return marked ? marked.text : markdownOf(blocks);
}

/** An exported row with its labels, one for each labeler; skipped ones are no answers, and take a place all the same. */
export function readRow(unit: Unit, project: Json, counting: Counting): FetchedUnit {
  const labels = listOf(project.labels).map(objectOf);
  const responses = labels.flatMap((label, at): VendorResponse[] => {
    const performance = objectOf(label.performance_details);
    if (performance.skipped === true) return [];
    const id = textOf(label.id) ?? `${unit.key}-${at + 1}`;
    return [
      {
        id,
        workerId: textOf(objectOf(label.label_details).created_by) ?? id,
        answers: Object.fromEntries(
          unit.form.questions.map((question) => [
            question.id,
            answerTo(question, objectOf(label.annotations), counting),
          ]),
        ),
        ...timeSpent(performance.seconds_to_create),
      },
    ];
  });
  return { key: unit.key, state: isDone(project, labels.length, unit.answers) ? 'done' : 'open', responses };
}

/** By its labels, but for what its workflow says plainly, whose words are written in several ways. */
function isDone(project: Json, labels: number, wanted: number): boolean {
  const status = textOf(objectOf(project.project_details).workflow_status)
    ?.toUpperCase()
    .replace(/[^A-Z]/g, '');
  if (status === 'INREWORK') return false;
  return labels >= wanted || (status === 'DONE' && labels > 0);
}

/** What a labeler answered to one question. */
function answerTo(question: FormQuestion, annotations: Json, counting: Counting): unknown {
  const given = listOf(annotations.classifications).map(objectOf);
  // Whether `name` is what we named it or what is shown is not told by the documents.
  const find = (id: string, title: string) =>
    given.find(({ name, value }) => name === id || value === id || name === title);
  const radio = (id: string, title: string) => {
    const chosen = objectOf(find(id, title)?.radio_answer);
    return textOf(chosen.value) ?? textOf(chosen.name);
  };
  const { id, title } = question;
  switch (question.kind) {
    case 'choice':
      return radio(id, title);
    case 'number': {
      const value = radio(id, title);
      return value === undefined ? undefined : Number(value);
    }
    case 'choices': {
      const chosen = listOf(find(id, title)?.checklist_answers).map(objectOf);
      return chosen.map(({ value, name }) => textOf(value) ?? textOf(name));
    }
    case 'text':
      return textOf(objectOf(find(id, title)?.text_answer).content);
    case 'ranking': {
      const placeOf = ({ value, label }: Option) => Number(radio(`${id}_${value}`, `${title} Place of ${label}`));
      return byPlace(question.options.map((option) => [placeOf(option), option.value]));
    }
    case 'spans':
      return marksOf(question, annotations, counting);
  }
}

function marksOf(
  { text, options }: { readonly text: string; readonly options: readonly Option[] },
  annotations: Json,
  counting: Counting,
) {
  const placeOf = createPlaces(text, counting);
  return listOf(annotations.objects)
    .map(objectOf)
    .map((mark) => {
      const { start, end, token } = { ...mark, ...objectOf(mark.location) } as Json;
      const name = [mark.name, mark.value].find((each) => options.some(({ value }) => value === each));
      return { ...placeOf({ start, end, said: token }), label: name ?? mark.name };
    });
}
