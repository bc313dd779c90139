import { expect, it } from 'vitest';
import { assess } from '../../../domain/quality/assess.ts';
import { rescored } from '../../../domain/quality/rescore.ts';
import { RULE_DEFAULTS, DEFAULT_QUALITY_RULES as rules } from '../../../domain/quality/rules.ts';
import type { QualityFlag } from '../../../domain/quality/signal.ts';

const signals = [
  { flag: 'straight_lining', factor: RULE_DEFAULTS.straightLining.factor, evidence: {} },
  { flag: 'position_bias', factor: RULE_DEFAULTS.positionBias.factor, evidence: {} },
  { flag: 'copied_text', factor: RULE_DEFAULTS.copiedText.factor, evidence: {} },
  { flag: 'contradiction', factor: RULE_DEFAULTS.contradiction.factor, evidence: {} },
  { flag: 'low_peer_agreement', factor: RULE_DEFAULTS.lowPeerAgreement.factor, evidence: {} },
] as const;
const facts = { timeSpentS: 1000, sinceLeaseS: 4, goldSeen: 20, goldCorrect: 1, signals };

it.each(['gold', 'honeypot'] as const)('a %s with another verdict scores as if it had been assessed so', (kind) => {
  const right = assess({ ...facts, goldVerdict: 'correct' }, rules);
  const wrong = assess({ ...facts, goldVerdict: 'wrong', honeypotFailed: kind === 'honeypot' }, rules);
  const toRight = rescored(wrong.flags, { kind, correct: true }, rules);
  expect(new Set<QualityFlag>(toRight.flags)).toEqual(new Set(right.flags));
  expect(toRight.score).toBeCloseTo(right.score, 12);
  const toWrong = rescored(right.flags, { kind, correct: false }, rules);
  expect(new Set<QualityFlag>(toWrong.flags)).toEqual(new Set(wrong.flags));
  expect(toWrong.score).toBeCloseTo(wrong.score, 12);
});
