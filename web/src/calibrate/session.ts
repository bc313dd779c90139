import type { TaskType } from '../api/types';

/** A calibration session as the API tells it. */
export interface Session {
  readonly id: string;
  readonly type: TaskType;
  readonly config?: unknown;
  readonly instructions: string;
  readonly questions: number;
  readonly needed: number;
  readonly answered: number;
  readonly right: number;
  readonly state: 'open' | 'passed' | 'failed';
  readonly examples: readonly { readonly number: number; readonly payload?: unknown; readonly label?: unknown }[];
  readonly question: { readonly number: number; readonly payload?: unknown } | null;
}

export interface Feedback {
  readonly correct: boolean;
  readonly known?: unknown;
  readonly session: Session;
}
