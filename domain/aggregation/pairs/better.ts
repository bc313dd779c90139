import { logistic } from '../logistic.ts';
import { normalWithin } from '../normal.ts';
import type { PairFit } from './pair-fit.ts';
import type { PairVotes } from './pair-votes.ts';
import { UNBOUNDED_PRIOR } from './prior.ts';

/**
 * The probability that one item is better than another: that its true strength is the larger one. This is not how often
 * it would be preferred (`winProbability`), but grows towards 1 as more comparisons say the same. By the normal
 * approximation of what is known of each strength, whose variance is one over the information of its comparisons
 * (Fisher's: of one in which the left item wins with q = skill p + (1 - skill) bias, (dq / dstrength)^2 / (q (1 - q))),
 * a weak prior added; that the two are known from one another's comparisons is left out. 0.5 where no comparisons
 * connect them.
 */
export function betterProbability(fit: PairFit, votes: PairVotes): (a: number, b: number) => number {
  const { strengths, part, skills, biases } = fit;
  const { left, right, rater, itemCount } = votes;
  const information = new Float64Array(itemCount).fill(UNBOUNDED_PRIOR);
  for (let i = 0; i < left.length; i++) {
    const [a, b, w] = [left[i] as number, right[i] as number, rater[i] as number];
    const [skill, bias] = [skills?.[w] ?? 1, biases?.[w] ?? 0.5];
    const p = logistic((strengths[a] as number) - (strengths[b] as number));
    const q = skill * p + (1 - skill) * bias;
    const spread = q * (1 - q);
    const more = spread > 0 ? (skill * p * (1 - p)) ** 2 / spread : 0;
    information[a] = (information[a] as number) + more;
    information[b] = (information[b] as number) + more;
  }
  return (a, b) => {
    const ahead = (strengths[a] as number) - (strengths[b] as number);
    if (part[a] !== part[b] || ahead === 0) return 0.5;
    const sd = Math.sqrt(1 / (information[a] as number) + 1 / (information[b] as number));
    return (1 + Math.sign(ahead) * normalWithin(Math.abs(ahead), sd)) / 2;
  };
}
