import { type Answers, readAnswers } from '../../domain/formats/answers.ts';
import { shown } from '../../domain/formats/column-shape.ts';
import {
  asAnswered,
  type Gold,
  labelsAlike,
  readGold,
  readGoldOfPairs,
  strangeGold,
} from '../../domain/formats/gold.ts';
import { type TableReader, tableReader } from '../../domain/formats/kernel-table.ts';
import { paths } from '../paths.ts';
import { note } from '../progress.ts';
import { nameOf, readBytes } from './files.ts';
import type { AnswersFlags } from './offline-flags.ts';

/** The answers in the bytes of `--in`. */
export async function answersOf(bytes: Uint8Array, flags: AnswersFlags): Promise<Answers> {
  const { duplicates, labels } = flags;
  const reader = await readerFor(bytes);
  return readAnswers(bytes, { source: nameOf(flags.in), labels, reader, ...(duplicates && { duplicates }) });
}

/** The gold labels of a file by task. */
export async function goldOf(file: string): Promise<ReadonlyMap<string, string>> {
  return (await readGoldFile(file)).labels;
}

async function readGoldFile(file: string, answers?: Answers): Promise<Gold> {
  const bytes = await readBytes(file);
  if (answers?.pairs) return readGoldOfPairs(bytes, nameOf(file), { units: answers.units, pairs: answers.pairs });
  return readGold(bytes, nameOf(file), await readerFor(bytes));
}

/** Gold for answers whose labels are names, and how much of it no answer can equal: standard error tells of that, too. */
export interface LabelGold {
  readonly labels: ReadonlyMap<string, string>;
  /** Members of the JSON document. */
  readonly strange: { readonly goldLabelsUnknown: number; readonly goldLabelUnknown?: string };
}

/** The gold labels of a file for these answers. */
export async function goldFor(answers: Answers, file: string, { labels }: AnswersFlags): Promise<LabelGold> {
  const read = await readGoldFile(file, answers);
  const gold = labels ? read : asAnswered(read, answers);
  const { count, example } = strangeGold(gold, answers, labels);
  if (!example) return { labels: gold.labels, strange: { goldLabelsUnknown: count } };
  const all = count === 1 ? 'It counts' : `There are ${thousands(count)} such gold labels; they count`;
  note(`${example.message} ${all} as wrong.`);
  return { labels: gold.labels, strange: { goldLabelsUnknown: count, goldLabelUnknown: example.label } };
}

/** Says so where gold knows none of the tasks: the two files then name them in different ways. */
export function tellOfNoGold(
  { goldTasks, goldUnknown }: { readonly goldTasks: number; readonly goldUnknown: number },
  flags: GoldFlags,
) {
  if (flags.gold === undefined || goldTasks > 0 || goldUnknown === 0) return;
  note(`${nameOf(flags.gold)}: none of its tasks has an answer in ${nameOf(flags.in)}.`);
}

interface GoldFlags {
  readonly in: string;
  readonly gold?: string;
}

/** Says so where two labels, which count as two, look like one; a member of the JSON document. */
export function tellOfLabelsAlike({ values, source }: Answers, { labels }: AnswersFlags) {
  const alike = labels ? undefined : labelsAlike(values);
  if (!alike) return {};
  const [one, other] = alike.map(shown);
  note(
    `${source}: ${one} and ${other} are two labels, as labels are compared as text. If they are meant as one, write them alike.`,
  );
  return { labelsAlike: alike };
}

/** To compile the reader's kernel takes as long as to read so much without it. */
const LEAST_BYTES = 200_000;

async function readerFor({ length }: Uint8Array): Promise<TableReader | undefined> {
  return length < LEAST_BYTES ? undefined : tableReader(await readBytes(paths.tableKernel));
}

/** How many tasks, workers and answers there are, as every command over answers reports it. */
export function counts({ unitCount, raterCount, unit, dropped }: Answers) {
  return { tasks: unitCount, workers: raterCount, answers: unit.length, ...(dropped > 0 && { dropped }) };
}

export function shownCounts(answers: Answers): [name: string, value: string | undefined][] {
  const { tasks, workers, answers: all, dropped } = counts(answers);
  return [
    ['tasks', thousands(tasks)],
    ['workers', thousands(workers)],
    ['answers', thousands(all)],
    ['left out', dropped === undefined ? undefined : `${thousands(dropped)} repeated answers`],
  ];
}

/** A whole number for people: 1,234,567. (Without `Intl`, which takes longer to load than small files to aggregate.) */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
