/** What happens, in order, each time a task's collection window runs out. */
export type EscalationStep =
  | { readonly step: 'raise_priority' }
  /** Raises the pay of answers still to come by this share (0.25 = 25%), if the budget allows. */
  | { readonly step: 'raise_pay'; readonly by: number }
  /** Accepts annotators one tier lower. */
  | { readonly step: 'widen_tier' }
  /** Offers the open slots to the next workforce of the campaign's list. */
  | { readonly step: 'next_workforce' }
  | { readonly step: 'adjudicate' }
  | { readonly step: 'give_up' };

/** How often a ladder goes to the next workforce; what comes after its end is never reached. */
export function movesIn(ladder: readonly EscalationStep[]): number {
  const end = ladder.findIndex(({ step }) => step === 'give_up' || step === 'adjudicate');
  const reached = end < 0 ? ladder : ladder.slice(0, end);
  return reached.filter(({ step }) => step === 'next_workforce').length;
}

/** What to do when all wanted answers are in and confidence is below the least one. */
export type OnDisagreement = 'accept' | 'extend' | 'adjudicate';

/** The part of a campaign's settings that one task follows; a snapshot taken when the task starts. */
export interface TaskPolicy {
  readonly version: number;
  readonly redundancy: number;
  readonly maxRedundancy: number;
  readonly minConfidence: number;
  readonly onDisagreement: OnDisagreement;
  /** What to do when a task was extended as far as it may and is still not confident; absent means `accept`. */
  readonly whenContested?: 'accept' | 'adjudicate' | 'unresolved';
  readonly windowMs: number;
  readonly adjudicationMs: number;
  readonly escalation: readonly EscalationStep[];
  /** Judges answer first, and people are asked where these may not decide alone. */
  readonly judgeFirst?: true;
  /** Nothing is decided before it was looked at what the judges said; tasks from before this rule lack it. */
  readonly heedsFirst?: true;
  /** At the end of its ladder the answers there are decide, where they are enough; tasks from before this rule lack it. */
  readonly decidesAtEnd?: true;
}

/** The most that a price can grow to by the raises of an escalation ladder; micro-dollars, rounded up. */
export function highestPriceMicros(priceMicros: bigint, escalation: readonly EscalationStep[]): bigint {
  return escalation.reduce(
    (price, step) => (step.step === 'raise_pay' ? raisedMicros(price, step.by) : price),
    priceMicros,
  );
}

/** A price after one raise, rounded up to a whole micro-dollar. */
export function raisedMicros(priceMicros: bigint, by: number): bigint {
  const ppm = BigInt(Math.round((1 + by) * 1e6));
  return (priceMicros * ppm + 999_999n) / 1_000_000n;
}
