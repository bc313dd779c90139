import type { TaskType } from '../tasks/task-type.ts';
import { agreementInterval } from './agreement-interval.ts';
import { type Answer, taskAgreement } from './task-agreement.ts';

/** Fewer tasks say too little to be a point of a curve. */
const LEAST_TASKS = 20;
const EFFORT = 5e5;

export interface DatedAnswer<Label> extends Answer<Label> {
  readonly submittedAt: Date;
}

export interface AgreementWindow {
  /** When the first and the last task of the window got its last answer. */
  readonly from: Date;
  readonly to: Date;
  readonly tasks: number;
  readonly answers: number;
  readonly alpha: number | null;
  /** 95%, by drawing the window's tasks anew. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/**
 * How agreement went: the tasks with two answers or more, in the order of their last answer, cut into at most `windows`
 * parts of equally many (20 at least), each with its alpha and interval. Empty while there are fewer than 20.
 */
export function agreementHistory<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  answers: readonly DatedAnswer<L>[],
  { windows, resamples, seed }: { readonly windows: number; readonly resamples: number; readonly seed: string },
): AgreementWindow[] {
  const byTask = new Map<string, DatedAnswer<L>[]>();
  for (const answer of answers) byTask.set(answer.taskId, [...(byTask.get(answer.taskId) ?? []), answer]);
  const lastMs = (given: readonly DatedAnswer<L>[]) =>
    Math.max(...given.map(({ submittedAt }) => submittedAt.getTime()));
  const tasks = [...byTask.values()]
    .filter(({ length }) => length > 1)
    .map((given) => ({ given, atMs: lastMs(given) }))
    .sort((a, b) => a.atMs - b.atMs);
  const parts = Math.min(windows, Math.floor(tasks.length / LEAST_TASKS));
  return Array.from({ length: parts }, (_, at) => {
    const own = tasks.slice(Math.round((at * tasks.length) / parts), Math.round(((at + 1) * tasks.length) / parts));
    const given = own.flatMap((task) => task.given);
    return {
      from: new Date(own[0]?.atMs ?? 0),
      to: new Date(own.at(-1)?.atMs ?? 0),
      tasks: own.length,
      answers: given.length,
      alpha: taskAgreement(type, config, given, EFFORT).alpha ?? null,
      interval: agreementInterval(type, config, given, { resamples, seed: `${seed} ${at}` }) ?? null,
    };
  });
}
