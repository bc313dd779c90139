import type { TaskType } from '../api/types';
import { type Text, t } from '../i18n/office';
import type { Source } from './source';

export interface Field {
  readonly name: string;
  readonly title: Text;
  readonly required: boolean;
  /** Several columns make a list of texts; a single one holds a JSON list. */
  readonly list?: boolean;
  /** A dialog: JSON, or lines of "role: text". */
  readonly turns?: boolean;
}

const text = (required = true): Field => ({ name: 'text', title: 'Text', required });
const title: Field = { name: 'title', title: 'Title', required: false };
const prompt = (required: boolean): Field => ({ name: 'prompt', title: 'Prompt', required });

/** What annotators are shown, by task type. */
export const FIELDS: Readonly<Record<TaskType, readonly Field[]>> = {
  classification: [text(), title],
  likert: [text(), prompt(false), title],
  pairwise: [
    prompt(true),
    { name: 'a', title: 'First answer', required: true },
    { name: 'b', title: 'Second answer', required: true },
  ],
  preference_ranking: [prompt(true), { name: 'answers', title: 'Answers to rank', required: true, list: true }],
  span: [text(), title],
  free_text: [prompt(false), text(false), title],
  dialog: [{ name: 'turns', title: 'Turns of the dialog', required: true, turns: true }, title],
};

/** What a row has beside its payload. */
export const EXTRA = [
  { name: 'key', title: 'Your id of the row' },
  { name: 'gold', title: 'Known answer (gold)' },
  { name: 'honeypot', title: 'Whether a gold tests attention (honeypot)' },
  { name: 'domain', title: 'Domain' },
  { name: 'group', title: 'Group of items that belong together' },
  { name: 'vector', title: 'Vector' },
] as const;

/** For each field its columns, and for each of `EXTRA`. */
export type Mapping = Readonly<Record<string, readonly string[]>>;

const ALIASES: Readonly<Record<string, readonly string[]>> = {
  text: ['text', 'content', 'body', 'message', 'sentence', 'document'],
  title: ['title', 'subject', 'headline'],
  prompt: ['prompt', 'question', 'instruction', 'query', 'input'],
  a: ['a', 'answer_a', 'response_a', 'chosen', 'output_1', 'answer1'],
  b: ['b', 'answer_b', 'response_b', 'rejected', 'output_2', 'answer2'],
  answers: ['answers', 'responses', 'completions'],
  turns: ['turns', 'messages', 'dialog', 'dialogue', 'conversation'],
  key: ['key', 'id'],
  gold: ['gold', 'known_answer'],
  domain: ['domain'],
  group: ['group', 'item_group'],
};
const AS_THEY_ARE: ReadonlySet<string> = new Set(['gold', 'honeypot', 'vector']);

/** A first guess by the columns' names. */
export function guessMapping(type: TaskType, columns: readonly string[]): Mapping {
  const found = (name: string) => {
    const wanted = ALIASES[name] ?? [name];
    const column = wanted.map((alias) => columns.find((each) => each.trim().toLowerCase() === alias)).find(Boolean);
    return column === undefined ? [] : [column];
  };
  const entries = [...FIELDS[type], ...EXTRA].map(({ name }) => [name, found(name)] as const);
  const mapping = Object.fromEntries(entries);
  // "answer_1", "answer_2", … are a list.
  const numbered = columns.filter((name) => /^(answer|response|completion)[ _-]?(\d{1,3}|[a-z])$/i.test(name));
  if (type === 'preference_ranking' && mapping.answers?.length === 0 && numbered.length >= 2)
    mapping.answers = numbered;
  const [only] = columns;
  // One column alone is the text.
  if (columns.length === 1 && only !== undefined && mapping.text?.length === 0) mapping.text = [only];
  return mapping;
}

/** Lines of "role: text" as turns; JSON stays as it is. */
function turnsOf(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim().startsWith('[')) return value;
  const turns: { role: string; text: string }[] = [];
  for (const line of value.split('\n')) {
    const [, role, words] = /^\s*([\p{L}][\p{L}\p{N} _-]{0,30}):\s?(.*)$/u.exec(line) ?? [];
    const last = turns.at(-1);
    if (role !== undefined) turns.push({ role: role.trim().toLowerCase(), text: words ?? '' });
    else if (last) last.text += `\n${line}`;
  }
  return turns.length > 0 ? turns : value;
}

type Row = Readonly<Record<string, unknown>>;

const isAbsent = (value: unknown) => value === undefined || value === null || value === '';

/** Whether a row brings a known answer of its own, by the column for it. */
export function knownColumn({ gold }: Mapping): (row: Row) => boolean {
  const [column] = gold ?? [];
  return (row) => column !== undefined && !isAbsent(row[column]);
}

/** Of several columns that make a list those that a row fills: what it leaves empty is no empty text in its list. */
const filled = (columns: readonly string[], row: Row) =>
  columns.map((column) => row[column]).filter((value) => !isAbsent(value));

/** How many rows have fewer than two answers to rank, of those whose answers are in several columns. */
export function countTooFew(type: TaskType, { answers = [] }: Mapping, rows: readonly Row[]): number {
  if (type !== 'preference_ranking' || answers.length < 2) return 0;
  return rows.filter((row) => filled(answers, row).length < 2).length;
}

/** A row as the API takes it: payload, and what of `EXTRA` is mapped and filled. */
export function itemOf(type: TaskType, mapping: Mapping, row: Row): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  const used = new Set<string>();
  for (const { name, list, turns, required } of FIELDS[type]) {
    const columns = mapping[name] ?? [];
    for (const column of columns) used.add(column);
    const [first] = columns;
    if (first === undefined) continue;
    const value = list && columns.length > 1 ? filled(columns, row) : row[first];
    // An empty answer is an answer, but an empty title is none.
    if (isAbsent(value) && !required) continue;
    payload[name] = turns ? turnsOf(value) : (value ?? '');
  }
  const item: Record<string, unknown> = { payload };
  for (const { name } of EXTRA) {
    const column = mapping[name]?.[0];
    if (column === undefined) continue;
    used.add(column);
    const value = row[column];
    if (!isAbsent(value)) item[name] = AS_THEY_ARE.has(name) ? value : String(value);
  }
  // Kept for the export, never shown: under a name that the form shows it would be.
  const shown = new Set(FIELDS[type].map(({ name }) => name));
  for (const [name, value] of Object.entries(row)) if (!used.has(name) && !shown.has(name)) payload[name] = value;
  return item;
}

/** What is missing before rows can be sent, in words. */
export function mappingFault(type: TaskType, mapping: Mapping, source: Source | null): string | undefined {
  if (source === null || source.rows.length === 0) return t('Add your data.');
  const missing = FIELDS[type].find(({ name, required }) => required && (mapping[name] ?? []).length === 0);
  if (missing) return t('Choose the column for {title}.', { title: t(missing.title).toLowerCase() });
  const inexact = source.inexact.find((column) => Object.values(mapping).some((columns) => columns.includes(column)));
  if (inexact !== undefined) {
    return t(
      'The column {inexact} has whole numbers that are too large to be kept exactly: write them in quotes, as text.',
      { inexact },
    );
  }
  const any = FIELDS[type].some(({ name }) => (mapping[name] ?? []).length > 0);
  return any ? undefined : t('Choose at least one column to show.');
}
