import { type Answers, answersByWorker, groupAnswers } from './answers.ts';
import { concludeCells } from './conclude.ts';
import type { CrowdMethod } from './fit.ts';
import { voteShares } from './shares.ts';
import { TIE_TOLERANCE } from './ties.ts';

/**
 * Worker agreement with aggregate: a worker's skill is the share of their answers that agree with the majority, and
 * the vote is taken again with the skills as weights. Where the majority is tied, an answer that is one of the k tied
 * labels agrees by 1/k, which gives skills to break the tie with, and the skills proper are those that follow from it.
 * So they do not depend on the order of labels. Linear in the answers for any number of labels.
 */
export const wawa: CrowdMethod = (ratings, options = {}) => {
  const answers = groupAnswers(ratings);
  const votes = voteShares(answers).cell;
  const undecided = agreement(answers, votes);
  const skills = agreement(answers, votes, voteShares(answers, undecided).cell);
  const conclusion = concludeCells(ratings, answers, voteShares(answers, skills), options);
  return { method: 'wawa', ...conclusion, skills, iterations: 1, converged: true };
};

/** By worker, the share of answers that agree with the majority, ties broken by the shares of a second vote, if any. */
function agreement(answers: Answers, share: Float64Array, second?: Float64Array): Float64Array {
  const { taskCount, start, worker, cell, cellStart } = answers;
  const skills = new Float64Array(answers.workerCount);
  for (let t = 0; t < taskCount; t++) {
    let best = -1;
    let tied = 0;
    const ahead = (c: number) => {
      const by = (share[c] as number) - (share[best] as number);
      return by === 0 && second !== undefined ? (second[c] as number) - (second[best] as number) : by;
    };
    for (let c = cellStart[t] as number; c < (cellStart[t + 1] as number); c++) {
      const by = best < 0 ? 1 : ahead(c);
      if (by > TIE_TOLERANCE) [best, tied] = [c, 1];
      else if (by >= -TIE_TOLERANCE) tied++;
    }
    for (let i = start[t] as number; i < (start[t + 1] as number); i++) {
      if (Math.abs(ahead(cell[i] as number)) > TIE_TOLERANCE) continue;
      skills[worker[i] as number] = (skills[worker[i] as number] as number) + 1 / tied;
    }
  }
  const given = answersByWorker(answers);
  return skills.map((agreed, w) => agreed / Math.max(1, given[w] as number));
}
