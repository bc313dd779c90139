/** A rank by item, 1 for the best; equal ranks are a tie, null is an item that was not ranked. */
export type Ranks = readonly (number | null)[];

/** How a ranking sees two items: -1, 0 or 1 for before, tied and behind; undefined where it does not compare them. */
function relation(ranks: Ranks, a: number, b: number): number | undefined {
  const [x, y] = [ranks[a] ?? null, ranks[b] ?? null];
  return x === null || y === null ? undefined : Math.sign(x - y);
}

/**
 * Kendall's distance for rankings with ties, as a share of the pairs of items that at least one of the two compares: a
 * pair in reverse is 1, a pair tied or not compared in one ranking alone is 1/2. 0 for equal rankings, 1 for a ranking
 * and its reverse; a metric among rankings of the same items.
 *
 * R. Fagin et al., "Comparing and aggregating rankings with ties" (PODS 2004), K with p = 1/2.
 */
export function rankingDistance(a: Ranks, b: Ranks): number {
  return shareApart(a, b, (x, y) => x !== undefined || y !== undefined);
}

/** As `rankingDistance`, of the pairs alone that a known ranking compares: what else an answer orders is not known. */
export function distanceFromKnown(answer: Ranks, known: Ranks): number {
  return shareApart(answer, known, (_, y) => y !== undefined);
}

function shareApart(a: Ranks, b: Ranks, counts: (x: number | undefined, y: number | undefined) => boolean): number {
  const k = Math.max(a.length, b.length);
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) {
      const [x, y] = [relation(a, i, j), relation(b, i, j)];
      if (!counts(x, y)) continue;
      pairs += 1;
      if (x !== y) sum += x === undefined || y === undefined ? 1 / 2 : Math.abs(x - y) / 2;
    }
  }
  return pairs === 0 ? 0 : sum / pairs;
}
