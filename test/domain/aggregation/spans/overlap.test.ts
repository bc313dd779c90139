import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Span, spanDistance, stretches } from '../../../../domain/aggregation/spans/overlap.ts';

const spans: fc.Arbitrary<Span[]> = fc.array(
  fc
    .tuple(fc.nat(15), fc.integer({ min: 1, max: 6 }), fc.constantFrom('A', 'B'))
    .map(([start, size, label]) => ({ start, end: start + size, label })),
  { maxLength: 5 },
);

/** Code points and joints of each label, once for each span that covers them. */
function covered(list: readonly Span[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { start, end, label } of list) {
    for (let at = 2 * start; at < 2 * end - 1; at++)
      counts.set(`${label} ${at}`, (counts.get(`${label} ${at}`) ?? 0) + 1);
  }
  return counts;
}

it('the distance counts what both and what either cover', () => {
  fc.assert(
    fc.property(spans, spans, spans, (a, b, c) => {
      const [left, right] = [covered(a), covered(b)];
      let [both, either] = [0, 0];
      for (const key of new Set([...left.keys(), ...right.keys()])) {
        both += Math.min(left.get(key) ?? 0, right.get(key) ?? 0);
        either += Math.max(left.get(key) ?? 0, right.get(key) ?? 0);
      }
      expect(spanDistance(a, b)).toBeCloseTo(either === 0 ? 0 : 1 - both / either, 12);
      expect(spanDistance(a, b)).toBe(spanDistance(b, a));
      expect(spanDistance(a, c)).toBeLessThanOrEqual(spanDistance(a, b) + spanDistance(b, c) + 1e-12);
    }),
  );
});

it('stretches are where spans cover once, twice and so on', () => {
  expect(
    stretches([
      { start: 0, end: 9 },
      { start: 2, end: 4 },
      { start: 4, end: 6 },
    ]),
  ).toEqual([
    { level: 2, start: 2, end: 4 },
    { level: 2, start: 4, end: 6 },
    { level: 1, start: 0, end: 9 },
  ]);
  fc.assert(
    fc.property(spans, (list) => {
      const one = list.map((each) => ({ ...each, label: 'A' }));
      const layered = stretches(one).map(({ start, end }) => ({ start, end, label: 'A' }));
      expect([...covered(layered)].sort()).toEqual([...covered(one)].sort());
    }),
  );
});
