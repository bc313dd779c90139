import type { TaskType } from '../tasks/task-type.ts';

export interface Answer<Label> {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly label: Label;
}

export interface ConfusedPair<Label> {
  readonly labels: readonly [Label, Label];
  /** Pairs of answers to the same task that differ in this way. */
  readonly count: number;
  /** Of all disagreeing pairs, weighed by how far apart their labels are. */
  readonly share: number;
  /** Tasks that show it, those with most such pairs first. */
  readonly taskIds: readonly string[];
}

const MAX_TASKS = 5;
/** Different labels that are told apart: with spans or texts nearly every answer is one. */
const MAX_LABELS = 2000;
const MAX_ANSWERS_OF_TASK = 50;
/** Pairs that are compared at least, however long their labels are. */
const MIN_DISTANCES = 100;

/**
 * Which labels annotators confuse with each other: pairs of differing answers to the same task, those that cost most
 * agreement first (count times distance). Of one task at most 50 answers are compared, and of all tasks as many as
 * `effort` allows: distances taken times the mean length of a label's text.
 */
export function confusedPairs<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  answers: readonly Answer<L>[],
  limit: number,
  effort = Number.POSITIVE_INFINITY,
): ConfusedPair<L>[] {
  const labels = new Map<string, L>();
  const byTask = new Map<string, string[]>();
  let length = 0;
  for (const { taskId, label } of answers) {
    const text = type.canonical(label);
    if (!labels.has(text)) {
      if (labels.size >= MAX_LABELS) continue;
      labels.set(text, label);
      length += text.length;
    }
    const given = byTask.get(taskId);
    if (!given) byTask.set(taskId, [text]);
    else if (given.length < MAX_ANSWERS_OF_TASK) given.push(text);
  }

  const compare = type.comparing?.(config) ?? { distance: (a: L, b: L) => type.distance(a, b, config) };
  const newPair = (left: L, right: L) => {
    distancesLeft -= 1;
    const distance = compare.distance(left, right);
    return { labels: [left, right] as [L, L], distance, count: 0, cost: 0, tasks: new Map<string, number>() };
  };
  const found = new Map<string, ReturnType<typeof newPair>>();
  let total = 0;
  let distancesLeft = Math.max(MIN_DISTANCES, (effort * labels.size) / Math.max(1, length));
  for (const [taskId, given] of byTask) {
    if (distancesLeft <= 0) break;
    for (const [a, b] of differing(given)) {
      const key = JSON.stringify([a, b]);
      const [left, right] = [labels.get(a) as L, labels.get(b) as L];
      const known = found.get(key) ?? newPair(left, right);
      const distance = known.distance;
      known.count += 1;
      known.cost += distance;
      total += distance;
      known.tasks.set(taskId, (known.tasks.get(taskId) ?? 0) + 1);
      found.set(key, known);
    }
  }
  return [...found]
    .sort(([a, x], [b, y]) => y.cost - x.cost || y.count - x.count || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([, { labels: pair, count, cost, tasks }]) => ({
      labels: pair,
      count,
      share: total === 0 ? 0 : cost / total,
      taskIds: [...tasks]
        .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
        .slice(0, MAX_TASKS)
        .map(([taskId]) => taskId),
    }));
}

function* differing(texts: readonly string[]): Generator<[string, string]> {
  for (const [at, a] of texts.entries()) {
    for (const b of texts.slice(0, at)) {
      if (a < b) yield [a, b];
      else if (b < a) yield [b, a];
    }
  }
}
