import type { QualityRules } from './rules.ts';
import type { QualityFlag } from './signal.ts';

/** The factor that a flag stands for; rules that are off by now count as 1. */
export function factorOf(flag: QualityFlag, rules: QualityRules): number {
  switch (flag) {
    case 'too_fast':
      return rules.tooFastFactor;
    case 'too_slow':
      return rules.tooSlowFactor;
    case 'time_overstated':
      return rules.timeOverstatedFactor;
    case 'gold_incorrect':
      return rules.goldIncorrectFactor;
    case 'below_gold_threshold':
      return rules.belowGoldFactor;
    case 'honeypot_failed':
      return rules.honeypotFailedFactor;
    case 'straight_lining':
      return rules.straightLining?.factor ?? 1;
    case 'position_bias':
      return rules.positionBias?.factor ?? 1;
    case 'copied_text':
      return rules.copiedText?.factor ?? 1;
    case 'contradiction':
      return rules.contradiction?.factor ?? 1;
    case 'low_peer_agreement':
      return rules.lowPeerAgreement?.factor ?? 1;
  }
}

/** Flags and score of an answer to a known task when its verdict changes; what else was found stays. */
export function rescored(
  flags: readonly QualityFlag[],
  verdict: { kind: 'gold' | 'honeypot'; correct: boolean },
  rules: QualityRules,
): { score: number; flags: QualityFlag[] } {
  const kept = flags.filter((flag) => flag !== 'gold_incorrect' && flag !== 'honeypot_failed');
  const failed: QualityFlag[] =
    verdict.kind === 'honeypot' ? ['gold_incorrect', 'honeypot_failed'] : ['gold_incorrect'];
  const now = verdict.correct ? kept : [...kept, ...failed];
  return { flags: now, score: now.reduce((score, flag) => score * factorOf(flag, rules), 1) };
}
