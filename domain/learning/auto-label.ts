import { wilsonInterval } from './evaluate.ts';

/** When a campaign's model may label what is left: see `supportedThreshold`. */
export interface AutoLabelRules {
  /** Least accuracy of such labels. */
  readonly target: number;
  /** Audited items beyond a threshold without which it is not looked at. */
  readonly minAudited: number;
}

/** An item that people labelled by chance, and what the model, which never learnt from it, says of it. */
export interface Audit {
  /** Calibrated probability of the model's answer. */
  readonly confidence: number;
  readonly right: boolean;
}

export interface Support {
  readonly threshold: number;
  /** Audits beyond it, and how many of them agreed with people. */
  readonly audited: number;
  readonly right: number;
  /** Lower end of the interval of that agreement. */
  readonly low: number;
}

/** Fixed beforehand: a threshold sought among the audits themselves would fit their luck. */
const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99];
/** The standard normal's quantile for 5%, one-sided, shared by the nine thresholds (Bonferroni). */
const Z = 2.5392;

/**
 * The lowest confidence beyond which the model agrees with people at least as often as the target says: the lower end of
 * Wilson's interval of the audits there must reach it, at 95% for all thresholds together. Undefined where the audits
 * support none: with a target of 0.95 that takes 123 audits without a fault.
 */
export function supportedThreshold(audits: readonly Audit[], rules: AutoLabelRules): Support | undefined {
  for (const threshold of THRESHOLDS) {
    const support = supportAt(audits, threshold);
    if (support && support.audited >= rules.minAudited && support.low >= rules.target) return support;
  }
  return undefined;
}

/** How often the model was right beyond a threshold; undefined where there is no audit. */
export function supportAt(audits: readonly Audit[], threshold: number): Support | undefined {
  const beyond = audits.filter(({ confidence }) => confidence > threshold);
  if (beyond.length === 0) return undefined;
  const right = beyond.filter((audit) => audit.right).length;
  return { threshold, audited: beyond.length, right, low: wilsonInterval(right, beyond.length, Z).low };
}

/** Of each row (rows x classes) the most probable class and its probability. */
export function surest(probabilities: Float64Array, classes: number): { best: number; confidence: number }[] {
  return Array.from({ length: probabilities.length / classes }, (_, row) => {
    const shares = probabilities.subarray(row * classes, (row + 1) * classes);
    const confidence = Math.max(...shares);
    return { best: shares.indexOf(confidence), confidence };
  });
}
