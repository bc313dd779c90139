/** What a plan takes for true where neither a pilot nor a person says otherwise. */
export const PLAN_DEFAULTS = {
  type: 'classification',
  tier: 'crowd',
  accuracy: 0.8,
  choices: 2,
  // The medians of nine recorded crowds, whose spreads are 0.2 to 2.9 and 0.4 to 1.5.
  skillSd: 0.9,
  easeSd: 0.9,
  unsure: 0.2,
  annotators: 20,
  goldRatio: 0.05,
  feeRatio: 0,
  judgePriceMicros: 5000n,
  seed: 'quorate',
} as const;

/** What can be played in good time. */
export const PLAN_LIMITS = { tasks: 1_000_000_000, choices: 100, annotators: 1000, runs: 1000 } as const;
