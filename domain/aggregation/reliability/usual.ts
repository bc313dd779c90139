import type { AnyTaskType } from '../../tasks/task-type.ts';
import { type Usual, usualVariance } from '../certainty.ts';
import { type PeerAnswer, reliabilityWeight } from './peer-reliability.ts';

/** How many differences between answers the variance of which nothing is known counts for. */
const PRIOR_FREEDOM = 10;
const PRECISION = 1e6;

/** More labels than these are never equally likely: answers are wrong in like ways. */
const MOST_LABELS = 10;

/**
 * What an answer weighs in a crowd of this reliability, and how often it is right: by agreement beyond chance, r, that is
 * chance + (1 - chance) r. `chance` is how alike labels of different items are: one half, as it is taken to be in models
 * from before it was kept, where there are two labels, and less where more of them are likely.
 */
export function usualOf(
  crowd: number,
  { chance, variance }: { readonly chance?: number | null; readonly variance?: Usual['variance'] | null } = {},
): Usual {
  const labels = chance == null ? 2 : rounded(Math.min(MOST_LABELS, Math.max(2, 1 / chance)));
  const skill = Math.min(0.99, (1 + (labels - 1) * crowd) / labels);
  return {
    weight: reliabilityWeight(crowd),
    skill,
    ...(labels > 2 ? { labels } : {}),
    ...(variance ? { variance } : {}),
  };
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
    return [scale, rounded(squares / freedom)] as const;
  });
  return Object.fromEntries(pooled);
}

function rounded(value: number): number {
  return Math.round(value * PRECISION) / PRECISION;
}
