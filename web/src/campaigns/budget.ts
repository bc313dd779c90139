import type { Campaign, Ok } from '../api/types';
import { numberOf } from '../forms/read';

/** A campaign's budget in full, with its limits. */
export type Budget = Ok<'/v1/campaigns/{id}/budget', 'get'>;

/** How many answers a task gets, and at most. */
export function answersOf({ settings }: Campaign): { readonly redundancy: number; readonly maxRedundancy: number } {
  const redundancy = numberOf(settings.redundancy, 1);
  return { redundancy, maxRedundancy: numberOf(settings.maxRedundancy, redundancy) };
}

/** How many items it has that are no golds: in the pool, or made into tasks. */
export function itemsOf({ counts }: Campaign): number {
  return counts.pool + counts.tasksOpen + counts.tasksDecided + counts.tasksUnresolved + counts.tasksCancelled;
}
