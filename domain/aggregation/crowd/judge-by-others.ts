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
 * answer is judged by itself, by what is known of its task, and by the task's other answers without those of the same
 * voice. Itself it counts by its weight, or in full where there is nothing else: without it skills come out nearer to
 * chance; in full, many golds are needed to tell the better of two voices.
 */
export function judgeByOthers(
  { taskCount, labelCount, start, label }: Answers,
  { pair }: WorkerLabels,
  { logPrior, logAnswer, beside: { known, weights }, states }: Judged,
  { counts }: Rows,
): void {
  if (!weights) return;
  const stateCount = logPrior.length;
  const [all, judges] = [new Float64Array(stateCount), new Float64Array(stateCount)];
  /** Labels x states: what the shared answers of a label say, of one task. */
  const shared = new Float64Array(labelCount * stateCount);
  const sharers = new Int32Array(labelCount);
  const isShared = (i: number) => (weights[i] as number) < 1;
  for (let t = 0; t < taskCount; t++) {
    const [from, to] = [start[t] as number, start[t + 1] as number];
    if (!sumAnswers(from, to)) continue;
    for (let i = from; i < to; i++) {
      if (!isShared(i)) continue;
      const right = known?.[t] ?? -1;
      const isAlone = right < 0 && sharers[label[i] as number] === to - from;
      const weight = isAlone ? 1 : (weights[i] as number);
      const [own, cell] = [(label[i] as number) * stateCount, (pair[i] as number) * stateCount];
      for (let s = 0; s < stateCount; s++) {
        judges[s] = (all[s] as number) - (shared[own + s] as number) + weight * (logAnswer[cell + s] as number);
      }
      normalise(right);
      for (let s = 0; s < stateCount; s++) {
        const before = states[t * stateCount + s] as number;
        counts[cell + s] = Math.max(0, (counts[cell + s] as number) + (judges[s] as number) - before);
      }
    }
    for (let i = from; i < to; i++) {
      const own = (label[i] as number) * stateCount;
      if (isShared(i)) shared.fill(0, own, own + stateCount);
      sharers[label[i] as number] = 0;
    }
  }

  /** Fills `all` and `shared`; whether there is a shared answer. */
  function sumAnswers(from: number, to: number): boolean {
    all.set(logPrior);
    let found = false;
    for (let i = from; i < to; i++) {
      const [own, cell] = [(label[i] as number) * stateCount, (pair[i] as number) * stateCount];
      const isOne = isShared(i);
      found ||= isOne;
      if (isOne) sharers[label[i] as number] = (sharers[label[i] as number] as number) + 1;
      for (let s = 0; s < stateCount; s++) {
        const log = (weights?.[i] ?? 1) * (logAnswer[cell + s] as number);
        all[s] = (all[s] as number) + log;
        if (isOne) shared[own + s] = (shared[own + s] as number) + log;
      }
    }
    return found;
  }

  function normalise(right: number): void {
    let most = -Infinity;
    for (let s = 0; s < stateCount; s++) {
      if (right >= 0 && Math.floor((s * labelCount) / stateCount) !== right) judges[s] = -Infinity;
      most = Math.max(most, judges[s] as number);
    }
    let sum = 0;
    for (let s = 0; s < stateCount; s++) sum += judges[s] = Math.exp((judges[s] as number) - most);
    for (let s = 0; s < stateCount; s++) judges[s] = (judges[s] as number) / sum;
  }
}
