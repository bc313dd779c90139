import { seededRng } from '../rng.ts';
import type { TaskType } from '../tasks/task-type.ts';
import { type Answer, type TaskAgreement, taskAgreement } from './task-agreement.ts';

/** Distances of long texts are dear: each measurement gets this effort. */
const EFFORT = 5e4;
/** Where it is measured once, not for each resample. */
const EFFORT_ONCE = 1e6;

/**
 * 95% interval of a campaign's alpha: by drawing its tasks anew `resamples` times with replacement (percentiles, as
 * `bootstrapInterval` does for plain ratings); for types that measure by a distance of their own, whose resamples would
 * take too long for a page that is waited for, by the standard error over the tasks (`distanceAlpha`). Undefined with
 * fewer than ten tasks, where most resamples have no value.
 */
export function agreementInterval<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  answers: readonly Answer<L>[],
  { resamples, seed }: { readonly resamples: number; readonly seed: string },
): { readonly low: number; readonly high: number } | undefined {
  const byTask = new Map<string, Answer<L>[]>();
  for (const answer of answers) {
    const known = byTask.get(answer.taskId);
    if (known) known.push(answer);
    else byTask.set(answer.taskId, [answer]);
  }
  const tasks = [...byTask.values()].filter(({ length }) => length > 1);
  if (tasks.length < 10) return undefined;
  if (type.agreementLevel === 'distance' && !type.scales)
    return byError(taskAgreement(type, config, tasks.flat(), EFFORT_ONCE));
  const rng = seededRng(seed);
  const values: number[] = [];
  for (let k = 0; k < resamples; k++) {
    const drawn = Array.from({ length: tasks.length }, (_, at) => {
      const task = tasks[Math.floor(rng.next() * tasks.length)] ?? [];
      return task.map((answer) => ({ ...answer, taskId: String(at) }));
    });
    const { alpha } = taskAgreement(type, config, drawn.flat(), EFFORT);
    if (alpha !== undefined) values.push(alpha);
  }
  if (values.length < resamples / 2) return undefined;
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.round(share * (values.length - 1))] ?? 0;
  return { low: at(0.025), high: at(0.975) };
}

const NORMAL_95 = 1.96;

function byError({ alpha, standardError }: Pick<TaskAgreement, 'alpha' | 'standardError'>) {
  if (alpha === undefined || standardError === undefined) return undefined;
  return { low: alpha - NORMAL_95 * standardError, high: Math.min(1, alpha + NORMAL_95 * standardError) };
}
