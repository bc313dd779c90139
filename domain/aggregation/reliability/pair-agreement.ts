import { type Rng, seededRng } from '../../rng.ts';

/** One task's answers by annotator number, the known one last. */
export type NumberedTask<Label> = readonly { readonly by: number; readonly label: Label }[];

/** How much two annotators agree beyond chance. */
export interface PairAgreement {
  readonly a: number;
  readonly b: number;
  /** Tasks both answered. */
  readonly count: number;
  /** How alike their labels would be by chance. */
  readonly chance: number;
  /** (agreement - chance) / (1 - chance). */
  readonly excess: number;
}

/** With how many other tasks each answer is crossed to see how alike labels are by chance. */
const CROSSINGS = 5;
/** Answers that are crossed at most. */
const MAX_CROSSED = 20_000;
/** Where there are too many pairs, so many answers of one task are compared with each other: a gold has everybody's. */
const MAX_COMPARED = 30;

/** By annotator, how alike their labels are to those of other tasks; tasks come in random order. */
export function crossed<Label>(
  tasks: readonly NumberedTask<Label>[],
  annotators: number,
  similarity: (a: Label, b: Label) => number,
): Float64Array {
  const [sum, count] = [new Float64Array(annotators), new Float64Array(annotators)];
  let answers = 0;
  for (const [at, task] of tasks.entries()) {
    if (answers > MAX_CROSSED) break;
    for (const { by, label } of task) {
      answers += 1;
      for (let step = 1; step <= Math.min(CROSSINGS, tasks.length - 1); step++) {
        const other = tasks[(at + step) % tasks.length] ?? [];
        const peer = other[(at + step + by) % other.length];
        if (!peer) continue;
        sum[by] = (sum[by] as number) + similarity(label, peer.label);
        count[by] = (count[by] as number) + 1;
      }
    }
  }
  const all = sum.reduce((total, each) => total + each, 0) / count.reduce((total, each) => total + each, 0);
  return sum.map((each, by) => (count[by] === 0 ? all : each / (count[by] as number)));
}

/**
 * The agreement of the pairs of annotators who share a task, and of each with the known answers (whose number is the last).
 * Where there are more than `maxPairs`, a random 30 of a task's answers are compared with each other; with the known one
 * all are.
 * Pairs whose labels are all alike say nothing and are left out.
 */
export function pairAgreement<Label>(
  tasks: readonly NumberedTask<Label>[],
  chance: Float64Array,
  { similarity, maxPairs }: { similarity: (a: Label, b: Label) => number; maxPairs: number },
): PairAgreement[] {
  const pairs = new Map<number, { a: number; b: number; count: number; alike: number }>();
  const rng = seededRng('pair agreement');
  const all = tasks.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
  const most = all > maxPairs ? MAX_COMPARED : Number.POSITIVE_INFINITY;
  let compared = 0;
  const compare = (first: NumberedTask<Label>[number], second: NumberedTask<Label>[number]) => {
    if (first.by === second.by) return;
    compared += 1;
    const key = first.by * chance.length + second.by;
    const pair = pairs.get(key) ?? { a: first.by, b: second.by, count: 0, alike: 0 };
    pair.count += 1;
    pair.alike += similarity(first.label, second.label);
    pairs.set(key, pair);
  };
  for (const task of tasks) {
    if (compared >= maxPairs) break;
    const last = task.at(-1);
    const known = last?.by === chance.length - 1 ? last : undefined;
    const answers = known ? task.slice(0, -1) : task;
    if (known) for (const answer of answers) compare(answer, known);
    const drawn = answers.length > most ? drawnOf(answers, most, rng) : answers;
    for (const [at, second] of drawn.entries()) for (const first of drawn.slice(0, at)) compare(first, second);
  }
  return [...pairs.values()].flatMap(({ a, b, count, alike }) => {
    const byChance = ((chance[a] as number) + (chance[b] as number)) / 2;
    return byChance > 1 - 1e-9
      ? []
      : [{ a, b, count, chance: byChance, excess: (alike / count - byChance) / (1 - byChance) }];
  });
}

/** Some of a task's answers, in the order of their annotators. */
function drawnOf<Label>(answers: NumberedTask<Label>, size: number, rng: Rng): NumberedTask<Label> {
  return rng
    .shuffle(answers)
    .slice(0, size)
    .sort((a, b) => a.by - b.by);
}
