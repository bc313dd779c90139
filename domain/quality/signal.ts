/** Everything that an answer can be flagged with. */
export const QUALITY_FLAGS = [
  'too_fast',
  'too_slow',
  'time_overstated',
  'gold_incorrect',
  'below_gold_threshold',
  'honeypot_failed',
  'straight_lining',
  'position_bias',
  'copied_text',
  'contradiction',
  'low_peer_agreement',
] as const;
export type QualityFlag = (typeof QUALITY_FLAGS)[number];

/** What a rule found: its flag, the factor that the score is multiplied by, and the numbers it goes by. */
export interface Signal {
  readonly flag: QualityFlag;
  readonly factor: number;
  readonly evidence: Readonly<Record<string, number | string>>;
}
