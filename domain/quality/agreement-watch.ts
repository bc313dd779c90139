/** When a campaign's intake is paused because its task, not its annotators, is at fault. */
export interface AgreementWatch {
  /** Alpha that is clearly below this pauses the campaign: all of its 95% interval. */
  readonly pauseBelow: number;
  /** The newest counted answers that are looked at, at most; only those since the last such pause ended. */
  readonly windowAnswers: number;
  /** Nothing is judged before so many tasks have two answers or more. */
  readonly minTasks: number;
  /** Alpha above this says that fewer annotators, or a model, may do; 0.8 in settings from before it was one. */
  readonly calibratedAbove?: number;
}

export const DEFAULT_AGREEMENT_WATCH = {
  pauseBelow: 0.6,
  windowAnswers: 2000,
  minTasks: 50,
  calibratedAbove: 0.8,
} as const satisfies AgreementWatch;

/**
 * Whether what was measured is a reason to pause: alpha is below the limit, and so is the upper end of its interval, where
 * there is one, as the campaign is looked at again and again. Undefined agreement (a single label) is none.
 */
export function isBroken(
  { alpha, tasks }: { readonly alpha: number | null; readonly tasks: number },
  watch: AgreementWatch,
  interval: () => { readonly high: number } | undefined,
): boolean {
  if (tasks < watch.minTasks || alpha === null || alpha >= watch.pauseBelow) return false;
  return (interval()?.high ?? alpha) < watch.pauseBelow;
}
