/** A rank by item, 1 for the best; equal ranks are a tie, null is an item that was not ranked. */
export type Ranks = readonly (number | null)[];

/** How a ranking sees two items: -1, 0 or 1 for before, tied and behind; undefined where it does not compare them. */
function relation(ranks: Ranks, a: number, b: number): number | undefined {
  const [x, y] = [ranks[a] ?? null, ranks[b] ?? null];
  return x === null || y === null ? undefined : Math.sign(x - y);
}

/**
 * Kendall's distance for rankings with ties, as a share of all pairs of items: a pair in reverse is 1, a pair tied or
 * not compared in one ranking alone is 1/2. A metric, 0 for equal rankings, 1 for a full ranking and its reverse.
 *
 * R. Fagin et al., "Comparing and aggregating rankings with ties" (PODS 2004), K with p = 1/2.
 */
export function rankingDistance(a: Ranks, b: Ranks): number {
  const k = Math.max(a.length, b.length);
  let sum = 0;
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) {
      const [x, y] = [relation(a, i, j), relation(b, i, j)];
      if (x === y) continue;
      sum += x === undefined || y === undefined ? 1 / 2 : Math.abs(x - y) / 2;
    }
  }
  return k < 2 ? 0 : sum / ((k * (k - 1)) / 2);
}
