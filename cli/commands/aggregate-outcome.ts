import { type Calibration, calibrationOf } from '../../domain/aggregation/calibration-error.ts';
import { thousands } from './offline-input.ts';

/** What an aggregation came to. */
export interface Outcome {
  /** Members of the JSON document. */
  readonly report: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** The same for people. */
  readonly shown: readonly (readonly [name: string, value: string | undefined])[];
  /** The result as CSV with a header, piece by piece. */
  content(): Iterable<string | Uint8Array>;
  /** Of comparisons, what is decided of each two items that were compared, likewise. */
  pairs?(): Iterable<string>;
}

export interface Compared extends Partial<Calibration> {
  /** The share of gold tasks with answers on which the result is right; null where there are none. */
  readonly accuracy: number | null;
  readonly goldTasks: number;
  /** Gold for tasks that have no answers. */
  readonly goldUnknown: number;
  /** Gold tasks whose label no answer has: they are wrong whatever the result; and one of these labels. */
  readonly goldLabelsUnknown?: number;
  readonly goldLabelUnknown?: string;
  /** Comparisons of which gold says that neither item is the better one. */
  readonly goldTies?: number;
}

/** How right the labels of gold tasks are, and how right they were said to be; as `calibrationOf` takes them. */
export function scored(claims: Parameters<typeof calibrationOf>[0]) {
  const goldTasks = claims.length;
  const accuracy = goldTasks === 0 ? null : claims.reduce((sum, { right }) => sum + right, 0) / goldTasks;
  return { accuracy, ...calibrationOf(claims), goldTasks };
}

/** The same for people. */
export function shownAccuracy({ accuracy, goldTasks, goldUnknown, goldTies = 0 }: Compared): string {
  const share = accuracy === null ? 'unknown' : accuracy.toFixed(4);
  const unknown = goldUnknown > 0 ? `; ${thousands(goldUnknown)} have no answers here` : '';
  const ties = goldTies > 0 ? `; ${thousands(goldTies)} ties say nothing` : '';
  return `${share} of ${thousands(goldTasks)} gold tasks${unknown}${ties}`;
}

/** How sure the method was of the labels of gold tasks, beside their accuracy. */
export function shownCalibration({ meanConfidence, calibrationError }: Compared): string | undefined {
  if (meanConfidence === undefined || calibrationError === undefined) return undefined;
  return `${meanConfidence.toFixed(4)} on average on gold tasks, calibration error ${calibrationError.toFixed(4)}`;
}
