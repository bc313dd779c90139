/** What a plan takes for true where neither a pilot nor a person says otherwise. */
export const PLAN_DEFAULTS = {
  type: 'classification',
  tier: 'crowd',
  accuracy: 0.8,
  choices: 2,
  skillSd: 0.6,
  easeSd: 0.8,
  unsure: 0.2,
  annotators: 20,
  goldRatio: 0.05,
  feeRatio: 0,
  judgePriceMicros: 5000n,
  seed: 'quorate',
} as const;

/** What can be played in good time. */
export const PLAN_LIMITS = { tasks: 1_000_000_000, choices: 100, annotators: 1000, runs: 1000 } as const;
