import { seededRng } from '../rng.ts';

/** Items have a random place in [0, this); see `items.shuffle`. */
const PLACES = 2 ** 31;

/** Which part of a pool is set aside to measure the model on. */
export interface SliceSettings {
  /** Of the items, and of the tasks. */
  readonly share: number;
  /** Most that its tasks may draw; by default the same share of the campaign's budget. */
  readonly budgetMicros?: string;
}

/**
 * The places [from, to) of the items that are set aside. Fixed before anything is labelled: what active choice leaves
 * over would be no random sample of the pool.
 */
export function sliceRange(seed: string, share: number): { readonly from: number; readonly to: number } {
  const width = Math.floor(PLACES * share);
  const from = seededRng(`${seed}:evaluation`).int(PLACES - width);
  return { from, to: from + width };
}

/** Items of a batch of `count` that go to the slice, so that it keeps its share of all work. */
export function sliceWanted(
  share: number,
  have: { readonly tasks: number; readonly inSlice: number },
  count: number,
): number {
  const due = Math.floor(share * (have.tasks + count)) - have.inSlice;
  return Math.max(0, Math.min(count, due));
}

/** `some` spread evenly among `others`: a batch that the budget cuts short keeps the share of both. */
export function interleaved<T>(others: readonly T[], some: readonly T[]): T[] {
  const mixed: T[] = [];
  let given = 0;
  others.forEach((each, at) => {
    while (given * others.length <= at * some.length && given < some.length) mixed.push(some[given++] as T);
    mixed.push(each);
  });
  return [...mixed, ...some.slice(given)];
}

/** Settled items that a model is not measured on, as people said nothing that it could say. */
export interface LeftOut {
  /** People came to no end of it. */
  readonly unresolved: number;
  /** Between two answers. */
  readonly ties: number;
  /** Several classes, or none. */
  readonly severalOrNone: number;
}

/** How often a model is right on items it never learns from. */
export interface HeldOut {
  /** The random slice of the pool, or gold, which need not be like it. */
  readonly on: 'slice' | 'gold';
  readonly accuracy: number;
  /** Its 95% interval. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly leftOut: LeftOut;
}

export function leftOutCount({ unresolved, ties, severalOrNone }: LeftOut): number {
  return unresolved + ties + severalOrNone;
}
