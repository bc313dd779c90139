import {
  type Asked,
  type CrowdEstimate,
  crowdAccuracy,
  normalise,
  SKILL_ANSWERS,
  startingAccuracy,
} from './crowd-estimate.ts';

/**
 * Annotators as coins: right with a probability of their own, and otherwise any other label alike (one-coin
 * Dawid-Skene), shrunk towards the crowd. No label is taken for more frequent than another before the answers of a task
 * are seen (see `labelFrequencies`, which tell on tasks alone).
 */
export function coinEstimate(asked: Asked): CrowdEstimate {
  const { unitCount, raterCount, idCount, labelCount } = asked;
  const posteriors = new Float64Array(unitCount * idCount).fill(1 / idCount);
  const accuracy = new Float64Array(raterCount).fill(startingAccuracy(labelCount));
  const others = Math.max(1, labelCount - 1);
  const hits = new Float64Array(raterCount);
  const given = new Float64Array(raterCount);
  const logs = new Float64Array(posteriors.length);
  const logOdds = new Float64Array(raterCount);
  return {
    posteriors,
    accuracy,
    chance(w, k, l) {
      const skill = accuracy[w] as number;
      return k === l ? skill : (1 - skill) / others;
    },
    refit({ count, unit, rater, value, weight }, rounds) {
      for (let round = 0; round < rounds; round++) {
        logs.fill(0);
        // A logarithm an annotator, not one an answer.
        for (let w = 0; w < raterCount; w++) {
          const skill = accuracy[w] as number;
          logOdds[w] = Math.log((skill * others) / Math.max(1e-12, 1 - skill));
        }
        for (let i = 0; i < count; i++) {
          const at = (unit[i] as number) * idCount + (value[i] as number);
          logs[at] = (logs[at] as number) + (weight[i] as number) * (logOdds[rater[i] as number] as number);
        }
        normalise(logs, posteriors, idCount);
        hits.fill(0);
        given.fill(0);
        let right = 0;
        for (let i = 0; i < count; i++) {
          const w = rater[i] as number;
          const at = (unit[i] as number) * idCount + (value[i] as number);
          hits[w] = (hits[w] as number) + (posteriors[at] as number);
          right += posteriors[at] as number;
          given[w] = (given[w] as number) + 1;
        }
        const crowd = crowdAccuracy(right, count, labelCount);
        for (let w = 0; w < raterCount; w++) {
          accuracy[w] = ((hits[w] as number) + SKILL_ANSWERS * crowd) / ((given[w] as number) + SKILL_ANSWERS);
        }
      }
    },
  };
}
