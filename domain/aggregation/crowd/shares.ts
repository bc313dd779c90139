import type { Answers } from './answers.ts';
import type { CellPosteriors } from './conclude.ts';

/** Each label's share of its task's votes, a vote weighing its worker's weight (1 where none are given). */
export function voteShares(answers: Answers, weights?: Float64Array): CellPosteriors {
  const { taskCount, workerCount, labelCount, start, worker, cell: cellOf, cellStart, cellLabel } = answers;
  const weight = weights ?? new Float64Array(workerCount).fill(1);
  const cell = new Float64Array(cellLabel.length);
  for (let t = 0; t < taskCount; t++) {
    const from = start[t] as number;
    const to = start[t + 1] as number;
    let total = 0;
    for (let i = from; i < to; i++) total += weight[worker[i] as number] as number;
    // Where nobody has any weight all count alike: the share is still of those who answered.
    const equal = total === 0;
    if (equal) total = to - from;
    for (let i = from; i < to; i++) {
      const vote = equal ? 1 : (weight[worker[i] as number] as number);
      cell[cellOf[i] as number] = (cell[cellOf[i] as number] as number) + vote;
    }
    // Summed first and divided once, so that equal counts give equal shares.
    for (let c = cellStart[t] as number; c < (cellStart[t + 1] as number); c++) cell[c] = (cell[c] as number) / total;
  }
  return { cell, factor: new Float64Array(taskCount), prior: new Float64Array(labelCount).fill(1 / labelCount) };
}
