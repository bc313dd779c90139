/** What a character is to the word finder. */
const UNKNOWN = 0;
const GAP = 1;
const WORD = 2;
/** A token by itself: an emoji, or a letter of a script that puts no spaces between words. */
const ALONE = 3;

const wordCharacter = /[\p{L}\p{M}\p{N}_]/u;
const aloneCharacter =
  /[\p{Extended_Pictographic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Kinds of code points, filled as they are met: the regular expressions run once a character, not once an occurrence. */
const kinds = new Uint8Array(0x110000);

function kindOf(codePoint: number): number {
  const known = kinds[codePoint] as number;
  if (known !== UNKNOWN) return known;
  const character = String.fromCodePoint(codePoint);
  // Digits, # and * count as pictographic in Unicode because of keycaps; they are ordinary text here.
  const alone = codePoint > 0x7f && aloneCharacter.test(character);
  const kind = alone ? ALONE : wordCharacter.test(character) ? WORD : GAP;
  kinds[codePoint] = kind;
  return kind;
}

const HASH_START = 0x811c9dc5;

/**
 * Hashes of the tokens of `text`, in order (FNV-1a over code points): words of letters, marks, digits and
 * underscores in lower case; emoji and letters of scripts without spaces each by themselves, so that the pairs of
 * neighbours that the features add stand in for their words. Composed and decomposed forms of a letter are alike.
 */
export function tokenHashes(text: string): number[] {
  const tokens: number[] = [];
  const normal = text.toLowerCase().normalize('NFC');
  let hash = HASH_START;
  let inWord = false;
  for (let i = 0; i < normal.length; i++) {
    let code = normal.charCodeAt(i);
    if (code >= 0xd800 && code < 0xe000) {
      code = normal.codePointAt(i) as number;
      if (code > 0xffff) i++;
    }
    const kind = kindOf(code);
    if (kind === WORD) {
      hash = Math.imul(hash ^ code, 0x01000193);
      inWord = true;
      continue;
    }
    if (inWord) tokens.push(hash);
    if (kind === ALONE) tokens.push(Math.imul(HASH_START ^ code, 0x01000193));
    hash = HASH_START;
    inWord = false;
  }
  if (inWord) tokens.push(hash);
  return tokens;
}

/** Spreads the bits of a hash (the finalizer of MurmurHash3), so that its low bits can serve as a bucket. */
export function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
