import { groupAnswers } from './answers.ts';
import { concludeCells } from './conclude.ts';
import type { CrowdMethod } from './fit.ts';
import { voteShares } from './shares.ts';

/**
 * Majority vote: a label's probability is its share of the task's answers, so tied labels have equal ones, and one of
 * them is drawn by the seed (`tieBreaker`). Linear in the answers for any number of labels.
 */
export const majority: CrowdMethod = (ratings, options = {}) => {
  const answers = groupAnswers(ratings);
  const conclusion = concludeCells(ratings, answers, voteShares(answers), options);
  return { method: 'majority', ...conclusion, iterations: 0, converged: true };
};
