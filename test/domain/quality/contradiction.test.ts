import { expect, it } from 'vitest';
import { contradiction } from '../../../domain/quality/contradiction.ts';
import { RULE_DEFAULTS } from '../../../domain/quality/rules.ts';

const rules = RULE_DEFAULTS.contradiction;
const apart = (a: number, b: number) => Math.abs(a - b) / 4;

it('is a far answer to the same item, and names the earlier one', () => {
  expect(contradiction(5, { annotationId: 'n1', label: 1 }, apart, rules)).toEqual({
    flag: 'contradiction',
    factor: 0.7,
    evidence: { distance: 1, earlier: 'n1' },
  });
});

it('is not a near one, nor a first one', () => {
  expect(contradiction(2, { annotationId: 'n1', label: 1 }, apart, rules)).toBeUndefined();
  expect(contradiction(5, undefined, apart, rules)).toBeUndefined();
});
