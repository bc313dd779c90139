import { QuorateError } from '../domain/failures.ts';

const OPEN = 0x5b;
const CLOSE = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const ESCAPE = 0x5c;
const SPACES = [0x20, 0x09, 0x0a, 0x0d];

/**
 * The elements of a JSON array as they are written, one after the other: all of them at once, as objects, may take fifty times
 * the bytes. Throws where the text is no array; what an element is nobody has looked at.
 *
 * @param refusal what to throw where the array itself is not JSON
 */
export function* elementsOf(body: Uint8Array, refusal: () => Error): Generator<Uint8Array> {
  let at = spacesFrom(body, body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);
  if (body[at] !== OPEN) {
    throw new QuorateError('invalid_input', 'The body is not a JSON array of rows; send an array, NDJSON or CSV.');
  }
  at = spacesFrom(body, at + 1);
  if (body[at] !== CLOSE) {
    for (let isLast = false; !isLast; at += 1) {
      const end = endOf(body, at);
      isLast = body[end] !== COMMA;
      if (isLast && body[end] !== CLOSE) throw refusal();
      yield body.subarray(at, end);
      at = end;
    }
  } else at += 1;
  if (spacesFrom(body, at) < body.length) throw refusal();
}

function spacesFrom(body: Uint8Array, from: number): number {
  let at = from;
  while (SPACES.includes(body[at] ?? 0)) at += 1;
  return at;
}

/** The place of the comma or bracket that ends the element which begins here; the body's end where none does. */
function endOf(body: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < body.length; at++) {
    const byte = body[at] ?? 0;
    if (byte === QUOTE) {
      for (at += 1; at < body.length && body[at] !== QUOTE; at++) if (body[at] === ESCAPE) at += 1;
    } else if (byte === OPEN || byte === OPEN_OBJECT) depth += 1;
    else if (depth === 0 && (byte === COMMA || byte === CLOSE)) return at;
    else if (byte === CLOSE || byte === CLOSE_OBJECT) depth -= 1;
  }
  return body.length;
}
