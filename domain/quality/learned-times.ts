import type { LearnedTimeRules } from './rules.ts';

export interface TimeLimits {
  readonly tooFastS: number;
  readonly tooSlowS: number;
}

/** The median absolute deviation of a normal variable, as part of its standard deviation. */
const MAD_PER_DEVIATION = 0.6744897501960817;
/** Shorter times come from machines and clocks; their logarithm would say too much. */
const LEAST_S = 0.05;

/**
 * Limits of time from recorded times (seconds): log-normal, by the median and the median absolute deviation of the
 * logarithm, which up to half of the answers, however strange, cannot carry away (Rousseeuw and Croux, 1993). Undefined
 * from fewer than `minAnswers`, and where half of the times are the same: then they say nothing of their spread.
 */
export function learnTimes(seconds: readonly number[], rules: LearnedTimeRules): TimeLimits | undefined {
  if (seconds.length === 0 || seconds.length < rules.minAnswers) return undefined;
  const logs = seconds.map((each) => Math.log(Math.max(LEAST_S, each)));
  const middle = median(logs);
  const deviation = median(logs.map((each) => Math.abs(each - middle))) / MAD_PER_DEVIATION;
  if (!(deviation > 0)) return undefined;
  return {
    tooFastS: Math.exp(middle - rules.fastDeviations * deviation),
    tooSlowS: Math.exp(middle + rules.slowDeviations * deviation),
  };
}

/** However fast the crowd is, nobody reads and answers in less. */
const LEAST_FAST_S = 1;

/**
 * Rules with learnt limits of time in place of the fixed ones (too fast is at least 1 s), or with `tightenOnly` where these
 * are the tighter ones.
 */
export function withLearnedTimes<Rules extends TimeLimits & { readonly learnedTimes: LearnedTimeRules | null }>(
  rules: Rules,
  learned: TimeLimits | undefined,
): Rules {
  if (!learned) return rules;
  const { tightenOnly = true } = rules.learnedTimes ?? {};
  if (!tightenOnly) {
    const tooFastS = Math.max(LEAST_FAST_S, learned.tooFastS);
    return { ...rules, tooFastS, tooSlowS: Math.max(tooFastS, learned.tooSlowS) };
  }
  const tooFastS = Math.max(rules.tooFastS, Math.min(learned.tooFastS, rules.tooSlowS));
  return { ...rules, tooFastS, tooSlowS: Math.max(tooFastS, Math.min(rules.tooSlowS, learned.tooSlowS)) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}
