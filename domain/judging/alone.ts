import { seededRng } from '../rng.ts';
import type { Trust } from './audit.ts';

/** A campaign's terms for judges who answer before people are asked. */
export interface JudgeTerms {
  /** Share of tasks that people are asked about whatever the judges say. */
  readonly auditShare: number;
  /** Audited tasks before a judge may decide anything alone. */
  readonly minAudited: number;
  /** Least probability of a label that judges decide alone. */
  readonly target: number;
}

/** How probable a label that judges alone decide must be: never less than one that people decide together. */
export const targetAlone = ({ target }: Pick<JudgeTerms, 'target'>, minConfidence: number): number =>
  Math.max(target, minConfidence);

export interface JudgedTask {
  readonly taskId: string;
  /** Of the campaign: with the task's id it says which tasks are audited. */
  readonly seed: string;
  /** The model is measured by it: that is worth nothing where another model gave its label. */
  readonly measures: boolean;
  readonly judges: readonly { readonly trust: Trust; readonly ordersDisagree: boolean }[];
  /** Of the crowd's model; undefined where no model has been learnt yet, so that nothing is calibrated. */
  readonly probability: number | undefined;
}

export type WhyPeople = 'no_answer' | 'learning' | 'audit' | 'distrusted' | 'orders_disagree' | 'below_target';

/**
 * Why people are asked about a task that its judges have answered; undefined where these may decide it alone. Tasks of
 * `learning` and `audit` are a random sample, as those that the campaign's model is measured by are: which ones does not
 * depend on the answers. One judge that is still measured does not hold up another that is trusted: the audits measure both.
 */
export function whyPeople(task: JudgedTask, terms: JudgeTerms): WhyPeople | undefined {
  if (task.judges.length === 0) return 'no_answer';
  const trusted = task.judges.filter(({ trust }) => trust === 'trusted');
  if (trusted.length === 0 && task.judges.some(({ trust }) => trust === 'learning')) return 'learning';
  if (task.measures || isAudited(task, terms)) return 'audit';
  if (trusted.length === 0) return 'distrusted';
  if (trusted.every(({ ordersDisagree }) => ordersDisagree)) return 'orders_disagree';
  return task.probability !== undefined && task.probability >= terms.target ? undefined : 'below_target';
}

/** Whether the task is of the audit sample. */
export function isAudited({ seed, taskId }: Pick<JudgedTask, 'seed' | 'taskId'>, { auditShare }: JudgeTerms): boolean {
  return seededRng(`audit ${seed} ${taskId}`).next() < auditShare;
}

/** What a distrusted judge's answer counts beside anybody's, and one that depends on the order in which a pair is shown. */
const DOUBTED = 0.25;

/**
 * What each judge's answer to a task counts, from 0 to 1: n that say the same count n / (1 + (n - 1) r) together, with r
 * their correlation (Kish's design effect), so that copies of one model are one voice. A verdict that changes with the order
 * says little of the pair.
 */
export function judgeWeight(
  judge: { readonly trust: Trust; readonly correlation: number; readonly ordersDisagree?: boolean },
  sameLabel: number,
): number {
  const shared = 1 / (1 + Math.max(0, sameLabel - 1) * judge.correlation);
  const trust = judge.trust === 'distrusted' ? DOUBTED : 1;
  return shared * trust * (judge.ordersDisagree ? DOUBTED : 1);
}

/** The workforce that people are asked in where judges do not do: the first of the campaign's that is none of judges. */
export function workforceOfPeople({ workforces }: { readonly workforces: readonly string[] }): string {
  return workforces.find((each) => each !== 'llm') ?? 'internal';
}
