import { knownColumn, type Mapping } from './mapping';
import type { Source } from './source';

/** A known answer that was given on the page, for the row at this place of the data. */
export interface KnownAnswer {
  readonly label: unknown;
  /** The task type's settings when it was given; under others it may not fit, and is not sent. */
  readonly settings: string;
}

export type Golds = ReadonlyMap<number, KnownAnswer>;

/** The known answer of a row under these settings; undefined where there is none, or one of other settings. */
export function knownAt(golds: Golds, row: number, config: unknown): KnownAnswer | undefined {
  const known = golds.get(row);
  return known?.settings === JSON.stringify(config) ? known : undefined;
}

/** With this answer for the row; null takes it away. */
export function withGold(golds: Golds, row: number, answer: { label: unknown; config: unknown } | null): Golds {
  const next = new Map(golds);
  if (answer === null) next.delete(row);
  else next.set(row, { label: answer.label, settings: JSON.stringify(answer.config) });
  return next;
}

/** How many rows have a known answer that counts, and how many one that was given under other settings. */
export function countGolds(golds: Golds, config: unknown): { readonly known: number; readonly stale: number } {
  const known = [...golds.keys()].filter((row) => knownAt(golds, row, config)).length;
  return { known, stale: golds.size - known };
}

/** How many rows become golds: those with a known answer from the page or the file. */
export function goldRows(source: Source | null, mapping: Mapping, golds: Golds, config: unknown): number {
  const isKnown = knownColumn(mapping);
  return (source?.rows ?? []).filter((row, at) => isKnown(row) || knownAt(golds, at, config) !== undefined).length;
}
