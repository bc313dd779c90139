// What may stand where: a value, a key or the end of an object, a colon, a comma or the end of what is open.
type Expected = 'value' | 'firstValue' | 'key' | 'firstKey' | 'colon' | 'comma';

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true(?!\w)|false(?!\w)|null(?!\w)/y;
// The class is every character from the space on but the quote and the backslash. Unrolled, so that a text of megabytes
// does not exhaust the matcher's stack.
const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"/y;

/**
 * Where a text stops being JSON: the position of the first character that cannot stand there, or the text's length
 * when it ends too early. The engine's own messages tell the place only sometimes.
 */
export function jsonErrorAt(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = skip(SPACE, text, 0);
  while (at < text.length) {
    const next = step(text, at, expected, open);
    if (next === undefined) return at;
    expected = next.expected;
    at = skip(SPACE, text, next.end);
    if (expected === 'comma' && open.length === 0) return at;
  }
  return at;
}

function step(
  text: string,
  at: number,
  expected: Expected,
  open: ('{' | '[')[],
): { end: number; expected: Expected } | undefined {
  const char = text[at];
  const closes = char === '}' ? '{' : char === ']' ? '[' : undefined;
  if (closes !== undefined) {
    const fits = closes === '{' ? 'firstKey' : 'firstValue';
    if (open.at(-1) !== closes || (expected !== 'comma' && expected !== fits)) return undefined;
    open.pop();
    return { end: at + 1, expected: 'comma' };
  }
  switch (expected) {
    case 'comma':
      if (char !== ',') return undefined;
      return { end: at + 1, expected: open.at(-1) === '{' ? 'key' : 'value' };
    case 'colon':
      return char === ':' ? { end: at + 1, expected: 'value' } : undefined;
    case 'key':
    case 'firstKey':
      return scalar(STRING, text, at, 'colon');
    case 'value':
    case 'firstValue':
      if (char === '{' || char === '[') {
        open.push(char);
        return { end: at + 1, expected: char === '{' ? 'firstKey' : 'firstValue' };
      }
      return scalar(char === '"' ? STRING : SCALAR, text, at, 'comma');
  }
}

function scalar(pattern: RegExp, text: string, at: number, expected: Expected) {
  const end = skip(pattern, text, at);
  return end > at ? { end, expected } : undefined;
}

/** The end of what the pattern matches at `at`; `at` itself where it does not match. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
