/** What a careful expert would answer to "which answer is better?". */
export type PreferenceTruth = 'a' | 'b' | 'tie' | 'both_bad';

/** A prompt with two answers to compare, and the reasoned truth. */
export interface PreferencePair {
  readonly key: string;
  readonly prompt: string;
  readonly a: string;
  readonly b: string;
  readonly truth: PreferenceTruth;
  /** Why the truth is what it is; never shown to annotators. */
  readonly reason: string;
  /** 0 (everyone sees it) to 1 (even experts hesitate). */
  readonly difficulty: number;
}
