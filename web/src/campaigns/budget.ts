import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { Campaign, Ok } from '../api/types';
import { numberOf } from '../forms/read';

/** A campaign's budget in full, with its limits. */
export type Budget = Ok<'/v1/campaigns/{id}/budget', 'get'>;

/** That of a campaign, asked once for all panels that show some of it. */
export function useBudget({ id, state }: Campaign) {
  return useQuery({
    queryKey: ['campaign', id, 'budget'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/budget', { params: { path: { id } } })),
    refetchInterval: state === 'finished' || state === 'stopped' ? false : 10_000,
  });
}

/** How many answers a task gets, and at most. */
export function answersOf({ settings }: Campaign): { readonly redundancy: number; readonly maxRedundancy: number } {
  const redundancy = numberOf(settings.redundancy, 1);
  return { redundancy, maxRedundancy: numberOf(settings.maxRedundancy, redundancy) };
}

/** How many items it has that are no golds: in the pool, or made into tasks. */
export function itemsOf({ counts }: Campaign): number {
  return counts.pool + counts.tasksOpen + counts.tasksDecided + counts.tasksUnresolved + counts.tasksCancelled;
}
