import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../domain/text/pattern.ts';

const atom = fc.constantFrom(
  'a',
  'b',
  '.',
  '[ab]',
  '[^a]',
  '\\d',
  '\\w',
  '1',
  '\\p{L}',
  '👍',
  '^',
  '$',
  '\\x61',
  '\\.',
  'é',
  '\\W',
  '\\s',
  '[^\\d-]',
  '[\\W]',
  '[à-ü]',
  '[\\u{e0}-\\u{fc}]',
  '[^\\s.]',
);
const repeat = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}', '*?', '+?');
const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  pattern: fc
    .array(
      fc.array(tie('piece'), { maxLength: 3 }).map((pieces) => pieces.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((branches) => branches.join('|')),
  piece: fc.oneof(
    { maxDepth: 2 },
    // An edge cannot be repeated with flag u.
    fc.tuple(atom, repeat).map(([what, often]) => (what === '^' || what === '$' ? what : what + often)),
    fc
      .tuple(tie('pattern'), repeat, fc.boolean())
      .map(([inner, often, named]) => `(${named ? '?:' : ''}${inner})${often}`),
  ),
}));
const text = fc.string({
  unit: fc.constantFrom('a', 'b', '1', '.', '👍', '\n', 'é', '\u2028', '\u00a0'),
  maxLength: 7,
});

describe('patterns', () => {
  it('match what JavaScript matches', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
        const compiled = compilePattern(source);
        const engine = new RegExp(`^(?:${source})$`, 'u');
        for (const each of texts)
          expect([source, each, compiled.matches(each)]).toEqual([source, each, engine.test(each)]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['(a+)+b', '(a|a)*b', '(a|aa)+b', '([a-z]+)*b', '(.*)*b', '(a*)*b', '(a?){300}b'])(
    'take time in proportion to the text: %s',
    (source) => {
      // A backtracking engine needs some 2^30 steps for a fraction of this text.
      expect(compilePattern(source).matches('a'.repeat(5000))).toBe(false);
      expect(compilePattern(source).matches(`${'a'.repeat(300)}b`)).toBe(true);
    },
  );

  it.each<[string, string]>([
    ['(a', 'has a parenthesis that is not closed at position 2'],
    ['a)', 'has a closing parenthesis too many at position 1'],
    ['[a', 'has a class that is not closed at position 0'],
    ['a\\', 'ends in a lone backslash at position 1'],
    ['a**', 'repeats a repetition at position 2'],
    ['*a', 'is no regular expression: * cannot stand at position 0'],
    ['a{2,1}', 'repeats from more to fewer at position 6'],
    ['a{1001}', 'repeats more than 1000 times at position 7'],
    ['(?<=a)b', 'looks around or names a group, which is not allowed, at position 0'],
    ['(?<n>a)', 'looks around or names a group, which is not allowed, at position 0'],
    ['(a)\\1', 'refers back or looks for a word boundary, which is not allowed, at position 3'],
    ['\\ba', 'refers back or looks for a word boundary, which is not allowed, at position 0'],
    ['(a{500}){5}', 'comes to more than 2000 steps; shorten it'],
    ['((((){900}){900}){900}){900}', 'repeats too much; shorten it'],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, 'has groups more than 50 levels deep at position 51'],
  ])('refuse %s', (source, message) => expect(() => compilePattern(source)).toThrow(message));
});
