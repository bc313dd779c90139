/** An answer that was paid for. */
export interface KnownAnswer {
  readonly said: unknown;
  readonly costMicros: bigint;
  readonly answeredBy: string;
  /** The unit that it was asked for, and is paid by; null in answers from before that was kept. */
  readonly paidBy: string | null;
}

/** A model by its name, and the place where it is asked. */
export interface AskedModel {
  readonly address: string;
  readonly model: string;
}

/**
 * Answers that were paid for, by the hash of all that was asked, and what each model has cost where it is asked; shared by all
 * workers. Names of one version of a model at one address have one cap. A call is charged before it is made, at the most it can cost, so that calls at once do not pass the cap together, and one whose
 * worker died has been paid for.
 */
export interface JudgeCache {
  get(hash: string): Promise<KnownAnswer | undefined>;
  /** Adds to what was spent on a model; false, and nothing is added, where that would pass its cap. */
  charge(charge: AskedModel & { readonly micros: bigint; readonly capMicros: bigint }): Promise<boolean>;
  /** Takes back from what was spent on a model; what is below zero is added. */
  giveBack(charge: AskedModel & { readonly micros: bigint }): Promise<void>;
  /** Keeps an answer, and gives back what its call was charged too much. Of two to one question the first stands. */
  put(
    entry: AskedModel & {
      readonly hash: string;
      /** The version of the model, as the endpoint names it. */
      readonly answeredBy: string;
      readonly promptVersion: string;
      readonly said: unknown;
      readonly inputTokens: number;
      readonly outputTokens: number;
      readonly costMicros: bigint;
      readonly chargedMicros: bigint;
      readonly paidBy: string;
    },
  ): Promise<KnownAnswer>;
}
