import { type ChosenAmong, turnWords } from './campaign-turns.ts';
import { DEFAULT_ROUTING_WEIGHTS, type RoutedAnnotator, type RoutingCandidate, routingScore } from './routing.ts';
import { tierMeets } from './tiers.ts';

/** Why a task went to an annotator: the parts of its routing score, and the same in words. */
export interface RoutingReasons {
  readonly score: number;
  readonly quality: number;
  readonly priority: number;
  readonly specialization: number;
  readonly why: string;
}

/** What else had a part in it: the choice among campaigns, as it was made, and the limit on the item's group. */
export interface RoutingCircumstances {
  readonly chosen?: ChosenAmong | null | undefined;
  readonly group?: { readonly name: string; readonly given: number; readonly most: number } | undefined;
}

/** Explains a routing score from what is known of both now; at the time of the lease the quality may have been another. */
export function routingReasons(
  annotator: RoutedAnnotator,
  task: RoutingCandidate,
  { chosen, group }: RoutingCircumstances = {},
): RoutingReasons {
  const { qualityScore, tier, specializations } = annotator;
  const { domain, priority, requiredTier } = task;
  const domainMatch =
    typeof domain === 'string' && specializations.some((name) => name.toLowerCase() === domain.toLowerCase());
  const weights = DEFAULT_ROUTING_WEIGHTS;
  const score = routingScore({ qualityScore, priority, domainMatch });
  const tiers = tierMeets(tier, requiredTier)
    ? `${tier} meets ${requiredTier}`
    : `${tier} is below ${requiredTier} now`;
  const sum = [
    `quality ${qualityScore.toFixed(2)} x ${weights.quality}`,
    `priority ${priority} x ${weights.priority}`,
    ...(domainMatch ? [`${weights.domain} for the specialization ${domain}`] : []),
  ];
  return {
    score,
    quality: qualityScore * weights.quality,
    priority: priority * weights.priority,
    specialization: domainMatch ? weights.domain : 0,
    why: [
      ...(chosen ? [turnWords(chosen)] : []),
      tiers,
      `${sum.join(' + ')} = ${score.toFixed(2)} by today's quality`,
      ...(group ? [`${group.given} of at most ${group.most} items of the group ${group.name}`] : []),
      'equals go in the order of the queue',
    ].join('; '),
  };
}

/**
 * Whether an annotator who lists `languages` works in `language` (BCP 47 tags, by basic filtering of RFC 4647): `en-GB`
 * serves `en`, and `en` does not serve `en-GB`. A campaign without a language takes everybody.
 */
export function speaks(languages: readonly string[], language: string | undefined): boolean {
  if (language === undefined) return true;
  const wanted = language.toLowerCase();
  return languages.some((tag) => tag.toLowerCase() === wanted || tag.toLowerCase().startsWith(`${wanted}-`));
}
