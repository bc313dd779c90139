import { digamma } from '../gamma.ts';
import { type Asked, type CrowdEstimate, crowdAccuracy, normalise, SKILL_ANSWERS } from './crowd-estimate.ts';

/**
 * Annotators as confusion matrices, each row shrunk towards a coin of the accuracy that its annotator shows in all
 * other rows; how strongly is learnt (the model of the default method in one kind of task, with probabilities taken as
 * their expected values: the expected logarithms would take newcomers for more decided than they are).
 *
 * Each refit begins at `start`, another view's posteriors: going on from its own, a view whose labels came out swapped
 * on the first few answers would never find back.
 */
export function matrixEstimate(asked: Asked, start: Float64Array): CrowdEstimate {
  const { unitCount, raterCount, idCount: size } = asked;
  const posteriors = new Float64Array(unitCount * size).fill(1 / size);
  const accuracy = new Float64Array(raterCount);
  const rows = raterCount * size;
  const counts = new Float64Array(rows * size);
  const priors = new Float64Array(rows * size);
  const chances = new Float64Array(rows * size);
  const logChances = new Float64Array(rows * size);
  const logs = new Float64Array(posteriors.length);
  let strength = 2;

  /** Fills priors and accuracy from the counts. */
  const judge = (count: number) => {
    let right = 0;
    for (let row = 0; row < rows; row++) right += counts[row * size + (row % size)] as number;
    const crowd = crowdAccuracy(right, count, size);
    for (let w = 0; w < raterCount; w++) {
      let hits = SKILL_ANSWERS * crowd;
      let given = SKILL_ANSWERS;
      for (let k = 0; k < size; k++) {
        hits += counts[(w * size + k) * size + k] as number;
        given += rowSum(counts, w * size + k, size);
      }
      accuracy[w] = hits / given;
      for (let k = 0; k < size; k++) {
        const row = w * size + k;
        const elsewhere = (hits - (counts[row * size + k] as number)) / (given - rowSum(counts, row, size));
        for (let l = 0; l < size; l++) priors[row * size + l] = l === k ? elsewhere : (1 - elsewhere) / (size - 1);
      }
    }
  };
  /** One step of Minka's fixed point ("Estimating a Dirichlet distribution", 2000) for the strength of the priors. */
  const learnStrength = () => {
    let [above, below] = [0, 0];
    const atStrength = digamma(strength);
    for (let row = 0; row < rows; row++) {
      const total = rowSum(counts, row, size);
      if (total < 1e-9) continue;
      below += digamma(total + strength) - atStrength;
      for (let at = row * size; at < (row + 1) * size; at++) {
        const n = counts[at] as number;
        if (n < 1e-9) continue;
        const prior = priors[at] as number;
        above += prior * (digamma(n + strength * prior) - digamma(strength * prior));
      }
    }
    if (above > 0 && below > 0) strength = Math.min(1e3, Math.max(1e-3, (strength * above) / below));
  };
  const update = () => {
    for (let row = 0; row < rows; row++) {
      const total = rowSum(counts, row, size) + strength;
      for (let at = row * size; at < (row + 1) * size; at++) {
        chances[at] = ((counts[at] as number) + strength * (priors[at] as number)) / total;
        logChances[at] = Math.log(chances[at] as number);
      }
    }
  };
  const judgeTasks = ({ count, unit, rater, value, weight }: Asked) => {
    logs.fill(0);
    for (let i = 0; i < count; i++) {
      const task = (unit[i] as number) * size;
      const cell = (rater[i] as number) * size * size + (value[i] as number);
      for (let k = 0; k < size; k++) {
        const log = (weight[i] as number) * (logChances[cell + k * size] as number);
        logs[task + k] = (logs[task + k] as number) + log;
      }
    }
    normalise(logs, posteriors, size);
  };
  const countAnswers = ({ count, unit, rater, value }: Asked) => {
    counts.fill(0);
    for (let i = 0; i < count; i++) {
      const task = (unit[i] as number) * size;
      const cell = (rater[i] as number) * size * size + (value[i] as number);
      for (let k = 0; k < size; k++) {
        counts[cell + k * size] = (counts[cell + k * size] as number) + (posteriors[task + k] as number);
      }
    }
  };
  judge(0);
  update();
  return {
    posteriors,
    accuracy,
    chance: (w, k, l) => chances[(w * size + k) * size + l] as number,
    refit(asked, rounds) {
      posteriors.set(start);
      countAnswers(asked);
      judge(asked.count);
      update();
      for (let round = 0; round < rounds; round++) {
        judgeTasks(asked);
        countAnswers(asked);
        judge(asked.count);
        learnStrength();
        update();
      }
    },
  };
}

function rowSum(table: Float64Array, row: number, size: number): number {
  let total = 0;
  for (let at = row * size; at < (row + 1) * size; at++) total += table[at] as number;
  return total;
}
