import { probabilityBelow } from './beta.ts';
import type { PeerAgreementRules } from './rules.ts';
import type { Signal } from './signal.ts';
import type { PeerDoubt } from './standing-state.ts';

/** An annotator's answer to a task beside those of the others. */
export interface SharedTask<Label> {
  readonly own: Label;
  /** One at least. */
  readonly peers: readonly Label[];
}

/** With how many other tasks each one is crossed to see how alike answers are by chance. */
const CROSSINGS = 10;

/**
 * Whether somebody agrees with the others hardly more than chance does, though the others agree with each other.
 * `similarity` is 0 to 1. Chance is how alike the annotator's answers are to the others' answers to *other* tasks, so it
 * follows everybody's label shares; the others' own agreement, on tasks with two of them, says what the tasks allow, so
 * that nobody is blamed for a task that is broken. Their agreement (leave-one-out, a task being one draw) must lie below
 * chance + share (peers - chance) with the asked certainty, by its Beta posterior from a uniform prior.
 */
export function lowPeerAgreement<Label>(
  tasks: readonly SharedTask<Label>[],
  similarity: (a: Label, b: Label) => number,
  rules: PeerAgreementRules,
): Signal | undefined {
  const n = tasks.length;
  if (n < Math.max(2, rules.minTasks)) return undefined;
  const toAll = (label: Label, peers: readonly Label[]) =>
    peers.reduce((sum, peer) => sum + similarity(label, peer), 0) / peers.length;
  const among = tasks.flatMap(({ peers }) => pairsOf(peers).map(([a, b]) => similarity(a, b)));
  if (among.length < rules.minTasks) return undefined;
  const peers = meanOf(among);
  const agreement = meanOf(tasks.map((task) => toAll(task.own, task.peers)));
  const crossed: number[] = [];
  for (let step = 1; step <= Math.min(CROSSINGS, n - 1); step++) {
    for (const [at, { own }] of tasks.entries()) crossed.push(toAll(own, tasks[(at + step) % n]?.peers ?? []));
  }
  const chance = meanOf(crossed);
  if (peers - chance < rules.minPeerExcess) return undefined;
  const asked = chance + rules.share * (peers - chance);
  const certainty = probabilityBelow(asked, agreement * n, n);
  if (certainty < rules.certainty) return undefined;
  const evidence = { tasks: n, agreement, chance, peers, asked, certainty };
  return { flag: 'low_peer_agreement', factor: rules.factor, evidence };
}

/** What an answer's signals say of how its annotator agrees with the others, where that is against them. */
export function peerDoubtOf(signals: readonly Signal[]): PeerDoubt | undefined {
  const found = signals.find(({ flag }) => flag === 'low_peer_agreement');
  if (!found) return undefined;
  const { tasks, agreement, chance, peers } = found.evidence;
  return { tasks: Number(tasks), agreement: Number(agreement), chance: Number(chance), peers: Number(peers) };
}

function pairsOf<T>(values: readonly T[]): [T, T][] {
  return values.flatMap((a, at) => values.slice(at + 1).map((b): [T, T] => [a, b]));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
