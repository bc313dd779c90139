const wordCharacter = /[\p{L}\p{M}\p{N}_]/u;
/** Letters of scripts that put no spaces between words, as the inside of a character class: each stands by itself. */
export const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .join('');

const aloneCharacter = new RegExp(`[${UNSPACED}]`, 'u');

/** 1 for each code point that belongs to a word (letters, marks, digits, underscores) of a script with spaces. */
export function wordMask(points: Uint32Array): Uint8Array {
  const known = new Map<number, number>();
  return Uint8Array.from(points, (point) => {
    const before = known.get(point);
    if (before !== undefined) return before;
    const character = String.fromCodePoint(point);
    const isWord = wordCharacter.test(character) && !aloneCharacter.test(character) ? 1 : 0;
    known.set(point, isWord);
    return isWord;
  });
}

/** Whether the place before code point `at` lies between two code points of a word. */
export function isInsideWord(mask: Uint8Array, at: number): boolean {
  return at > 0 && at < mask.length && mask[at - 1] === 1 && mask[at] === 1;
}

/** The nearest place within `reach` where a word starts (or ends); undefined if there is none. Of two as near, the outer. */
export function nearestWordEdge(
  mask: Uint8Array,
  at: number,
  { edge, reach }: { edge: 'start' | 'end'; reach: number },
): number | undefined {
  const outward = edge === 'start' ? -1 : 1;
  for (let step = 0; step <= reach; step++) {
    for (const place of [at + outward * step, at - outward * step]) {
      const before = mask[place - 1] ?? 0;
      const after = mask[place] ?? 0;
      if (place >= 0 && place <= mask.length && before !== after && (after === 1) === (edge === 'start')) return place;
    }
  }
  return undefined;
}
