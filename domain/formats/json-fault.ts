const SPACE = /[ \t\n\r]*/y;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string.
const CHARACTERS = /[^"\\\u0000-\u001f]*/y;

export interface JsonFault {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** What was met and what belongs there. */
  readonly reason: string;
  /** Whether the text ends too early. */
  readonly isEnd: boolean;
}

/**
 * Where a text stops being JSON; undefined when it is JSON. `JSON.parse` names the place only for some faults, and
 * differently in each version of Node.
 */
export function jsonFault(text: string): JsonFault | undefined {
  const closers: string[] = [];
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found !== null;
  };
  const fault = (wanted: string): JsonFault => {
    const before = text.slice(0, at);
    const line = before.split('\n').length;
    const isEnd = at >= text.length;
    const met = isEnd ? 'the text ends' : `found ${JSON.stringify([...text.slice(at, at + 2)][0])}`;
    return { line, column: at - before.lastIndexOf('\n'), reason: `${met} where ${wanted} belongs`, isEnd };
  };

  const quoted = (): string | undefined => {
    at += 1;
    for (;;) {
      skip(CHARACTERS);
      if (text[at] === '"') {
        at += 1;
        return undefined;
      }
      if (text[at] !== '\\') return 'a closing quote (or an escape such as \\n)';
      if (!skip(ESCAPE)) return 'an escape such as \\n or \\u00e9';
    }
  };

  /** A key and its colon, in an object. */
  const key = (): string | undefined => {
    skip(SPACE);
    if (text[at] !== '"') return 'a key in double quotes';
    const missing = quoted();
    if (missing) return missing;
    skip(SPACE);
    if (text[at] !== ':') return 'a colon';
    at += 1;
    return undefined;
  };

  for (;;) {
    skip(SPACE);
    const opener = text[at];
    if (opener === '{' || opener === '[') {
      at += 1;
      skip(SPACE);
      const closer = opener === '{' ? '}' : ']';
      if (text[at] !== closer) {
        closers.push(closer);
        const missing = closer === '}' ? key() : undefined;
        if (missing) return fault(missing);
        continue;
      }
      at += 1;
    } else if (opener === '"') {
      const missing = quoted();
      if (missing) return fault(missing);
    } else if (!skip(PLAIN)) return fault('a value');
    // The value is complete: close what it closes, or go on to its neighbour.
    for (;;) {
      skip(SPACE);
      const closer = closers.at(-1);
      if (closer === undefined) return at < text.length ? fault('the end') : undefined;
      if (text[at] === ',') break;
      if (text[at] !== closer) return fault(`a comma or "${closer}"`);
      at += 1;
      closers.pop();
    }
    at += 1;
    const missing = closers.at(-1) === '}' ? key() : undefined;
    if (missing) return fault(missing);
  }
}
