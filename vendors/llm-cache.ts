/** An answer that was paid for. */
export interface KnownAnswer {
  readonly said: unknown;
  readonly costMicros: bigint;
  readonly answeredBy: string;
  /** The unit that it was asked for, and is paid by; null in answers from before that was kept. */
  readonly paidBy: string | null;
}

/**
 * Answers that were paid for, by the hash of all that was asked, and what each model has cost; shared by all workers. A call
 * is charged before it is made, at the most it can cost, so that calls at once do not pass the cap together, and one whose
 * worker died has been paid for.
 */
export interface JudgeCache {
  get(hash: string): Promise<KnownAnswer | undefined>;
  /** Adds to what was spent on a model; false, and nothing is added, where that would pass its cap. */
  charge(charge: { readonly model: string; readonly micros: bigint; readonly capMicros: bigint }): Promise<boolean>;
  /** Takes back from what was spent on a model; what is below zero is added. */
  giveBack(charge: { readonly model: string; readonly micros: bigint }): Promise<void>;
  /** Keeps an answer, and gives back what its call was charged too much. Of two to one question the first stands. */
  put(entry: {
    readonly hash: string;
    readonly model: string;
    /** The version of the model, as the endpoint names it. */
    readonly answeredBy: string;
    readonly promptVersion: string;
    readonly said: unknown;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costMicros: bigint;
    readonly chargedMicros: bigint;
    readonly paidBy: string;
  }): Promise<KnownAnswer>;
}
