import type { TaskType } from '../api/types';
import { fieldsOf, listOf, numberOf, textOf } from '../forms/read';
import { t } from '../i18n/office';
import { labelText } from '../ui/label-text';
import { FIELDS } from './mapping';

/** A task with its answer and the reason, for annotators to learn from. */
export interface WorkedExample {
  readonly content: string;
  readonly answer: string;
  readonly why: string;
}

/** A worked example of an item and the label it was given on the form. */
export function exampleOf(type: TaskType, payload: unknown, label: unknown): WorkedExample {
  const values = fieldsOf(payload);
  const shown = FIELDS[type].filter(({ name }) => values[name] !== undefined && values[name] !== '');
  const parts = shown.map(({ name, title }) => {
    const words = contentWords(values[name]);
    return shown.length > 1 ? `${t(title)}: ${words}` : words;
  });
  return { content: parts.join('\n'), answer: answerWords(type, values, label), why: '' };
}

function contentWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  const parts = value.map((each, at) => {
    const { role, text } = fieldsOf(each);
    return typeof role === 'string' ? `${role}: ${textOf(text) ?? ''}` : `${at + 1}. ${String(each)}`;
  });
  return `\n${parts.join('\n')}`;
}

/** Marked parts in their own words; everything else as elsewhere on the pages. */
function answerWords(type: TaskType, payload: Readonly<Record<string, unknown>>, label: unknown): string {
  if (type !== 'span') return labelText(label, 1000);
  // Offsets count code points.
  const points = [...(textOf(payload.text) ?? '')];
  const spans = listOf(label).map((each) => {
    const { start, end, label: name } = fieldsOf(each);
    return { label: name, text: points.slice(numberOf(start, 0), numberOf(end, 0)).join('') };
  });
  return labelText(spans, 1000);
}

/** Exactly these words in Markdown, each line one of a quotation. */
function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, '\\$&')}`)
    .join('\\\n');
}

const plain = (text: string) => text.replace(/[\\`*_[\]<>~&]/g, '\\$&');

/** The instructions with their worked examples, as annotators read them: Markdown. */
export function withExamples(instructions: string, examples: readonly WorkedExample[]): string {
  const parts = examples.map(({ content, answer, why }, at) => {
    const reason = why.trim() === '' ? '' : `\n\n${why.trim()}`;
    return `### ${t('Example {number}', { number: at + 1 })}\n\n${quoted(content)}\n\n**${plain(answer)}**${reason}`;
  });
  return [instructions.trimEnd(), ...parts].filter((part) => part !== '').join('\n\n');
}
