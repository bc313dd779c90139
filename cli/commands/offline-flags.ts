import type { CrowdMethodName } from '../../domain/aggregation/crowd/methods.ts';
import type { Weights } from '../../domain/agreement/category-distance.ts';
import type { Metric } from '../../domain/agreement/measure.ts';
import type { Duplicates } from '../../domain/formats/duplicates.ts';
import type { MeasurementLevel } from '../../domain/tasks/task-type.ts';

/** What every command over a file of answers is told. */
export interface AnswersFlags {
  readonly in: string;
  readonly duplicates?: Duplicates;
  readonly labels?: readonly string[];
  readonly json?: boolean;
}

/** Methods for labels and for comparisons. Their names are repeated here: to print help, no method has to be loaded. */
export const CROWD: readonly CrowdMethodName[] = [
  'default',
  'majority',
  'wawa',
  'one-coin',
  'dawid-skene',
  'glad',
  'mace',
];
export const PAIRS = ['bradley-terry', 'noisy-bradley-terry'] as const;
export type PairsName = (typeof PAIRS)[number];

export interface AggregateFlags extends AnswersFlags {
  readonly method: CrowdMethodName | PairsName | 'mean';
  readonly gold?: string;
  readonly out?: string;
  readonly pairs?: string;
  readonly force?: boolean;
  readonly seed: number;
}

export interface AgreementFlags extends AnswersFlags {
  readonly metric: Metric;
  readonly level: MeasurementLevel;
  readonly weights?: Weights;
  readonly bootstrap: number;
  readonly minShared?: number;
  readonly seed: number;
}

export type PolicyKind = { readonly kind: 'fixed'; readonly n: number } | { readonly kind: 'adaptive' };

export interface ReplayFlags extends AnswersFlags {
  readonly gold: string;
  readonly policy: PolicyKind;
  readonly min?: number;
  readonly max?: number;
  readonly target?: number;
  readonly average?: number;
  readonly atHand?: number;
  readonly seeds: number;
}
