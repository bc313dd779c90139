import type { QualityReport } from './report.ts';

/** When a campaign's intake is paused because its task, not its annotators, is at fault. */
export interface AgreementWatch {
  /** Alpha below this pauses the campaign. */
  readonly pauseBelow: number;
  /** The newest counted answers that are looked at, at most; only those since the last such pause ended. */
  readonly windowAnswers: number;
  /** Nothing is judged before so many tasks have two answers or more. */
  readonly minTasks: number;
}

export const DEFAULT_AGREEMENT_WATCH: AgreementWatch = { pauseBelow: 0.6, windowAnswers: 2000, minTasks: 50 };

/** Whether what was measured is a reason to pause. Undefined agreement (a single label) is none. */
export function isBroken({ alpha, tasks }: Pick<QualityReport, 'alpha' | 'tasks'>, watch: AgreementWatch): boolean {
  return tasks >= watch.minTasks && alpha !== null && alpha < watch.pauseBelow;
}
