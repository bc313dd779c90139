import { minimize, type Objective } from '../../learning/lbfgs.ts';
import { logistic, softplus } from '../logistic.ts';
import { centre, type PairFit, type PairOptions, toScores } from './pair-fit.ts';
import { checkPairVotes, countPairs, type PairVotes } from './pair-votes.ts';
import { findParts } from './parts.ts';

/** Standard deviation of strengths before any comparison is seen. */
const STRENGTH_SD = 2;
/** Skills before: Beta(4, 1.5), most annotators look most of the time. Logarithms want both above 1. */
const SKILL_PRIOR = { look: 3, habit: 0.5 };
/** Biases before: Beta(5, 5), so that a few comparisons make nobody partial to a side. */
const BIAS_PRIOR = 4;
/** Log-odds at which skills start: 0.86, the peak of their prior. */
const SKILL_START = Math.log(SKILL_PRIOR.look / SKILL_PRIOR.habit);

/**
 * Bradley and Terry's model for annotators who do not always look: annotator w follows the items with probability
 * skill(w), and else picks the left one with probability bias(w),
 *
 *   P(w prefers left) = skill(w) / (1 + e^(s(right) - s(left))) + (1 - skill(w)) bias(w)
 *
 * (Bugakova et al., Aggregation of pairwise comparisons with reduction of biases, 2019; the skill as in Chen et al.,
 * Pairwise ranking aggregation in a crowdsourced setting, 2013). A tie is half a preference for each side. Weak priors
 * (strengths normal with standard deviation 2, skills Beta(4, 1.5), biases Beta(5, 5)) keep all of it finite, whatever
 * is never beaten or never compared; their peak with the likelihood is found by L-BFGS from equal strengths, so the
 * result is deterministic. `tolerance` is the largest slope left, by default 1e-6, or 1e-9 a comparison where that is
 * more. Throws QuorateError as `bradleyTerry` does.
 */
export function noisyBradleyTerry(votes: PairVotes, options: PairOptions = {}): PairFit {
  checkPairVotes(votes);
  // Slopes are sums over comparisons: with many of them, smaller ones drown in the rounding of the objective.
  const { tolerance = Math.max(1e-6, 1e-9 * votes.winner.length), maxIterations = 1000 } = options;
  const { itemCount, raterCount } = votes;
  const start = new Float64Array(itemCount + 2 * raterCount);
  start.fill(SKILL_START, itemCount, itemCount + raterCount);
  const { x, iterations, converged } = minimize(noisyObjective(votes), start, { tolerance, maxIterations });
  const parts = findParts(countPairs(votes));
  const strengths = x.slice(0, itemCount);
  centre(strengths, parts);
  const skills = x.slice(itemCount, itemCount + raterCount).map(logistic);
  const biases = x.slice(itemCount + raterCount).map(logistic);
  return {
    method: 'noisy-bradley-terry',
    strengths,
    scores: toScores(strengths),
    part: parts.part,
    partCount: parts.partCount,
    skills,
    biases,
    logLikelihood: noisyLogLikelihood(votes, strengths, skills, biases),
    iterations,
    converged,
  };
}

/**
 * What is minimised: minus the logarithm of likelihood and priors, as a function of strengths, log-odds of skills and
 * log-odds of biases, one after the other.
 */
export function noisyObjective(votes: PairVotes): Objective {
  const { left, right, winner, rater, itemCount, raterCount } = votes;
  const [skills, biases] = [new Float64Array(raterCount), new Float64Array(raterCount)];
  return (x, gradient) => {
    let value = 0;
    for (let a = 0; a < itemCount; a++) {
      const s = x[a] as number;
      value += s ** 2 / (2 * STRENGTH_SD ** 2);
      gradient[a] = s / STRENGTH_SD ** 2;
    }
    for (let w = 0; w < raterCount; w++) {
      const [u, v] = [x[itemCount + w] as number, x[itemCount + raterCount + w] as number];
      const [skill, bias] = [logistic(u), logistic(v)];
      const { look, habit } = SKILL_PRIOR;
      value += look * softplus(-u) + habit * softplus(u) + BIAS_PRIOR * (softplus(v) + softplus(-v));
      gradient[itemCount + w] = habit * skill - look * (1 - skill);
      gradient[itemCount + raterCount + w] = BIAS_PRIOR * (2 * bias - 1);
      skills[w] = skill;
      biases[w] = bias;
    }
    for (let i = 0; i < winner.length; i++) {
      const [a, b, w] = [left[i] as number, right[i] as number, rater[i] as number];
      const [share, skill, bias] = [winner[i] as number, skills[w] as number, biases[w] as number];
      const p = logistic((x[a] as number) - (x[b] as number));
      const forLeft = skill * p + (1 - skill) * bias;
      const forRight = skill * (1 - p) + (1 - skill) * (1 - bias);
      value -= logLikelihood(share, forLeft, forRight);
      // Slope by forLeft; a side that nobody took must not count 0 / 0.
      const slope = (share < 1 ? (1 - share) / forRight : 0) - (share > 0 ? share / forLeft : 0);
      const byStrength = slope * skill * p * (1 - p);
      gradient[a] = (gradient[a] as number) + byStrength;
      gradient[b] = (gradient[b] as number) - byStrength;
      const u = itemCount + w;
      gradient[u] = (gradient[u] as number) + slope * (p - bias) * skill * (1 - skill);
      gradient[u + raterCount] = (gradient[u + raterCount] as number) + slope * (1 - skill) * bias * (1 - bias);
    }
    return value;
  };
}

/** The log-likelihood of comparisons under given strengths, skills and biases, without priors. */
export function noisyLogLikelihood(
  { left, right, winner, rater }: PairVotes,
  strengths: Float64Array,
  skills: Float64Array,
  biases: Float64Array,
): number {
  let sum = 0;
  for (let i = 0; i < winner.length; i++) {
    const w = rater[i] as number;
    const [skill, bias] = [skills[w] as number, biases[w] as number];
    const p = logistic((strengths[left[i] as number] as number) - (strengths[right[i] as number] as number));
    const forLeft = skill * p + (1 - skill) * bias;
    const forRight = skill * (1 - p) + (1 - skill) * (1 - bias);
    sum += logLikelihood(winner[i] as number, forLeft, forRight);
  }
  return sum;
}

/** Of one comparison. A side without a share in it must not count 0 x ln 0. */
function logLikelihood(share: number, forLeft: number, forRight: number): number {
  return (share > 0 ? share * Math.log(forLeft) : 0) + (share < 1 ? (1 - share) * Math.log(forRight) : 0);
}
