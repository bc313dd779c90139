export type Standing = 'active' | 'recalibrating' | 'suspended';

export interface StandingRules {
  /** Accuracy is taken over this many of the last gold answers. */
  readonly window: number;
  /** Nobody is judged on fewer gold answers since their standing last changed. */
  readonly minGolds: number;
  readonly minAccuracy: number;
  /** Suspended at once only if P(accuracy < minAccuracy) is at least this ... */
  readonly suspendProbability: number;
  /** ... and the measured accuracy is below this. */
  readonly suspendBelow: number;
  /** How many gold answers decide a recalibration; twice as many where these do not say so with `suspendProbability`. */
  readonly recalibrationGolds: number;
  /** Time between routine recalibrations. */
  readonly recalibrationIntervalMs: number;
}

export const DEFAULT_STANDING_RULES: StandingRules = {
  window: 20,
  minGolds: 10,
  minAccuracy: 0.7,
  suspendProbability: 0.95,
  suspendBelow: 0.6,
  recalibrationGolds: 10,
  recalibrationIntervalMs: 30 * 24 * 3600 * 1000,
};

/** What the campaign of a gold answer says of how its annotators are judged. */
export interface GoldLimits {
  readonly minGolds: number;
  readonly minAccuracy: number;
}

/** How somebody agrees with the others, where that is hardly more than by chance: see `lowPeerAgreement`. */
export interface PeerDoubt {
  /** Their newest tasks that others answered, too. */
  readonly tasks: number;
  /** Mean similarity to the others, 0 to 1; what chance alone gives, and what the others have among one another. */
  readonly agreement: number;
  readonly chance: number;
  readonly peers: number;
}

/** Plain JSON, so that a workflow can carry it on. */
export interface StandingState {
  readonly version: 1;
  readonly standing: Standing;
  /** The last gold results (1 right, 0 wrong), newest last. */
  readonly recent: readonly (0 | 1)[];
  /** Gold answers since the standing last changed. */
  readonly sinceChange: number;
  readonly goldTotal: number;
  readonly goldCorrect: number;
  /** Annotation ids of the last golds counted: an event that comes twice counts once. */
  readonly seen: readonly string[];
  /** How often a recalibration has begun. */
  readonly recalibrations: number;
  readonly lastChangeAtMs: number;
  readonly nextRecalibrationAtMs: number;
  /** Whether the rules or a person changed the standing last; absent before the first change. */
  readonly changedBy?: 'rules' | 'hand';
  /** The last corrections applied: one that comes twice counts once. */
  readonly corrected?: readonly string[];
  /** Of the campaign of the last gold answer, where they are other ones than usual. */
  readonly limits?: GoldLimits;
}

/** An answer has another verdict since the known answer was corrected. */
export interface GoldCorrection {
  readonly appealId: string;
  readonly annotationId: string;
  /** The verdict from now on; it was the opposite before. */
  readonly correct: boolean;
}

/** How a calibration session ended. */
export interface Calibrated {
  readonly sessionId: string;
  /** The answers to its questions in order: 1 right, 0 wrong. */
  readonly results: readonly (0 | 1)[];
  /** How many had to be right. */
  readonly needed: number;
}

export type StandingEvent =
  | {
      readonly type: 'goldAnswered';
      readonly annotationId: string;
      readonly correct: boolean;
      readonly atMs: number;
      /** The usual ones where absent. */
      readonly limits?: GoldLimits;
      /** What their other answers said of them by then, where that was against them. */
      readonly doubt?: PeerDoubt;
    }
  | ({ readonly type: 'goldCorrected'; readonly atMs: number } & GoldCorrection)
  | ({ readonly type: 'calibrated'; readonly atMs: number } & Calibrated)
  | { readonly type: 'recalibrationDue'; readonly atMs: number }
  | { readonly type: 'reinstated'; readonly by: string; readonly reason: string; readonly atMs: number }
  | { readonly type: 'suspendedByHand'; readonly by: string; readonly reason: string; readonly atMs: number }
  | { readonly type: 'recalibratedByHand'; readonly by: string; readonly reason: string; readonly atMs: number };

export interface StandingEvidence {
  /** Gold answers looked at, and how many of them were right. */
  readonly golds: number;
  readonly correct: number;
  /** P(accuracy < minAccuracy) given these, from a uniform prior. */
  readonly probabilityBelow: number;
  /** Who did it, for changes made by hand. */
  readonly by?: string;
  /** The upheld appeal that it follows from. */
  readonly appealId?: string;
  /** The calibration session that it follows from. */
  readonly sessionId?: string;
  /** What called for a recalibration where golds did not. */
  readonly doubt?: PeerDoubt;
}

export interface StandingChange {
  readonly from: Standing;
  readonly to: Standing;
  /** One sentence with the numbers, for the annotator and the requester. */
  readonly reason: string;
  readonly evidence: StandingEvidence;
  readonly atMs: number;
  /** A recalibration because it was time, and not because of answers: work goes on meanwhile. */
  readonly routine?: true;
}

/** A new annotator: active, with no golds answered. */
export function newStanding(atMs: number, rules: StandingRules = DEFAULT_STANDING_RULES): StandingState {
  return {
    version: 1,
    standing: 'active',
    recent: [],
    sinceChange: 0,
    goldTotal: 0,
    goldCorrect: 0,
    seen: [],
    recalibrations: 0,
    lastChangeAtMs: atMs,
    nextRecalibrationAtMs: atMs + rules.recalibrationIntervalMs,
  };
}

/** (1 + correct) / (2 + n) over the recent window: 0.5 for a newcomer, moving with each gold answer. */
export function qualityScore(state: Pick<StandingState, 'recent'>): number {
  return (1 + rightOf(state.recent)) / (2 + state.recent.length);
}

/** How many of the results are right. */
export function rightOf(results: readonly (0 | 1)[]): number {
  return results.reduce<number>((sum, result) => sum + result, 0);
}
