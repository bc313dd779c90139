import { type Answers, readAnswers } from '../../domain/formats/answers.ts';
import { readGold } from '../../domain/formats/gold.ts';
import { type TableReader, tableReader } from '../../domain/formats/kernel-table.ts';
import { paths } from '../paths.ts';
import { nameOf, readBytes } from './files.ts';
import type { AnswersFlags } from './offline-flags.ts';

/** The answers in the bytes of `--in`. */
export async function answersOf(bytes: Uint8Array, flags: AnswersFlags): Promise<Answers> {
  const { duplicates, labels } = flags;
  const reader = await readerFor(bytes);
  return readAnswers(bytes, { source: nameOf(flags.in), labels, reader, ...(duplicates && { duplicates }) });
}

/** The gold labels of a file by task. */
export async function goldOf(file: string): Promise<Map<string, string>> {
  const bytes = await readBytes(file);
  return readGold(bytes, nameOf(file), await readerFor(bytes));
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
