import type { AnyTaskType } from '../tasks/task-type.ts';
import { betaCdf, binomialTail } from './beta.ts';

/** Which way an annotator's answers differ from the decisions of the same tasks, where they differ in one direction. */
export type Lean =
  /** They choose this so much more often than it was decided: a share of their answers, 0 to 1. */
  | { readonly kind: 'choice'; readonly towards: string; readonly excess: number }
  /** On this scale they score so much higher (lower where negative) on average, in its points. */
  | { readonly kind: 'scale'; readonly scale: string; readonly difference: number };

/** An answer and what its task was decided to be. */
export interface JudgedAnswer {
  readonly label: unknown;
  readonly decided: unknown;
}

const MIN_DIFFERING = 5;
const MOST_CHANCE = 0.05;

/**
 * The clearest lean of an annotator; undefined where what differs may be chance. For fixed choices: McNemar's exact
 * test (1947) of each choice, between answers that say it where another was decided and the reverse. For scales: Student's
 * t-test (1908) of the differences on each scale: scores that pile up at one end lie above the mean of their task more often
 * than below, without any lean. Both at 5%, corrected by Bonferroni for how many choices or scales there are. A task decided
 * by this very annotator hides a lean, never makes one.
 */
export function leanOf(type: AnyTaskType, config: unknown, answers: readonly JudgedAnswer[]): Lean | undefined {
  const choices = type.choices?.(config);
  if (choices) {
    const keys = new Map(choices.map(({ key, label }) => [type.canonical(label), key]));
    return byChoice(
      answers.map(({ label, decided }) => [keys.get(type.canonical(label)), keys.get(type.canonical(decided))]),
    );
  }
  return type.scales === undefined ? undefined : byScale(type, config, answers);
}

function byChoice(pairs: readonly (readonly [string | undefined, string | undefined])[]): Lean | undefined {
  const more = new Map<string, number>();
  const less = new Map<string, number>();
  const kinds = new Set<string>();
  for (const [given, decided] of pairs) {
    if (given === undefined || decided === undefined) continue;
    kinds.add(given).add(decided);
    if (given === decided) continue;
    more.set(given, (more.get(given) ?? 0) + 1);
    less.set(decided, (less.get(decided) ?? 0) + 1);
  }
  const leans = [...more].flatMap(([towards, above]) => {
    const below = less.get(towards) ?? 0;
    const excess = (above - below) / pairs.length;
    return isClear(above, below, kinds.size) && excess > 0 ? [{ kind: 'choice' as const, towards, excess }] : [];
  });
  return largest(leans, ({ excess }) => excess);
}

function byScale(type: AnyTaskType, config: unknown, answers: readonly JudgedAnswer[]): Lean | undefined {
  const differences = new Map<string, number[]>();
  for (const { label, decided } of answers) {
    const known = type.scales?.(decided, config) ?? {};
    for (const [scale, score] of Object.entries(type.scales?.(label, config) ?? {})) {
      const other = known[scale];
      if (other === undefined) continue;
      const so = differences.get(scale);
      if (so) so.push(score - other);
      else differences.set(scale, [score - other]);
    }
  }
  const leans = [...differences].flatMap(([scale, all]) => {
    const differing = all.filter((each) => each !== 0).length;
    const difference = all.reduce((sum, each) => sum + each, 0) / all.length;
    const isLean = differing >= MIN_DIFFERING && chanceOfMean(all) * differences.size <= MOST_CHANCE;
    return isLean ? [{ kind: 'scale' as const, scale, difference }] : [];
  });
  return largest(leans, ({ difference }) => Math.abs(difference));
}

/** How often a mean is at least so far from 0 by chance, by Student's t; of values that are all the same, never. */
function chanceOfMean(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, each) => sum + each, 0) / n;
  const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
  const t2 = (n * mean ** 2) / variance;
  return Number.isFinite(t2) ? betaCdf((n - 1) / (n - 1 + t2), (n - 1) / 2, 1 / 2) : mean === 0 ? 1 : 0;
}

/** The first of the largest. */
function largest<T>(all: readonly T[], sizeOf: (each: T) => number): T | undefined {
  return all.reduce<T | undefined>((most, each) => (most && sizeOf(most) >= sizeOf(each) ? most : each), undefined);
}

/** Whether a fair coin rarely falls so unevenly. */
function isClear(above: number, below: number, looked: number): boolean {
  const tosses = above + below;
  return tosses >= MIN_DIFFERING && 2 * binomialTail(Math.max(above, below), tosses, 0.5) * looked <= MOST_CHANCE;
}
