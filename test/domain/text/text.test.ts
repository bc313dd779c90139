import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codePointLength, codePointSlicer, codePointsOf } from '../../../domain/text/code-points.ts';
import { editDistance } from '../../../domain/text/edit-distance.ts';
import { textDistance } from '../../../domain/text/text-distance.ts';
import { isInsideWord, nearestWordEdge, wordMask } from '../../../domain/text/words.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('code points', () => {
  it('are counted, listed and cut as JavaScript iterates over them, lone surrogates and all', () => {
    const halves = fc.constantFrom('\ud800', '\udc00', 'a', '👍', 'é');
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.array(halves).map((each) => each.join('')),
        ),
        fc.nat(),
        fc.nat(),
        (text, a, b) => {
          const characters = Array.from(text);
          expect(codePointLength(text)).toBe(characters.length);
          expect([...codePointsOf(text)]).toEqual(characters.map((each) => each.codePointAt(0)));
          const [start, end] = [a % (characters.length + 1), b % (characters.length + 1)].sort((x, y) => x - y);
          expect(codePointSlicer(text)(start ?? 0, end ?? 0)).toBe(characters.slice(start, end).join(''));
        },
      ),
    );
  });
});

/** The textbook's table. */
function slowDistance(a: readonly number[], b: readonly number[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, x] of a.entries()) {
    const next = [i + 1];
    for (const [j, y] of b.entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (x === y ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

describe('edit distance', () => {
  it('is that of the textbook, over several blocks of 32 too', () => {
    const list = fc.array(fc.nat(3), { maxLength: 120 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(editDistance(a, b)).toBe(slowDistance(a, b));
      }),
      { numRuns: 300 },
    );
  });
});

describe('text distance', () => {
  it('is the normalised edit distance of Yujian and Bo', () => {
    // kitten to sitting: 3 edits on 6 and 7 letters.
    expect(textDistance('kitten', 'sitting')).toBeCloseTo(6 / 16, 12);
    expect(textDistance('', 'abc')).toBe(1);
    expect(textDistance('👍', 'b')).toBeCloseTo(2 / 3, 12);
  });

  it('is a metric on short texts', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '👍'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(textDistance(a, b)).toBe(textDistance(b, a));
        expect(textDistance(a, b) === 0).toBe(a === b);
        expect(textDistance(a, c)).toBeLessThanOrEqual(textDistance(a, b) + textDistance(b, c) + 1e-12);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, number]>([
    ['words', 400],
    ['many words', 15_000],
  ])('compares long texts by %s, the more the more of them differ', (_, count) => {
    const words = Array.from({ length: count }, (_, at) => `w${at % 997}`);
    const changed = (share: number) => words.map((word, at) => (at % 100 < 100 * share ? `x${word}` : word)).join(' ');
    const distances = [0, 0.1, 0.5, 1].map((share) => textDistance(words.join(' '), changed(share)));
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    expect(distances[0]).toBe(0);
    expect(distances[1]).toBeLessThan(0.25);
    expect(distances[3]).toBeGreaterThan(0.6);
  });

  it('takes letters for words in scripts without spaces', () => {
    const text = '日本語の文章を比べる'.repeat(60);
    expect(textDistance(text, `${text.slice(0, -1)}つ`)).toBeLessThan(0.01);
  });
});

describe('word edges', () => {
  const at = (text: string) => wordMask(codePointsOf(text));

  it('lie between letters and blanks, in any script, marks belonging to their letters', () => {
    const mask = at('cafe\u0301 שלום!');
    expect([...mask]).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0]);
    expect([isInsideWord(mask, 4), isInsideWord(mask, 5), isInsideWord(mask, 0)]).toEqual([true, false, false]);
    expect(nearestWordEdge(mask, 5, { edge: 'start', reach: 2 })).toBe(6);
    expect(nearestWordEdge(mask, 5, { edge: 'end', reach: 2 })).toBe(5);
    expect(nearestWordEdge(mask, 3, { edge: 'end', reach: 1 })).toBeUndefined();
    expect(nearestWordEdge(mask, 11, { edge: 'end', reach: 2 })).toBe(10);
  });

  it('are everywhere, or nowhere, in scripts without spaces', () => {
    expect([...at('日本')]).toEqual([0, 0]);
  });
});
