/**
 * Answers by their place in the task, best group first; several in one group are tied. What is in none is unranked. A rank
 * that was passed over, as by who types 3 before 1 and 2, is an empty group; the last one never is.
 */
export type Groups = readonly (readonly number[])[];

/** With the answer's place left empty. */
const lifted = (groups: Groups, answer: number): number[][] =>
  groups.map((group) => group.filter((each) => each !== answer));

/** With an answer that is in none added to a group. */
const added = (groups: Groups, answer: number, target: number): Groups =>
  groups.map((group, at) => (at === target ? [...group, answer].sort((a, b) => a - b) : group));

const trimmed = (groups: Groups): Groups => groups.slice(0, groups.findLastIndex(({ length }) => length > 0) + 1);

/** The same order with ranks that leave no number out. */
export const dense = (groups: Groups): Groups => groups.filter(({ length }) => length > 0);

/** The group an answer is in, from 0; -1 where it is unranked. */
export function groupOf(groups: Groups, answer: number): number {
  return groups.findIndex((group) => group.includes(answer));
}

/** Puts an answer into a group of its own, before the one that is `before` now (or last). */
export function insertAt(groups: Groups, answer: number, before: number): Groups {
  const rest = lifted(groups, answer);
  return dense([...rest.slice(0, before), [answer], ...rest.slice(before)]);
}

/** Ties an answer with those of a group. */
export function joinGroup(groups: Groups, answer: number, target: number): Groups {
  const rest = lifted(groups, answer);
  return rest[target]?.length ? dense(added(rest, answer, target)) : groups;
}

export function takeOut(groups: Groups, answer: number): Groups {
  return trimmed(lifted(groups, answer));
}

/**
 * What a digit does: the answer gets this rank of so many (`count`), tied with who has it where ties are allowed; else
 * they make room, into the nearest rank that is free.
 */
export function setRank(
  groups: Groups,
  answer: number,
  rank: number,
  { count, allowTies }: { readonly count: number; readonly allowTies: boolean },
): Groups {
  const target = rank - 1;
  const rest = lifted(groups, answer);
  const ranks = Array.from({ length: count }, (_, at) => rest[at] ?? []);
  if (allowTies || !ranks[target]?.length) return trimmed(added(ranks, answer, target));
  const isFree = (group: readonly number[], at: number) => at !== target && group.length === 0;
  const later = ranks.findIndex((group, at) => at > target && isFree(group, at));
  const free = later >= 0 ? later : ranks.findLastIndex(isFree);
  const others = ranks.filter((_, at) => at !== free);
  return trimmed([...others.slice(0, target), [answer], ...others.slice(target)]);
}

/**
 * One step up (-1) or down (+1). Out of a tie it goes alone, from alone it passes the neighbour; what is unranked comes
 * in last going up.
 */
export function step(typed: Groups, answer: number, by: -1 | 1): Groups {
  const groups = dense(typed);
  const at = groupOf(groups, answer);
  if (at < 0) return by < 0 ? [...groups, [answer]] : groups;
  const tied = (groups[at]?.length ?? 0) > 1;
  if (tied) return insertAt(groups, answer, by < 0 ? at : at + 1);
  return insertAt(groups, answer, by < 0 ? Math.max(0, at - 1) : at + 2);
}

/** The ranks as the label has them: 1 for the best, null for what is unranked. */
export function ranksOf(groups: Groups, count: number): (number | null)[] {
  const ranks = dense(groups);
  return Array.from({ length: count }, (_, answer) => {
    const at = groupOf(ranks, answer);
    return at < 0 ? null : at + 1;
  });
}
