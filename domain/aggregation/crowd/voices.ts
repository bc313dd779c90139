import { type CorrelatedPair, correlatedPairs } from '../reliability/correlated-pairs.ts';
import { voiceWeights } from '../reliability/voice-weights.ts';
import type { Answers, KnownBeside } from './answers.ts';
import { pairCounts } from './pair-counts.ts';

export interface Voices {
  /** Annotators who are no two voices. */
  readonly correlated: readonly CorrelatedPair[];
  /** What each answer counts for it among its task's; nothing is said where all are independent. */
  readonly beside: Pick<KnownBeside, 'weights'>;
  /** The same of some answers to one task (places among the answers), among these alone. */
  readonly among: (places: ArrayLike<number>) => number[];
}

/** Nobody is known to be no voice of their own. */
export const ALL_INDEPENDENT: Voices = {
  correlated: [],
  beside: {},
  among: ({ length }) => new Array<number>(length).fill(1),
};

/** Which annotators are no two voices, and what their answers count. `known` is the right choice by task, or -1. */
export function voicesOf(answers: Answers, known?: Int32Array): Voices {
  const { worker, label, start, taskCount, workerCount } = answers;
  const { correlated } = correlatedPairs(pairCounts(answers, known), workerCount);
  if (correlated.length === 0) return ALL_INDEPENDENT;
  const byPair = new Map(correlated.map(({ a, b, correlation }) => [a * workerCount + b, correlation]));
  const correlationOf = (a: number, b: number) => byPair.get(Math.min(a, b) * workerCount + Math.max(a, b)) ?? 0;
  const among = (places: ArrayLike<number>) =>
    voiceWeights(places.length, (p, q) => {
      const [i, j] = [places[p] as number, places[q] as number];
      return label[i] === label[j] ? correlationOf(worker[i] as number, worker[j] as number) : 0;
    });
  const isOfPair = new Set(correlated.flatMap(({ a, b }) => [a, b]));
  const weights = new Float64Array(worker.length).fill(1);
  const all = Int32Array.from(worker.keys());
  for (let t = 0; t < taskCount; t++) {
    // All others count in full; a gold has an answer of everybody.
    const places = all.subarray(start[t], start[t + 1]).filter((i) => isOfPair.has(worker[i] as number));
    for (const [p, weight] of among(places).entries()) weights[places[p] as number] = weight;
  }
  return { correlated, beside: { weights }, among };
}
