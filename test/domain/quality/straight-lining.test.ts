import { describe, expect, it } from 'vitest';
import { RULE_DEFAULTS } from '../../../domain/quality/rules.ts';
import { straightLining } from '../../../domain/quality/straight-lining.ts';
import { drawn, times } from './patterns.ts';

const rules = RULE_DEFAULTS.straightLining;
const run = (count: number, before: readonly string[] = []) => [...before, ...new Array<string>(count).fill('ham')];
const even = new Map([
  ['ham', 50],
  ['spam', 50],
]);
const mostlyHam = new Map([
  ['ham', 90],
  ['spam', 10],
]);

describe('straight-lining', () => {
  it('is the same answer far longer than the shares explain, with the numbers', () => {
    // 15 of 15 at a share of 51/102 for either label: (15 - 15 + 1) * 2 / 2^15.
    expect(straightLining(run(15), even, rules)).toEqual({
      flag: 'straight_lining',
      factor: 0.5,
      evidence: { run: 15, share: 0.5, chance: 2 / 2 ** 15 },
    });
  });

  it('counts a run of any label: whose label is not fixed beforehand', () => {
    const four = new Map(['ham', 'spam', 'news', 'other'].map((label) => [label, 25]));
    const found = straightLining(run(10), four, rules);
    expect(found?.evidence).toMatchObject({ run: 10, share: 26 / 102, chance: 4 * (26 / 102) ** 10 });
  });

  it('is not a run that most items deserve', () => {
    expect(straightLining(run(50), mostlyHam, rules)).toBeUndefined();
    expect(straightLining(new Array<string>(20).fill('spam'), mostlyHam, rules)?.flag).toBe('straight_lining');
  });

  it('ends with the run', () => {
    expect(straightLining([...run(30), 'spam'], even, rules)).toBeUndefined();
  });

  it('is never found in a few answers, nor without others to tell the shares', () => {
    expect(straightLining([], even, rules)).toBeUndefined();
    expect(straightLining(run(9), new Map([['spam', 500]]), rules)).toBeUndefined();
    expect(straightLining(run(50), new Map(), rules)).toBeUndefined();
    expect(straightLining(run(50), new Map([['spam', 29]]), rules)).toBeUndefined();
  });

  it('finds hardly anybody who answers by the shares, and everybody who does not look', () => {
    const weights = { ham: 70, spam: 30 };
    const others = new Map(Object.entries(weights));
    const honest = times(2000, (seed) => straightLining(drawn(seed, 50, weights), others, rules) !== undefined);
    expect(honest).toBeLessThanOrEqual(6);
    const blind = times(50, (seed) => straightLining(run(35, drawn(seed, 15, weights)), others, rules) !== undefined);
    expect(blind).toBe(50);
  });
});
