import { type Answers, readAnswers } from '../../domain/formats/answers.ts';
import { readGold } from '../../domain/formats/gold.ts';
import { nameOf, readBytes } from './files.ts';
import type { AnswersFlags } from './offline-flags.ts';

/** The answers in the bytes of `--in`. */
export function answersOf(bytes: Uint8Array, flags: AnswersFlags): Answers {
  const { duplicates, labels } = flags;
  return readAnswers(bytes, { source: nameOf(flags.in), labels, ...(duplicates && { duplicates }) });
}

/** The gold labels of a file by task. */
export async function goldOf(file: string): Promise<Map<string, string>> {
  return readGold(await readBytes(file), nameOf(file));
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
