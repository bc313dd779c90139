import { MAX_QUESTION_BYTES } from '../domain/vendors/capabilities.ts';
import type { Form, FormAnswers, FormQuestion, Option } from '../domain/vendors/form.ts';
import { byPlace } from '../domain/vendors/read-answers.ts';
import { VendorError } from './errors.ts';
import { createPlaces } from './marks.ts';
import { escaped, jsonFrom, listOf, numberIn, objectOf } from './shared.ts';

const lines = (text: string) => `<p style="white-space:pre-wrap">${escaped(text)}</p>`;

/** A task as MTurk's HTMLQuestion: a plain form, and crowd elements where text is marked. */
export function questionXml(instructions: string, { blocks, questions }: Form): string {
  const shown = blocks.map(({ title, text }) => `<h3>${escaped(title)}</h3>${lines(text)}`);
  const asked = questions.map(inputs).join('');
  const html =
    '<!DOCTYPE html><html><head><meta charset="utf-8"><script src="https://assets.crowd.aws/crowd-html-elements.js"></script></head>' +
    `<body><crowd-form>${lines(instructions)}${shown.join('')}${asked}</crowd-form></body></html>`;
  const xml =
    '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/HTMLQuestion.xsd">' +
    `<HTMLContent><![CDATA[${html.replaceAll(']]>', ']]]]><![CDATA[>')}]]></HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>`;
  if (Buffer.byteLength(xml) > MAX_QUESTION_BYTES) {
    throw new VendorError('permanent', 'A task is larger than the 65,535 bytes that MTurk takes; shorten its item.');
  }
  return xml;
}

function inputs(question: FormQuestion): string {
  const { id, title } = question;
  const head = `<h4>${escaped(title)}</h4>`;
  const pick = (name: string, options: readonly Option[], required: boolean) =>
    options
      .map(({ value, label }) => {
        const need = required ? ' required' : '';
        return `<label><input type="radio" name="${escaped(name)}" value="${escaped(value)}"${need}> ${escaped(label)}</label><br>`;
      })
      .join('');
  switch (question.kind) {
    case 'choice':
      return head + pick(id, question.options, true);
    case 'choices':
      // One name each, so that the answers of several can be told apart.
      return (
        head +
        question.options
          .map(
            ({ label }, at) =>
              `<label><input type="checkbox" name="${id}__${at}" value="on"> ${escaped(label)}</label><br>`,
          )
          .join('')
      );
    case 'number': {
      const need = question.optional ? '' : ' required';
      return `${head}<input type="number" name="${id}" min="${question.min}" max="${question.max}" step="1"${need}>`;
    }
    case 'text':
      return `${head}<textarea name="${id}" minlength="${question.minLength}" maxlength="${question.maxLength}" required></textarea>`;
    case 'ranking':
      return (
        head +
        question.options
          .map(({ label }, at) => {
            const limits = `min="1" max="${question.options.length}" step="1" required`;
            return `<label>${escaped(label)}: <input type="number" name="${id}__${at}" ${limits}></label><br>`;
          })
          .join('')
      );
    case 'spans': {
      const labels = JSON.stringify(
        question.options.map(({ value, label }) => ({ label, fullDisplayName: label, shortDisplayName: value })),
      );
      return `<crowd-entity-annotation name="${id}" header="${escaped(title)}" labels="${escaped(labels)}" text="${escaped(question.text)}"></crowd-entity-annotation>`;
    }
  }
}

/** The answers of a `QuestionFormAnswers` document: one element for each name, or one `taskAnswers` with all as JSON. */
export function answersOfXml(xml: string, questions: readonly FormQuestion[]): FormAnswers {
  const given = new Map<string, unknown>();
  for (const [, body = ''] of xml.matchAll(/<Answer>([\s\S]*?)<\/Answer>/g)) {
    const name = plain(/<QuestionIdentifier>([\s\S]*?)<\/QuestionIdentifier>/.exec(body)?.[1] ?? '');
    const text = plain(/<FreeText>([\s\S]*?)<\/FreeText>/.exec(body)?.[1] ?? '');
    if (name !== 'taskAnswers') given.set(name, text);
    else for (const [each, value] of Object.entries(firstOf(text))) given.set(each, value);
  }
  return Object.fromEntries(questions.map((question) => [question.id, answerTo(question, given)]));
}

function answerTo(question: FormQuestion, given: ReadonlyMap<string, unknown>): unknown {
  const { id } = question;
  switch (question.kind) {
    case 'choice':
      return chosen(given.get(id));
    case 'text':
      return given.get(id);
    case 'number': {
      const value = given.get(id);
      return value === undefined || value === null || value === '' ? undefined : (numberIn(value) ?? value);
    }
    case 'choices':
      return question.options.flatMap(({ value }, at) => (isOn(given.get(`${id}__${at}`)) ? [value] : []));
    case 'ranking': {
      const placeOf = (at: number) => numberIn(given.get(`${id}__${at}`)) ?? Number.NaN;
      return byPlace(question.options.map(({ value }, at) => [placeOf(at), value]));
    }
    case 'spans': {
      const value = given.get(id);
      const marks: unknown = typeof value === 'string' ? jsonFrom(value) : value;
      // A browser counts in its own units.
      const placeOf = createPlaces(question.text, { unit: 'utf16', end: 'exclusive' });
      return listOf(Array.isArray(marks) ? marks : objectOf(marks).entities)
        .map(objectOf)
        .map((each) => ({
          ...placeOf({ start: each.startOffset ?? each.start, end: each.endOffset ?? each.end }),
          label: each.label,
        }));
    }
  }
}

/** Whether a box was ticked: `on`, `true`, or as crowd elements say it, `{on: true}`. */
function isOn(value: unknown): boolean {
  const said = chosen(value);
  return said === true || said === 'true' || said === 'on';
}

/** Crowd elements answer a choice as `{value: true, other: false}`. */
function chosen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).find(([, on]) => on === true)?.[0];
}

function firstOf(text: string): Record<string, unknown> {
  const value = jsonFrom(text);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' && first !== null ? (first as Record<string, unknown>) : {};
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text of an XML element, without CDATA marks and with its references resolved. */
function plain(xml: string): string {
  const text = xml.replace(/^\s*<!\[CDATA\[([\s\S]*?)\]\]>\s*$/, '$1');
  if (text !== xml) return text;
  return xml.replace(/&(#x[0-9a-f]+|#\d+|[a-z]+);/gi, (whole, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return NAMED[name] ?? whole;
  });
}
