import type { Ratings } from '../../agreement/ratings.ts';
import { namesOf } from './answers.ts';

/** Probabilities that differ by no more than this are equal: EM on a symmetric crowd leaves rounding error between them. */
export const TIE_TOLERANCE = 1e-9;

/**
 * A number for a label of a task; among tied labels the one with the largest number is taken. It hashes the names of
 * task and label (their ids where the ratings carry no names) with the seed, so neither the order of the labels nor
 * that of the answers favours a label, and each tied label has the same chance.
 */
export function tieBreaker(ratings: Ratings, seed = 0): (task: number, label: number) => number {
  // Asked for at the first tie: to make names of very many tasks takes time.
  const names = namesOf(ratings);
  const seeded = fnv(OFFSET, `${seed}\n`);
  return (task, label) => {
    const ofTask = fnv(seeded, names.units?.[task] ?? String(task));
    return finish(fnv(fnv(ofTask, '\n'), names.values?.[label] ?? String(label)));
  };
}

/** 32 bits that look random, the same for the same text. */
export function hash(text: string): number {
  return finish(fnv(OFFSET, text));
}

const OFFSET = 0x811c9dc5;

/** FNV-1a over the text's code units, from the state `h`. */
function fnv(h: number, text: string): number {
  let state = h;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state;
}

/** The finaliser of MurmurHash3: FNV alone mixes its last characters poorly. */
function finish(state: number): number {
  let h = state;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
