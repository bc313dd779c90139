import type { Answers } from './answers.ts';
import { type CellLoop, cellLoop } from './cell-expectation.ts';
import { type ConfusionLoop, confusionLoop } from './confusion-loop.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** The inner loops of EM, which take nearly all of its time. */
export interface CrowdLoops {
  confusion(answers: Answers, pairs: WorkerLabels): ConfusionLoop;
  /** `key[i]` is the key of answer i, of `keys` keys. */
  cells(answers: Answers, key: Int32Array, keys: number): CellLoop;
}

/** In plain TypeScript. */
export const plainLoops: CrowdLoops = { confusion: confusionLoop, cells: cellLoop };
