import type { Ranks } from '../aggregation/rankings/ranking-distance.ts';
import { isObject, unknownField } from './fields.ts';
import { show } from './messages.ts';

/** Most answers that one task ranks. */
export const MAX_ANSWERS = 20;

/**
 * Reads ranks given as a list, as `{ranks}`, or from `{groups}`: lists of answers, best first. `count` is how many answers
 * there are, where that is known. A string says what is wrong.
 */
export function readRanks(value: unknown, count: number | undefined): (number | null)[] | string {
  if (isObject(value) && 'groups' in value && unknownField(value, ['groups']) === undefined) {
    return readGroups(value.groups, count);
  }
  const given = isObject(value) ? value.ranks : value;
  const field = isObject(value) ? 'label.ranks' : 'label';
  const unknown = isObject(value) ? unknownField(value, ['ranks']) : undefined;
  if (unknown !== undefined) return `label has the unknown field ${show(unknown)}; use either ranks or groups`;
  if (!Array.isArray(given)) return `${field}: ${show(given)} is not a list with a rank for each answer`;
  const list = given as unknown[];
  const k = count ?? list.length;
  if (list.length !== k || k < 2 || k > MAX_ANSWERS) {
    return `${field} has ${list.length} ranks; there must be ${count ?? `2 to ${MAX_ANSWERS}`}, one for each answer`;
  }
  const ranks: (number | null)[] = [];
  for (const [at, rank] of list.entries()) {
    if (rank !== null && !(typeof rank === 'number' && Number.isInteger(rank) && rank >= 1 && rank <= k)) {
      return `${field}[${at}]: ${show(rank)} is not a whole number from 1 to ${k}`;
    }
    ranks.push(rank);
  }
  return ranks;
}

function readGroups(value: unknown, count: number | undefined): (number | null)[] | string {
  const field = 'label.groups';
  if (!Array.isArray(value)) return `${field}: ${show(value)} is not a list of lists of answers, best first`;
  const most = (count ?? MAX_ANSWERS) - 1;
  const found = new Map<number, number>();
  for (const [at, group] of (value as unknown[]).entries()) {
    for (const answer of Array.isArray(group) ? (group as unknown[]) : [group]) {
      if (typeof answer !== 'number' || !Number.isInteger(answer) || answer < 0 || answer > most) {
        return `${field}[${at}]: ${show(answer)} is not the place of an answer, 0 to ${most}`;
      }
      if (found.has(answer)) return `${field}[${at}]: answer ${answer} is there twice`;
      found.set(answer, at + 1);
    }
  }
  const k = count ?? Math.max(-1, ...found.keys()) + 1;
  return Array.from({ length: k }, (_, answer) => found.get(answer) ?? null);
}

/** What a campaign does not allow about ranks that could be read, or undefined. */
export function ranksFault(
  ranks: Ranks,
  { allowTies, allowPartial }: { readonly allowTies: boolean; readonly allowPartial: boolean },
): string | undefined {
  const out = ranks.indexOf(null);
  if (!allowPartial && out >= 0)
    return `label leaves out answer ${out}; every answer must have a rank from 1 to ${ranks.length}`;
  const given = ranks.filter((rank) => rank !== null);
  if (given.length < 2) return `label ranks ${given.length} of ${ranks.length} answers; at least 2 must be ranked`;
  if (allowTies) return undefined;
  const second = ranks.findIndex((rank, at) => rank !== null && ranks.indexOf(rank) < at);
  if (second < 0) return undefined;
  const first = ranks.indexOf(ranks[second] ?? null);
  return `label: answers ${first} and ${second} share rank ${ranks[second]}, but this campaign does not allow ties`;
}

/** The same order with ranks that leave no number out. */
export function dense(ranks: Ranks): Ranks {
  const steps = [...new Set(ranks.filter((rank) => rank !== null))].sort((a, b) => a - b);
  return ranks.map((rank) => (rank === null ? null : steps.indexOf(rank) + 1));
}
