/** What one code point is tested by. */
export interface CharTest {
  /** Of each of the first 128 code points, whether it passes. */
  readonly ascii: Uint8Array;
  /** Of all others, which pass: all, none, one, or whatever an expression says, which takes much longer. */
  readonly beyond: boolean | number | RegExp;
}

const ASCII = 128;
/** A class or an escape of which only ASCII is spoken: all other code points are alike to it. */
const OF_ASCII = /^(?:\\[\x20-\x7e]|\[\^?(?:[\x20-\x5b\x5e-\x7e]|\\[dw\x21-\x2f\x5b-\x5e\x7b-\x7deftnrv0])*\])$/;
const WIDE = /^\\[spPSuxck]/;

/** The test of a character, an escape or a class as JavaScript has it with the flag u. Throws where it has none. */
export function charTest(text: string): CharTest {
  const expression = new RegExp(`^(?:${text})$`, 'u');
  const ascii = Uint8Array.from({ length: ASCII }, (_, point) => Number(expression.test(String.fromCharCode(point))));
  return { ascii, beyond: beyond(text, expression) };
}

function beyond(text: string, expression: RegExp): CharTest['beyond'] {
  const point = text.codePointAt(0) ?? 0;
  if (text.length === String.fromCodePoint(point).length && text !== '.') return point >= ASCII && point;
  // Of what only ASCII is spoken of, one stands for all.
  return OF_ASCII.test(text) && !WIDE.test(text) ? expression.test('\u00ff') : expression;
}
