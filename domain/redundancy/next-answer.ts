import { gainPerAnswer } from './expected-gain.ts';
import type { AdaptivePolicy } from './policy.ts';

/** What is known of one task when the question is whether to ask once more: counts and probabilities only. */
export interface TaskEvidence {
  /** Answers that count so far. */
  readonly answers: number;
  /** The probability of each label given those answers, in any order; labels nobody gave may be left out. */
  readonly posterior: ArrayLike<number>;
  /** The probability that the next answer will be right: the crowd's accuracy, or that of whoever is asked next. */
  readonly accuracy: number;
  /** Labels there are to choose from. */
  readonly labelCount: number;
}

export interface NextAnswer {
  readonly next: 'ask_more' | 'stop';
  readonly reason: 'below_min' | 'worth_it' | 'at_max' | 'target_reached' | 'not_worth_it';
  /** The probability of the most probable label. */
  readonly confidence: number;
  /** Expected rise of the probability of a right label, per further answer. */
  readonly gain: number;
}

/**
 * Whether a task gets one more answer. Never below `min` nor above `max`; between them it stops at the target, or where
 * an answer would raise the probability of a right label by no more than `leastGain`: the price of an answer over what a
 * right label is worth. 0 stops only where no answers that are still allowed could change the label.
 */
export function nextAnswer(policy: AdaptivePolicy, task: TaskEvidence, leastGain = 0): NextAnswer {
  return nextAnswerBy(policy, task, gainPerAnswer(task.accuracy, task.labelCount), leastGain);
}

/** The same for many tasks of one crowd, whose gains by accuracy are then worked out once. */
export function nextAnswerBy(
  policy: AdaptivePolicy,
  { answers, posterior }: Pick<TaskEvidence, 'answers' | 'posterior'>,
  gainOf: ReturnType<typeof gainPerAnswer>,
  leastGain = 0,
): NextAnswer {
  const { best, rival } = topTwo(posterior);
  const gain = gainOf(best, rival, policy.max - answers);
  const says = (next: NextAnswer['next'], reason: NextAnswer['reason']) => ({ next, reason, confidence: best, gain });
  if (answers < policy.min) return says('ask_more', 'below_min');
  if (answers >= policy.max) return says('stop', 'at_max');
  if (best >= policy.target) return says('stop', 'target_reached');
  return gain > leastGain ? says('ask_more', 'worth_it') : says('stop', 'not_worth_it');
}

function topTwo(posterior: ArrayLike<number>): { best: number; rival: number } {
  let best = 0;
  let rival = 0;
  for (let k = 0; k < posterior.length; k++) {
    const p = posterior[k] as number;
    if (p > best) {
      rival = best;
      best = p;
    } else if (p > rival) rival = p;
  }
  return { best, rival };
}
