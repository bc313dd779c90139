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
/** The newest audits beyond a threshold, which are looked at by themselves, too: a fall drowns in very many old ones. */
const NEWEST = 50;

/**
 * The lowest confidence beyond which the model agrees with people at least as often as the target says: the lower end of
 * Wilson's interval of the audits there must reach it, at 95% for all thresholds together, and the upper end of the newest
 * ones', too. Undefined where the audits support none: with a target of 0.95 that takes 123 audits without a fault, and of
 * the newest 50 seven faults. Audits are given with the newest first.
 */
export function supportedThreshold(audits: readonly Audit[], rules: AutoLabelRules): Support | undefined {
  for (const threshold of THRESHOLDS) {
    const support = supportOfAll(audits, rules, threshold);
    if (support && !newestFall(audits, rules, threshold)) return support;
  }
  return undefined;
}

/** Of audits that support no threshold, those that say so: the newest where these are the ones, else all. */
export function lackOfSupport(audits: readonly Audit[], rules: AutoLabelRules): Support {
  for (const threshold of THRESHOLDS) {
    const fall = supportOfAll(audits, rules, threshold) && newestFall(audits, rules, threshold);
    if (fall) return fall;
  }
  return supportAt(audits, 0) ?? { threshold: 0, audited: 0, right: 0, low: 0 };
}

function supportOfAll(audits: readonly Audit[], rules: AutoLabelRules, threshold: number): Support | undefined {
  const support = supportAt(audits, threshold);
  return support && support.audited >= rules.minAudited && support.low >= rules.target ? support : undefined;
}

function newestFall(audits: readonly Audit[], rules: AutoLabelRules, threshold: number): Support | undefined {
  const newest = supportAt(audits, threshold, NEWEST);
  return newest && wilsonInterval(newest.right, newest.audited, Z).high < rules.target ? newest : undefined;
}

/** How often the model was right beyond a threshold, in the first `most` of the audits there; undefined where there is none. */
function supportAt(audits: readonly Audit[], threshold: number, most = audits.length): Support | undefined {
  const beyond = audits.filter(({ confidence }) => confidence > threshold).slice(0, most);
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
