import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatBytes, floatRows } from '../../../domain/learning/float-bytes.ts';
import { vectorRows } from '../../../domain/learning/item-rows.ts';
import { plainMath } from '../../../domain/learning/vector-math.ts';
import { fitVectorSpace, vectorFeatures } from '../../../domain/learning/vector-space.ts';
import { decodeVectorSpace, encodeVectorSpace } from '../../../domain/learning/vector-space-bytes.ts';
import { seededRng } from '../../../domain/rng.ts';

const rng = seededRng('vector rows');
const made = (rows: number, dims: number) => Float32Array.from({ length: rows * dims }, () => rng.normal());

describe('spaces of vectors as bytes', () => {
  it.each([3, 100, 101, 150])('come back as they were, with %d dimensions', (dims) => {
    const space = fitVectorSpace(made(130, dims), dims);
    expect(decodeVectorSpace(encodeVectorSpace(space))).toEqual(space);
  });

  it('are refused where they are cut short or something else', () => {
    const bytes = encodeVectorSpace(fitVectorSpace(made(10, 3), 3));
    for (const wrong of [bytes.slice(0, -1), bytes.slice(4), new Uint8Array(3)]) {
      expect(() => decodeVectorSpace(wrong)).toThrow('cannot be read');
    }
  });
});

describe('rows of vectors', () => {
  it('of pairs are the first less the second, for models and strategies alike', () => {
    const vectors = made(12, 120);
    const space = fitVectorSpace(made(200, 120), 120);
    const each = vectorRows(vectors, space);
    const pairs = vectorRows(vectors, space, { shows: 'two answers' });
    expect([each.matrix.rows, pairs.matrix.rows, pairs.matrix.cols]).toEqual([12, 6, 120]);
    for (let pair = 0; pair < 6; pair++) {
      for (const [of, width] of [
        [(rows: typeof each) => rows.dense, each.dims],
        [(rows: typeof each) => rows.matrix.values, 120],
      ] as const) {
        const at = (row: number) => of(each).slice(row * width, (row + 1) * width);
        const difference = at(2 * pair).map((value, d) => value - (at(2 * pair + 1)[d] ?? Number.NaN));
        expect([...of(pairs).slice(pair * width, (pair + 1) * width)]).toEqual([...difference]);
      }
    }
  });
});

describe('features of vectors', () => {
  it('are scored in memory that is asked for once, as it is never given back', () => {
    let asked = 0;
    const math = {
      ...plainMath,
      floats: (length: number) => {
        asked += length;
        return plainMath.floats(length);
      },
    };
    const vectors = made(40, 3);
    const features = vectorFeatures(vectors, fitVectorSpace(vectors, 3), math);
    const model = (weight: number) => ({
      ...{ cols: 3, outputs: 2, columns: Uint32Array.of(0, 1, 2) },
      ...{ weights: new Float32Array(6).fill(weight), intercept: Float32Array.of(0, weight) },
    });
    const scores = (weight: number) => features.scores?.(model(weight)) ?? new Float32Array();
    const first = scores(1);
    const once = asked;
    const kept = [...first];
    expect([...scores(0)].every((score) => score === 0)).toBe(true);
    expect([...scores(1)]).toEqual(kept);
    expect([...first]).toEqual(kept);
    expect([once > 0, asked]).toEqual([true, once]);
  });
});

describe('floats as bytes', () => {
  it('come back the same, wherever in memory they lie', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(float, { minLength: 1, maxLength: 20 }), (values) => {
        const held = new Uint8Array([0, ...floatBytes(values)]).subarray(1);
        expect([...floatRows([held, held], values.length)]).toEqual([...values, ...values]);
      }),
    );
    expect(() => floatRows([new Uint8Array(8)], 3)).toThrow('has 2 numbers');
  });
});
