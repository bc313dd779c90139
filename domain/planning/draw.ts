import type { Rng } from '../rng.ts';
import { type CrowdAssumptions, estimateCrowd, type Pilot, resampled } from './assumptions.ts';
import type { CrowdDraw } from './plan.ts';

/** Crowds that a pilot leaves possible: estimated anew from the pilot drawn with replacement (Efron, 1979). */
export function fromPilot(pilot: Pilot, seconds: Pick<CrowdAssumptions, 'secondsMedian' | 'secondsLogSd'>): CrowdDraw {
  return (rng) => estimateCrowd(resampled(pilot, rng), seconds);
}

/** Crowds as somebody assumes them: `unsure` is the standard deviation of the level in log-odds, and of speed in its logarithm. */
export function assumed(crowd: CrowdAssumptions, unsure: number): CrowdDraw {
  return (rng: Rng) => {
    const odds = Math.log(crowd.accuracy / (1 - crowd.accuracy)) + unsure * rng.normal();
    return {
      ...crowd,
      accuracy: 1 / (1 + Math.exp(-odds)),
      secondsMedian: crowd.secondsMedian * Math.exp(unsure * rng.normal()),
    };
  };
}
