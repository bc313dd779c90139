import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedCorrect, majority, majorityLabel } from '../../../domain/aggregation/majority.ts';

describe('majority', () => {
  it('counts every vote alike and reports ties', () => {
    expect(majority(['x', 'y', 'x'])).toMatchObject({ winners: ['x'], share: 2 / 3 });
    expect(majority(['b', 'a'])).toMatchObject({ winners: ['a', 'b'], share: 0.5 });
    expect(majority([])).toMatchObject({ winners: [], share: 0 });
    expect(majorityLabel([], 1)).toBeNull();
  });

  it('expects 1/k of a tie that holds the truth', () => {
    expect(expectedCorrect(majority(['x', 'x', 'y']), 'x')).toBe(1);
    expect(expectedCorrect(majority(['x', 'y']), 'x')).toBe(0.5);
    expect(expectedCorrect(majority(['x', 'y']), 'z')).toBe(0);
    expect(expectedCorrect(majority([]), 'z')).toBe(0);
  });

  it('draws ties so that the mean is the expected value, in any order of votes', () => {
    let first = 0;
    for (let seed = 0; seed < 2000; seed++) if (majorityLabel(['a', 'b'], seed) === 'a') first++;
    expect(Math.abs(first - 1000)).toBeLessThan(100);
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }), fc.integer(), (labels, seed) => {
        expect(majorityLabel([...labels].reverse(), seed)).toBe(majorityLabel(labels, seed));
        expect(majority(labels).winners).toContain(majorityLabel(labels, seed));
      }),
    );
  });
});
