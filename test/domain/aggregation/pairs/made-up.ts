import { type NamedPairVotes, type PairRow, toPairVotes } from '../../../../domain/aggregation/pairs/pair-votes.ts';
import { seededRng } from '../../../../domain/rng.ts';

/** Comparisons as text: "a>b" by w0, "a>b:w" by w, "a=b" a tie; what stands first was shown left. */
export function votesOf(...said: readonly string[]): NamedPairVotes {
  return toPairVotes(said.map(rowOf));
}

export function rowOf(said: string): PairRow {
  const [, left = '', sign = '', right = '', worker = 'w0'] = /^(\w+)([<>=])(\w+)(?::(\w+))?$/.exec(said) ?? [];
  return { left, right, worker, winner: { '>': left, '<': right, '=': 'tie' }[sign] ?? '?' };
}

/** What a worker does: the probability of looking, and of picking the left item when not. */
export interface Habit {
  readonly skill: number;
  readonly bias: number;
}

/** Random comparisons of items of known strengths; item and worker n are called `i<n>` and `w<n>`. */
export function madeUpVotes(strengths: readonly number[], workers: readonly Habit[], count: number, seed: number) {
  const rng = seededRng(seed);
  const rows: PairRow[] = [];
  for (let n = 0; n < count; n++) {
    const a = rng.int(strengths.length);
    const b = (a + 1 + rng.int(strengths.length - 1)) % strengths.length;
    const w = rng.int(workers.length);
    const { skill, bias } = workers[w] ?? { skill: 1, bias: 0.5 };
    const looks = rng.next() < skill;
    const chance = looks ? 1 / (1 + Math.exp((strengths[b] ?? 0) - (strengths[a] ?? 0))) : bias;
    rows.push({ left: `i${a}`, right: `i${b}`, worker: `w${w}`, winner: rng.next() < chance ? `i${a}` : `i${b}` });
  }
  return toPairVotes(rows);
}
