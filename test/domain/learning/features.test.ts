import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyIdf, FEATURE_BUCKETS, fitIdf, hashFeatures } from '../../../domain/learning/features.ts';
import { rowNorms, type SparseMatrix } from '../../../domain/learning/sparse.ts';
import { tokenHashes } from '../../../domain/learning/tokens.ts';

const row = (matrix: SparseMatrix, i: number) => {
  const [from, to] = [matrix.indptr[i], matrix.indptr[i + 1]];
  return { indices: [...matrix.indices.slice(from, to)], values: [...matrix.values.slice(from, to)] };
};
const tfidf = (texts: string[]) => {
  const raw = hashFeatures(texts);
  return applyIdf(raw, fitIdf(raw));
};

describe('tokenHashes', () => {
  it('does not mind case, composed letters or punctuation', () => {
    expect(tokenHashes('Été, DÉJÀ vu!')).toEqual(tokenHashes('e\u0301te\u0301 de\u0301ja\u0300... vu'));
    expect(tokenHashes('Straße')).toHaveLength(1);
    expect(tokenHashes('пример 42 x_1')).toHaveLength(3);
    expect(tokenHashes(' ?!- \n')).toEqual([]);
  });

  it('takes letters of scripts without spaces, and emoji, one by one', () => {
    expect(tokenHashes('今日は')).toHaveLength(3);
    expect(tokenHashes('𠮷野家')).toHaveLength(3);
    expect(tokenHashes('good👍👍 day')).toHaveLength(4);
    expect(tokenHashes('\ud800 lone \udc00')).toHaveLength(1);
  });
});

describe('hashFeatures', () => {
  it('counts words and pairs, damped', () => {
    const { indices, values } = row(hashFeatures(['a b a b a']), 0);
    // a, b, ab, ba, and the two edges.
    expect(indices).toHaveLength(6);
    expect([...values].sort()).toEqual([1, 1, 2, 2, 2, 3].map((n) => Math.fround(1 + Math.log(n))));
  });

  it('knows the order of words', () => {
    expect(row(hashFeatures(['dog bites man']), 0)).not.toEqual(row(hashFeatures(['man bites dog']), 0));
  });

  it('gives ascending buckets and an empty row for a text without words', () => {
    const matrix = hashFeatures(['the quick brown fox jumps', '', '...', 'the end']);
    for (let i = 0; i < 4; i++) {
      const { indices } = row(matrix, i);
      expect(indices).toEqual([...indices].sort((x, y) => x - y));
      expect(indices.every((bucket) => bucket < FEATURE_BUCKETS)).toBe(true);
    }
    expect([...matrix.indptr.slice(1, 4)]).toEqual([10, 10, 10].map(() => matrix.indptr[1]));
    expect(hashFeatures([])).toMatchObject({ rows: 0, cols: FEATURE_BUCKETS });
  });

  it('reads the first 20,000 characters', () => {
    const long = 'ab '.repeat(7000);
    expect(row(hashFeatures([`${long} end`]), 0)).toEqual(row(hashFeatures([long]), 0));
  });

  it('reads any text, and each one by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (texts) => {
        const all = hashFeatures(texts);
        texts.forEach((text, i) => {
          expect(row(all, i)).toEqual(row(hashFeatures([text]), 0));
        });
      }),
    );
  });
});

describe('idf', () => {
  it('weights rare columns more, unless they occur once', () => {
    const raw = hashFeatures(['x', 'x y', 'x y', 'x z']);
    const idf = fitIdf(raw);
    // In "x x" the word occurs twice, each of the three pairs once.
    const of = (word: string) => {
      const { indices, values } = row(hashFeatures([`${word} ${word}`]), 0);
      return idf[indices[values.indexOf(Math.max(...values))] ?? 0];
    };
    expect(of('x')).toBeCloseTo(1, 6);
    expect(of('y')).toBeCloseTo(1 + Math.log(5 / 3), 6);
    expect(of('z')).toBeCloseTo((1 + Math.log(5 / 2)) / 4, 6);
  });

  it('scales rows to length one', () => {
    const norms = rowNorms(tfidf(['one two', '', 'three', 'two three four four']));
    expect(norms[1]).toBe(0);
    for (const i of [0, 2, 3]) expect(norms[i]).toBeCloseTo(1, 6);
  });

  it('wants weights of the right number', () => {
    expect(() => applyIdf(hashFeatures(['a']), new Float32Array(3))).toThrow('for 3 columns');
  });
});
