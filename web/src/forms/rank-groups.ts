/** Answers by their place in the task, best group first; several in one group are tied. What is in none is unranked. */
export type Groups = readonly (readonly number[])[];

const without = (groups: Groups, answer: number): number[][] =>
  groups.map((group) => group.filter((each) => each !== answer)).filter((group) => group.length > 0);

/** The group an answer is in, from 0; -1 where it is unranked. */
export function groupOf(groups: Groups, answer: number): number {
  return groups.findIndex((group) => group.includes(answer));
}

/** Puts an answer into a group of its own, before the one that is `before` now (or last). */
export function insertAt(groups: Groups, answer: number, before: number): Groups {
  const from = groupOf(groups, answer);
  // Leaving a group of its own moves all later groups up.
  const vanishes = from >= 0 && groups[from]?.length === 1;
  const rest = without(groups, answer);
  const at = Math.max(0, Math.min(rest.length, before - (vanishes && from < before ? 1 : 0)));
  return [...rest.slice(0, at), [answer], ...rest.slice(at)];
}

/** Ties an answer with those of a group. */
export function joinGroup(groups: Groups, answer: number, target: number): Groups {
  const others = groups[target]?.filter((each) => each !== answer) ?? [];
  if (others.length === 0) return groups;
  return groups
    .map((group, at) =>
      at === target ? [...others, answer].sort((a, b) => a - b) : group.filter((each) => each !== answer),
    )
    .filter((group) => group.length > 0);
}

export function takeOut(groups: Groups, answer: number): Groups {
  return without(groups, answer);
}

/** What a digit does: the answer gets this rank, tied with who has it where ties are allowed, else before them. */
export function setRank(groups: Groups, answer: number, rank: number, allowTies: boolean): Groups {
  const target = rank - 1;
  if (groups[target]?.includes(answer) && groups[target].length === 1) return groups;
  const rest = without(groups, answer);
  const taken = rest[target];
  if (taken === undefined) return [...rest, [answer]];
  if (!allowTies) return [...rest.slice(0, target), [answer], ...rest.slice(target)];
  return rest.map((group) => (group === taken ? [...taken, answer].sort((a, b) => a - b) : group));
}

/**
 * One step up (-1) or down (+1). Out of a tie it goes alone, from alone it passes the neighbour; what is unranked comes
 * in last going up.
 */
export function step(groups: Groups, answer: number, by: -1 | 1): Groups {
  const at = groupOf(groups, answer);
  if (at < 0) return by < 0 ? [...groups, [answer]] : groups;
  const tied = (groups[at]?.length ?? 0) > 1;
  if (tied) return insertAt(groups, answer, by < 0 ? at : at + 1);
  return insertAt(groups, answer, by < 0 ? Math.max(0, at - 1) : at + 2);
}

/** The ranks as the label has them: 1 for the best, null for what is unranked. */
export function ranksOf(groups: Groups, count: number): (number | null)[] {
  return Array.from({ length: count }, (_, answer) => {
    const at = groupOf(groups, answer);
    return at < 0 ? null : at + 1;
  });
}
