import type { Ranks } from '../aggregation/rankings/ranking-distance.ts';
import type { ModelTarget } from '../tasks/task-type.ts';

/** What a decided item teaches: how probable each class is (of rankings the rank of each answer, 0 for none), and how much that is worth. */
export interface SoftLabel {
  readonly shares: readonly number[];
  readonly weight: number;
}

/** How many classes a target has: its own, for pairs "b is better" and "a is better", where there are none to name 0. */
export function classCount(target: ModelTarget): number {
  if (target.kind === 'none' || target.kind === 'ranking') return 0;
  return target.kind === 'classes' ? target.classes.length : 2;
}

/** The classes by name, in the order of a model's probabilities. */
export function classNames(target: ModelTarget): readonly string[] {
  if (target.kind === 'classes') return target.classes;
  return target.kind === 'pair' ? ['b', 'a'] : [];
}

/**
 * The soft label of a decision: the share of weight that each class got from its annotators, or all for its value where
 * there is no distribution (an expert ruled), weighted by the decision's confidence. A tie between a pair teaches that both are as likely; undefined where nothing is taught.
 */
export function softLabel(
  target: ModelTarget,
  decided: {
    readonly distribution: Readonly<Record<string, number>>;
    readonly value: string | number | null;
    readonly confidence: number;
  },
): SoftLabel | undefined {
  const weight = Math.max(0.05, decided.confidence);
  const { distribution, value } = decided;
  if (value === null || target.kind === 'none') return undefined;
  if (target.kind === 'scalar') return { shares: [Number(value)], weight };
  if (target.kind === 'ranking') return { shares: ranksOf(String(value)).map((rank) => rank ?? 0), weight };
  if (target.kind === 'pair') {
    const a = (distribution.a ?? 0) + (distribution.tie ?? 0) / 2;
    const b = (distribution.b ?? 0) + (distribution.tie ?? 0) / 2;
    if (a + b === 0) return { shares: [1 - Number(value), Number(value)], weight };
    const share = a / (a + b);
    // The rest of the weight called neither better.
    return { shares: [1 - share, share], weight: weight * Math.min(1, a + b) };
  }
  const raw = target.classes.map((name) => distribution[name] ?? 0);
  const sum = raw.reduce((total, share) => total + share, 0);
  if (sum > 0) return { shares: raw.map((share) => share / sum), weight };
  return { shares: target.classes.map((name) => (name === value ? 1 : 0)), weight };
}

/** Ranks as a model's label for a ranking has them. */
export function ranksOf(text: string): Ranks {
  return JSON.parse(text) as Ranks;
}
