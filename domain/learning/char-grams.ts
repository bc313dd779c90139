import { hashRows } from './hash-rows.ts';
import type { SparseMatrix } from './sparse.ts';

const SHORTEST = 2;
const LONGEST = 5;
const EDGE = 0x20;
const HASH_START = 0x51ed270b;

/**
 * Counts of the runs of 2 to 5 characters inside the words of each text (a word's edges count as a space), hashed and
 * damped as by `hashRows`. They see that "recommend" and "recommended" have to do with each other, and read scripts that
 * put no spaces between words.
 */
export function hashCharGrams(texts: readonly string[]): SparseMatrix {
  return hashRows(texts, (text, count) => {
    for (const word of text.toLowerCase().normalize('NFC').split(/\s+/u)) {
      if (word === '') continue;
      const length = word.length + 2;
      const at = (i: number) => (i === 0 || i === length - 1 ? EDGE : word.charCodeAt(i - 1));
      for (let start = 0; start < length - 1; start++) {
        let hash = HASH_START;
        for (let size = 1; size <= LONGEST && start + size <= length; size++) {
          hash = Math.imul(hash ^ at(start + size - 1), 0x01000193);
          if (size >= SHORTEST) count(hash ^ Math.imul(size, 0x9e3779b1));
        }
      }
    }
  });
}
