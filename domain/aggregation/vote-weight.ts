/** How a vote is weighed: by its annotator's quality score, or by the log-odds of that score. */
export type VoteWeights = 'quality' | 'log_odds';

/**
 * The weight of one vote. `quality`: the annotator's quality score times the answer's own assessment. `log_odds`:
 * ln(q / (1 - q)) of that product's accuracy instead, the weights of the best linear vote of independent annotators
 * (Nitzan and Paroush, 1982); whoever is no better than chance weighs nothing. Both scores are from 0 to 1.
 */
export function voteWeight(kind: VoteWeights, vote: { readonly qualityScore: number; readonly score: number }): number {
  const { qualityScore, score } = vote;
  if (kind === 'quality') return qualityScore * score;
  const q = Math.min(0.99, qualityScore);
  return Math.max(0, Math.log(q / (1 - q))) * score;
}
