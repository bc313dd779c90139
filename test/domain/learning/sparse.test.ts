import { describe, expect, it } from 'vitest';
import { differences, rowNorms, selectRows } from '../../../domain/learning/sparse.ts';
import { denseRow, sparse } from './matrices.ts';

const a = sparse([
  [1, 0, 2, 0],
  [0, 0, 0, 0],
  [3, 4, 0, 0],
]);
const b = sparse([
  [1, 5, 0, 0],
  [0, 0, 0, 7],
  [3, 4, 0, 0],
]);

describe('selectRows', () => {
  it('takes rows in the given order, also twice', () => {
    const taken = selectRows(a, [2, 0, 2, 1]);
    expect([0, 1, 2, 3].map((row) => denseRow(taken, row))).toEqual([2, 0, 2, 1].map((row) => denseRow(a, row)));
  });

  it('names a row that is not there', () => {
    expect(() => selectRows(a, [0, 3])).toThrow('There is no row 3: the matrix has 3 rows.');
  });
});

describe('differences', () => {
  it('subtracts row by row and leaves out what is equal', () => {
    const difference = differences(a, b);
    expect(denseRow(difference, 0)).toEqual([0, -5, 2, 0]);
    expect(denseRow(difference, 1)).toEqual([0, 0, 0, -7]);
    expect([...difference.indptr]).toEqual([0, 2, 3, 3]);
    expect([...difference.indices]).toEqual([1, 2, 3]);
  });

  it('wants one shape', () => {
    expect(() => differences(a, selectRows(b, [0]))).toThrow('not 3 x 4 and 1 x 4');
  });
});

it('measures rows', () => {
  expect([...rowNorms(a)]).toEqual([Math.sqrt(5), 0, 5]);
});
