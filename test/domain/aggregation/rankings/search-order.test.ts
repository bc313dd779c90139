import { expect, it } from 'vitest';
import { costOf, pairTable } from '../../../../domain/aggregation/rankings/ballots.ts';
import { exactOrder } from '../../../../domain/aggregation/rankings/exact-order.ts';
import { searchOrder } from '../../../../domain/aggregation/rankings/search-order.ts';
import { seededRng } from '../../../../domain/rng.ts';

it('is near the best order, and mostly that order, where that is known', () => {
  const rng = seededRng(11);
  const items = Array.from({ length: 8 }, (_, item) => item);
  let best = 0;
  for (let trial = 0; trial < 100; trial++) {
    const rankings = Array.from({ length: 3 + rng.int(6) }, () => {
      return { ranks: rng.shuffle(items).map((place) => Math.floor(place / (1 + (trial % 2)))), weight: 1 };
    });
    const table = pairTable(rankings, items.length);
    const found = costOf(searchOrder(items, table), table).distance;
    const least = costOf(exactOrder(items, table), table).distance;
    expect(found).toBeGreaterThan(least - 1e-9);
    if (found < least + 1e-9) best++;
    expect(found / least).toBeLessThan(1.05);
  }
  expect(best).toBeGreaterThan(80);
});
