import { type Answers, answersByWorker, type KnownBeside } from './answers.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** What an answer of who answers blindly counts among the first vote shares. */
const BLIND_WEIGHT = 0.1;
/** Who gave nothing but one label is blind to tasks only where so many draws of it would be rarer than this. */
const RARE = 1e-3;
/** Agreement within so many standard errors of chance is taken for chance. */
const STANDARD_ERRORS = 2;

/**
 * What answers count in the vote shares from which a fit starts: `weights`, and little those of workers who always give the
 * same label, by no chance, and agree with others on it hardly more than its share of all answers explains (who happened to
 * get tasks of one label agrees). Where some of the crowd do so, a fit that begins at plain votes takes that label for true
 * far too often, and never finds back. What they are worth the fit learns by itself.
 */
export function startingWeights(
  all: Answers,
  pairs: WorkerLabels,
  weights: KnownBeside['weights'],
): KnownBeside['weights'] {
  const { taskCount, workerCount, labelCount, start, worker, label } = all;
  const isConstant = (w: number) => (pairs.start[w + 1] as number) - (pairs.start[w] as number) === 1;
  const shares = new Float64Array(labelCount);
  for (const l of label) shares[l] = (shares[l] as number) + 1 / worker.length;
  /** Of all answers, how many say what a worker says who gives one label only. */
  const shareOf = (w: number) => shares[pairs.pairLabel[pairs.start[w] as number] as number] as number;
  const answers = answersByWorker(all);
  const suspects = Array.from(answers.keys()).filter(
    (w) => isConstant(w) && shareOf(w) ** (answers[w] as number) < RARE,
  );
  if (suspects.length === 0) return weights;

  // With whom everybody shares tasks, and how many of these said the same.
  const others = new Float64Array(workerCount);
  const alike = new Float64Array(workerCount);
  const votes = new Int32Array(labelCount);
  for (let t = 0; t < taskCount; t++) {
    const [from, to] = [start[t] as number, start[t + 1] as number];
    for (let i = from; i < to; i++) votes[label[i] as number] = (votes[label[i] as number] as number) + 1;
    for (let i = from; i < to; i++) {
      const w = worker[i] as number;
      others[w] = (others[w] as number) + (to - from - 1);
      alike[w] = (alike[w] as number) + (votes[label[i] as number] as number) - 1;
    }
    for (let i = from; i < to; i++) votes[label[i] as number] = 0;
  }
  const isBlind = new Uint8Array(workerCount);
  for (const w of suspects) {
    const share = shareOf(w);
    const byChance = share + STANDARD_ERRORS * Math.sqrt((share * (1 - share)) / (answers[w] as number));
    if ((alike[w] as number) <= byChance * (others[w] as number)) isBlind[w] = 1;
  }
  return Float64Array.from(worker, (w, i) => (isBlind[w] ? BLIND_WEIGHT : 1) * (weights?.[i] ?? 1));
}
