import { seededRng } from '../rng.ts';
import { type Ballot, order, orderedVotes, type VoteResult } from './weighted-vote.ts';

/** Sums that differ by less than this share of the total are equal. */
const TIE_TOLERANCE = 1e-12;

/** A label's path from the top, itself last: "a/b/c" has a, a/b and a/b/c. Without a separator only itself. */
export function pathOf(label: string, separator: string | undefined): string[] {
  if (separator === undefined) return [label];
  const names = label.split(separator);
  return names.map((_, at) => names.slice(0, at + 1).join(separator));
}

/**
 * Weighted vote down a tree: a vote for a label counts for all that lie above it too, and each step goes to the branch
 * with the most weight. Where no branch has more than half of all weight the vote stops at the present label, if it is
 * one of `selectable`: three that name different dogs agree on "dog". Confidence is the share of weight that names the
 * winner or something below it. Ties between branches are drawn by a hash of the sorted annotation ids.
 */
export function treeVote(
  ballots: readonly Ballot[],
  { separator, selectable }: { separator: string; selectable: ReadonlySet<string> },
): VoteResult {
  const ordered = orderedVotes(ballots, ({ choice }) => choice);
  const exact = new Map<string, number>();
  const below = new Map<string, number>();
  const children = new Map<string, Set<string>>();
  let total = 0;
  for (const { vote, weight } of ordered) {
    total += weight;
    exact.set(vote.choice, (exact.get(vote.choice) ?? 0) + weight);
    let parent = '';
    for (const node of pathOf(vote.choice, separator)) {
      below.set(node, (below.get(node) ?? 0) + weight);
      const known = children.get(parent);
      if (known) known.add(node);
      else children.set(parent, new Set([node]));
      parent = node;
    }
  }
  if (total === 0) return { winner: null, confidence: 0, distribution: {}, tie: false };

  const weightOf = (node: string) => below.get(node) ?? 0;
  const rng = seededRng(ordered.map(({ vote }) => vote.annotationId).join('\n'));
  let winner = '';
  let tie = false;
  for (;;) {
    const branches = [...(children.get(winner) ?? [])].sort(order);
    const most = Math.max(0, ...branches.map(weightOf));
    const stays = selectable.has(winner) && most <= (0.5 + TIE_TOLERANCE) * total;
    if (branches.length === 0 || stays) break;
    const best = branches.filter((node) => most - weightOf(node) <= TIE_TOLERANCE * total);
    if (best.length > 1) tie = true;
    winner = best[best.length > 1 ? rng.int(best.length) : 0] ?? '';
  }
  const shares = [...exact].sort(([a], [b]) => order(a, b)).map(([choice, sum]) => [choice, sum / total]);
  return {
    winner,
    confidence: Math.min(1, weightOf(winner) / total),
    distribution: Object.fromEntries(shares),
    tie,
  };
}
