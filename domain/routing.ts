import { QuorateError } from './failures.ts';
import { binomialTail } from './quality/beta.ts';
import { DEFAULT_STANDING_RULES } from './quality/standing-state.ts';
import { type Tier, tierMeets } from './tiers.ts';

export interface RoutingWeights {
  readonly quality: number;
  readonly priority: number;
  /** Added when the task's domain is one of the annotator's specializations. */
  readonly domain: number;
}

export const DEFAULT_ROUTING_WEIGHTS: RoutingWeights = { quality: 2.0, priority: 0.5, domain: 3.0 };

export interface RoutingFacts {
  /** 0 to 1. */
  readonly qualityScore: number;
  readonly priority: number;
  readonly domainMatch: boolean;
}

/** How well a task suits an annotator: quality x 2.0 + priority x 0.5 + 3.0 for a matching domain. */
export function routingScore(facts: RoutingFacts, weights: RoutingWeights = DEFAULT_ROUTING_WEIGHTS): number {
  const { qualityScore, priority, domainMatch } = facts;
  return qualityScore * weights.quality + priority * weights.priority + (domainMatch ? weights.domain : 0);
}

export interface RoutedAnnotator {
  readonly tier: Tier;
  readonly qualityScore: number;
  readonly specializations: readonly string[];
}

export interface RoutingCandidate {
  readonly requiredTier: Tier;
  readonly priority: number;
  /** Field of knowledge the task is from, compared without regard to case. */
  readonly domain?: string | null | undefined;
}

/**
 * The candidates whose tier the annotator meets, best score first. Candidates come in queue order (oldest first), and
 * equal scores keep it.
 */
export function rankCandidates<C extends RoutingCandidate>(
  annotator: RoutedAnnotator,
  candidates: readonly C[],
  weights: RoutingWeights = DEFAULT_ROUTING_WEIGHTS,
): { candidate: C; score: number }[] {
  const known = new Set(annotator.specializations.map((name) => name.toLowerCase()));
  return candidates
    .filter(({ requiredTier }) => tierMeets(annotator.tier, requiredTier))
    .map((candidate) => {
      const { priority, domain } = candidate;
      const domainMatch = typeof domain === 'string' && known.has(domain.toLowerCase());
      return {
        candidate,
        score: routingScore({ qualityScore: annotator.qualityScore, priority, domainMatch }, weights),
      };
    })
    .sort((a, b) => b.score - a.score);
}

/** Newcomers get golds with at least this probability until this many were seen: early on we know nothing of them. */
export interface GoldFloor {
  readonly golds: number;
  readonly probability: number;
}

export const DEFAULT_GOLD_FLOOR: GoldFloor = { golds: 10, probability: 0.2 };

/** A little above the accuracy that calls for recalibration, so that a fall towards it is seen in time. */
const DOUBT_BELOW = 0.75;

/** Least share of golds during a recalibration: decided within some twenty tasks, and nobody can tell which of them decide. */
const RECALIBRATION_GOLD_RATIO = 0.5;

/** The share of golds that somebody meets in a campaign with this one. */
export function goldRatioFor(goldRatio: number, recalibrating: boolean): number {
  return recalibrating ? Math.max(RECALIBRATION_GOLD_RATIO, goldRatio) : goldRatio;
}

export interface GoldDraw {
  /** Share of assignments that are golds; 0 turns golds off. */
  readonly goldRatio: number;
  /** Annotations so far, golds included, and how many of them were golds. */
  readonly answered: number;
  readonly goldsSeen: number;
  readonly floor?: GoldFloor;
  /** The annotator's quality score, where golds have shown one: whoever is in doubt meets as many golds as a newcomer. */
  readonly qualityScore?: number;
  /** A uniform draw from [0, 1). */
  readonly u: number;
}

/** The probability that the next assignment is a gold task. */
export function goldProbability({
  goldRatio,
  answered,
  goldsSeen,
  floor = DEFAULT_GOLD_FLOOR,
  qualityScore = 1,
}: Omit<GoldDraw, 'u'>): number {
  if (!(goldRatio >= 0 && goldRatio <= 1)) {
    const message = `goldRatio is ${goldRatio}; it must be a number from 0 to 1.`;
    throw new QuorateError('invalid_input', message, { field: 'goldRatio' });
  }
  if (goldRatio === 0) return 0;
  // Three standard deviations behind the ratio is no bad luck: golds were missing for a while, so catch up.
  const expected = answered * goldRatio;
  const behind = expected - goldsSeen > 3 * Math.sqrt(expected * (1 - goldRatio));
  const measured = goldsSeen >= floor.golds && qualityScore >= DOUBT_BELOW;
  return !measured || behind ? Math.max(goldRatio, floor.probability) : goldRatio;
}

/** More golds than this among assignments are no campaign. */
export const MOST_GOLDS = 0.99;

/** How many golds an annotator of this accuracy meets beside `work` other tasks, by `goldProbability`, on average. */
export function expectedGolds(
  work: number,
  { goldRatio, floor, accuracy }: { goldRatio: number; floor: GoldFloor; accuracy: number },
): number {
  if (goldRatio === 0) return 0;
  const early = Math.min(MOST_GOLDS, Math.max(goldRatio, floor.probability));
  const usual = Math.min(MOST_GOLDS, goldRatio);
  const { window } = DEFAULT_STANDING_RULES;
  const inDoubt = 1 - binomialTail(Math.ceil(DOUBT_BELOW * (window + 2) - 1), window, accuracy);
  // How often they are in doubt goes by golds, which then come sooner.
  const workToGold = (probability: number) => 1 / probability - 1;
  const later = inDoubt * workToGold(early) + (1 - inDoubt) * workToGold(usual);
  const measuredAfter = floor.golds * workToGold(early);
  return work <= measuredAfter ? work / workToGold(early) : floor.golds + (work - measuredAfter) / later;
}

/** Whether the next assignment is a gold task. */
export function wantsGold(draw: GoldDraw): boolean {
  return draw.u < goldProbability(draw);
}
