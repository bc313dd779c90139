import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from '../../../domain/formats/json-fault.ts';

const parses = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('jsonFault', () => {
  it('agrees with JSON.parse on what is JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => jsonFault(text) === undefined));
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '\\u00e9',
      '1',
      '-',
      '.',
      'e',
      '0',
      'true',
      'nul',
      ' ',
      '\n',
      'a',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(jsonFault(text) === undefined).toBe(parses(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees when one character of a document is changed', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('"', ',', '}', 'x', '\n', '\\'), (text, where, put) => {
        const at = where % text.length;
        const changed = text.slice(0, at) + put + text.slice(at + 1);
        expect(jsonFault(changed) === undefined).toBe(parses(changed));
      }),
    );
  });

  it.each([
    ['{"a": x}', 1, 7, 'found "x" where a value belongs'],
    ['{"a": 1,\n "b" 2}', 2, 6, 'found "2" where a colon belongs'],
    ['{"a": 1,}', 1, 9, 'found "}" where a key in double quotes belongs'],
    ['[1 2]', 1, 4, 'found "2" where a comma or "]" belongs'],
    ['["a\nb"]', 1, 4, 'found "\\n" where a closing quote (or an escape such as \\n) belongs'],
    ['[1', 1, 3, 'the text ends where a comma or "]" belongs'],
    ['', 1, 1, 'the text ends where a value belongs'],
    ['1 1', 1, 3, 'found "1" where the end belongs'],
  ])('%j: line %d, column %d', (text, line, column, reason) => {
    expect(jsonFault(text)).toEqual({ line, column, reason, isEnd: reason.startsWith('the text ends') });
  });

  it('needs no deep stack, and no long time for a long string', () => {
    expect(jsonFault('['.repeat(200_000))).toMatchObject({ column: 200_001 });
    expect(jsonFault(`"${'a'.repeat(5_000_000)}`)).toMatchObject({ column: 5_000_002 });
  });
});
