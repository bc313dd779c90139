import { logistic } from '../aggregation/logistic.ts';
import type { Rng } from '../rng.ts';
import { type AnswerTimes, type CrowdAssumptions, estimateCrowd, type Pilot, resampled } from './assumptions.ts';
import { logit } from './log-odds.ts';
import type { CrowdDraw } from './plan.ts';

/**
 * Crowds that a pilot leaves possible: estimated anew from the pilot's tasks drawn with replacement (Efron, 1979), with
 * what drawing tasks does not show: the pilot's annotators are a few of many. Their mean skill is off by the standard
 * error of so many, their spread by that of a standard deviation (chi-squared).
 */
export function fromPilot(pilot: Pilot, seconds: AnswerTimes): CrowdDraw {
  const annotators = effectiveAnnotators(pilot);
  return (rng) => {
    const crowd = estimateCrowd(resampled(pilot, rng), seconds);
    const freedom = Math.max(1, annotators - 1);
    // A chi-squared variate over its degrees of freedom, by the cube-root approximation (Wilson and Hilferty, 1931).
    const spread = Math.max(0.05, 1 - 2 / (9 * freedom) + rng.normal() * Math.sqrt(2 / (9 * freedom))) ** 3;
    const off = (crowd.skillSd / Math.sqrt(annotators)) * rng.normal();
    const moved = (accuracy: number) => logistic(logit(accuracy) + off);
    const more = (sd: number) => Math.min(3, sd / Math.sqrt(spread));
    return {
      ...{ ...crowd, accuracy: moved(crowd.accuracy), skillSd: more(crowd.skillSd), leanSd: more(crowd.leanSd ?? 0) },
      classes: crowd.classes?.map((each) => ({ ...each, accuracy: moved(each.accuracy) })),
    };
  };
}

/** As many equally busy annotators as these say of the crowd: (sum of answers)^2 / sum of squares (Kish, 1965). */
function effectiveAnnotators({ tasks }: Pilot): number {
  const counts = new Map<number, number>();
  for (const { worker } of tasks.flat()) counts.set(worker, (counts.get(worker) ?? 0) + 1);
  const all = [...counts.values()];
  const sum = all.reduce((total, count) => total + count, 0);
  return Math.max(
    1,
    sum ** 2 /
      Math.max(
        1,
        all.reduce((total, count) => total + count ** 2, 0),
      ),
  );
}

/**
 * Crowds as somebody assumes them: `unsure` is the standard deviation of the level in log-odds, and of the spreads and of
 * speed in their logarithms.
 */
export function assumed(crowd: CrowdAssumptions, unsure: number): CrowdDraw {
  return (rng: Rng) => {
    const odds = logit(crowd.accuracy) + unsure * rng.normal();
    const varied = (value: number) => value * Math.exp(unsure * rng.normal());
    return {
      ...crowd,
      accuracy: logistic(odds),
      secondsMedian: varied(crowd.secondsMedian),
      skillSd: varied(crowd.skillSd),
      easeSd: varied(crowd.easeSd),
    };
  };
}
