import type { Answers, KnownBeside } from './answers.ts';
import type { Rows } from './pooled-rows.ts';
import type { WorkerLabels } from './worker-labels.ts';

interface Judged {
  readonly logPrior: Float64Array;
  readonly logAnswer: Float64Array;
  readonly beside: KnownBeside;
  /** Tasks x states, as counted in `rows`. */
  readonly states: Float64Array;
}

/**
 * Takes back what answers of those who are no two voices (weight below 1) made each other look right by: in `counts` such an
 * answer is judged by the task's other answers, and by what is known of it, alone; not at all where there is nothing else.
 */
export function judgeByOthers(
  { taskCount, labelCount, start, label }: Answers,
  { pair }: WorkerLabels,
  { logPrior, logAnswer, beside: { known, weights }, states }: Judged,
  { counts }: Rows,
): void {
  if (!weights) return;
  const stateCount = logPrior.length;
  const others = new Float64Array(stateCount);
  const isShared = (i: number) => (weights[i] as number) < 1;
  for (let t = 0; t < taskCount; t++) {
    const [from, to] = [start[t] as number, start[t + 1] as number];
    for (let i = from; i < to; i++) {
      if (!isShared(i)) continue;
      const right = known?.[t] ?? -1;
      const judges = sumOthers(i, from, to) + (right < 0 ? 0 : 1);
      normalise(right);
      const cell = (pair[i] as number) * stateCount;
      for (let s = 0; s < stateCount; s++) {
        const apart = judges > 0 ? (others[s] as number) : 0;
        counts[cell + s] = Math.max(0, (counts[cell + s] as number) + apart - (states[t * stateCount + s] as number));
      }
    }
  }

  /** Fills `others` with what all but the same voice say; how many these are. */
  function sumOthers(i: number, from: number, to: number): number {
    others.set(logPrior);
    let found = 0;
    for (let j = from; j < to; j++) {
      if (j === i || (isShared(j) && label[j] === label[i])) continue;
      found += 1;
      const cell = (pair[j] as number) * stateCount;
      const weight = weights?.[j] ?? 1;
      for (let s = 0; s < stateCount; s++) others[s] = (others[s] as number) + weight * (logAnswer[cell + s] as number);
    }
    return found;
  }

  function normalise(right: number): void {
    let most = -Infinity;
    for (let s = 0; s < stateCount; s++) {
      if (right >= 0 && Math.floor((s * labelCount) / stateCount) !== right) others[s] = -Infinity;
      most = Math.max(most, others[s] as number);
    }
    let sum = 0;
    for (let s = 0; s < stateCount; s++) sum += others[s] = Math.exp((others[s] as number) - most);
    for (let s = 0; s < stateCount; s++) others[s] = (others[s] as number) / sum;
  }
}
