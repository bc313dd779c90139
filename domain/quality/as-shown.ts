import type { TaskTypeName } from '../tasks/task-type.ts';

/** An answer as its annotator saw it, with whatever order was drawn for them. */
export interface ShownAnswer {
  /** Equal for answers that are the same click, or the same text, on the page. */
  readonly key: string;
  /** Which of the things shown was preferred, from 0 for the first, and of how many; absent for ties and the like. */
  readonly place?: { readonly at: number; readonly of: number };
}

/**
 * What an annotator did on the page, from the label in stored order and the order they were shown (`presentation`, as
 * the task type's `present` drew it). Labels are in their types' normal forms; others give the canonical text alone.
 */
export function asShown(type: TaskTypeName, label: unknown, canonical: string, presentation: unknown): ShownAnswer {
  if (typeof presentation !== 'string') return { key: canonical };
  if (type === 'pairwise') return shownPair(label, canonical, presentation);
  if (type === 'preference_ranking') return shownRanking(label, canonical, presentation);
  return { key: canonical };
}

function shownPair(label: unknown, canonical: string, order: string): ShownAnswer {
  const choice = (label as { choice?: unknown } | null)?.choice;
  if (choice !== 'a' && choice !== 'b') return { key: canonical };
  const first = (choice === 'a') === (order === 'ab');
  return { key: first ? 'first' : 'second', place: { at: first ? 0 : 1, of: 2 } };
}

function shownRanking(label: unknown, canonical: string, presentation: string): ShownAnswer {
  const ranks = (label as { ranks?: unknown } | null)?.ranks;
  const order = presentation.split(',').map(Number);
  if (!Array.isArray(ranks) || ranks.length !== order.length) return { key: canonical };
  const shown = order.map((answer) => (ranks as (number | null)[])[answer] ?? null);
  const key = JSON.stringify(shown);
  const at = shown.indexOf(1);
  return at >= 0 && shown.lastIndexOf(1) === at ? { key, place: { at, of: shown.length } } : { key };
}
