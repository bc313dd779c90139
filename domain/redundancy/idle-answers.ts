import type { CampaignSettings } from '../settings.ts';
import type { TaskPolicy } from '../task-policy.ts';
import type { Aggregate } from '../tasks/task-type.ts';
import { nextAnswer } from './next-answer.ts';
import { adaptivePolicy } from './policy.ts';

/** How reliable the next annotators are taken to be: good ones, so that answers are given up only where even theirs would not tell. */
const GOOD_ANNOTATOR = 0.9;

/**
 * Whether an adaptive task below its target is best decided now: where its label is accepted at the most answers in any
 * case, and those that are still allowed are not expected to raise the probability that it is right by more than
 * `leastGainPerUsd` a dollar; unless that is set, by nothing. A task that would go to an expert or stay unresolved is
 * asked on, as one more answer may still make it sure.
 */
export function furtherAnswersAreIdle(
  settings: Pick<CampaignSettings, 'redundancyPolicy' | 'redundancy' | 'maxRedundancy' | 'minConfidence'> &
    Partial<Pick<CampaignSettings, 'leastGainPerUsd' | 'priceMicros'>> &
    Pick<TaskPolicy, 'whenContested'>,
  { distribution = {}, n, method, stats }: Pick<Aggregate<unknown>, 'distribution' | 'n' | 'method' | 'stats'>,
): boolean {
  const { redundancyPolicy, whenContested, redundancy: min, maxRedundancy: max, minConfidence: target } = settings;
  const accepts = whenContested === undefined || whenContested === 'accept';
  // Only the crowd's model gives probabilities; shares of a vote are none.
  if (redundancyPolicy !== 'adaptive' || !accepts || method !== 'crowd_model' || stats?.tie === 1) return false;
  const posterior = Object.values(distribution);
  const task = { answers: n, posterior, accuracy: GOOD_ANNOTATOR, labelCount: posterior.length };
  const leastGain = (settings.leastGainPerUsd ?? 0) * usdOf(BigInt(settings.priceMicros ?? 0));
  return nextAnswer(adaptivePolicy({ min, max, target }), task, leastGain).reason === 'not_worth_it';
}

/** For a comparison: no amount that is paid. */
const usdOf = (micros: bigint) => Number(micros) / 1e6;
