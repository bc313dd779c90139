import type { AnyTaskType } from '../../tasks/task-type.ts';
import { type Usual, usualVariance } from '../certainty.ts';
import { type PeerAnswer, reliabilityWeight } from './peer-reliability.ts';

/** How many differences between answers the variance of which nothing is known counts for. */
const PRIOR_FREEDOM = 10;
const PRECISION = 1e6;

/**
 * What an answer weighs in a crowd of this reliability, and how often it is right: by agreement beyond chance, r, that is
 * (1 + r) / 2 where there are two labels. With more labels it is less, by how many are likely, which is not known here.
 */
export function usualOf(crowd: number, variance?: Usual['variance'] | null): Usual {
  const skill = Math.min(0.99, (1 + crowd) / 2);
  return { weight: reliabilityWeight(crowd), skill, ...(variance ? { variance } : {}) };
}

/**
 * By scale, the variance of answers to one item about their mean, pooled over the items; undefined for types whose labels
 * are no scores. `answers` are less their annotators' leniency.
 */
export function varianceOf(
  type: AnyTaskType,
  config: unknown,
  answers: readonly PeerAnswer<unknown>[],
): Record<string, number> | undefined {
  const target = type.modelTarget(config);
  if (!type.scales || target.kind !== 'scalar') return undefined;
  const byScale = new Map<string, Map<string, number[]>>();
  for (const { taskId, label } of answers) {
    for (const [scale, score] of Object.entries(type.scales(label, config))) {
      const byTask = byScale.get(scale) ?? new Map<string, number[]>();
      byScale.set(scale, byTask);
      const scores = byTask.get(taskId);
      if (scores) scores.push(score);
      else byTask.set(taskId, [score]);
    }
  }
  const prior = usualVariance(target);
  const pooled = [...byScale].map(([scale, byTask]) => {
    let [squares, freedom] = [PRIOR_FREEDOM * prior, PRIOR_FREEDOM];
    for (const scores of byTask.values()) {
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      squares += scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
      freedom += scores.length - 1;
    }
    return [scale, Math.round((squares / freedom) * PRECISION) / PRECISION] as const;
  });
  return Object.fromEntries(pooled);
}
