/** A calibration session: worked examples, then a test on known answers with feedback after each. */
export interface CalibrationRules {
  /** Worked examples that are shown before the test, as far as there are golds enough. */
  readonly examples: number;
  /** Questions of the test; a campaign with fewer golds that the annotator has not met gives no session. */
  readonly questions: number;
  /** Share of right answers that passes. */
  readonly passAccuracy: number;
  /** Whether people must pass a session of this campaign before they are offered its tasks. */
  readonly required: boolean;
  /** Days before somebody who failed what is required may try again. */
  readonly retryAfterDays: number;
}

/** By default a session is the way back for whoever is being recalibrated, and nobody needs one before. */
export const DEFAULT_CALIBRATION: CalibrationRules = {
  examples: 3,
  questions: 10,
  passAccuracy: 0.7,
  required: false,
  retryAfterDays: 7,
};

const DAY_MS = 24 * 3600 * 1000;

/** Why somebody takes a session: their standing is in doubt, or the campaign asks everybody for one. */
export type CalibrationReason = 'recalibration' | 'qualification';

/** What is known of an annotator when they ask for a session. */
export interface CalibrationFacts {
  readonly standing: 'active' | 'recalibrating' | 'suspended';
  /** When they last ended a session of this campaign, and how; null before any. */
  readonly last: { readonly passed: boolean; readonly endedAtMs: number } | null;
  readonly nowMs: number;
}

export type CalibrationCall =
  | { readonly called: true; readonly reason: CalibrationReason }
  | { readonly called: false; readonly retryAtMs: number | null };

/**
 * Whether a session is called for: while the standing is `recalibrating`, or, where the campaign requires one, until one
 * was passed. After a failed qualification it is called for again from `retryAtMs` on.
 */
export function calibrationCall(facts: CalibrationFacts, rules: CalibrationRules): CalibrationCall {
  const { standing, last, nowMs } = facts;
  if (standing === 'suspended') return { called: false, retryAtMs: null };
  if (standing === 'recalibrating') return { called: true, reason: 'recalibration' };
  if (!rules.required || last?.passed) return { called: false, retryAtMs: null };
  const retryAtMs = last === null ? nowMs : last.endedAtMs + rules.retryAfterDays * DAY_MS;
  return retryAtMs <= nowMs ? { called: true, reason: 'qualification' } : { called: false, retryAtMs };
}

/** How many of `questions` must be right: the least whole number that is at least `passAccuracy` of them. */
export function rightNeeded(questions: number, passAccuracy: number): number {
  // 0.7 * 10 is a little more than 7 in binary.
  return Math.ceil(questions * passAccuracy - 1e-9);
}
