import { agreementInterval } from '../agreement/agreement-interval.ts';
import { taskAgreement } from '../agreement/task-agreement.ts';
import { isRightAnswer } from '../tasks/index.ts';
import type { AnyTaskType } from '../tasks/task-type.ts';
import { accuracyInterval } from './beta.ts';

/** One answer as it is measured. */
export interface MeasuredAnswer {
  readonly annotatorId: string;
  readonly taskId: string;
  readonly counted: boolean;
  readonly isWork: boolean;
  readonly label: unknown;
  /** Null where no answer is known. */
  readonly known: unknown;
  /** Null where nothing is decided. */
  readonly decided: unknown;
  readonly seconds: number;
  readonly timeSpentS: number | null;
}

export interface Spread {
  readonly p50: number;
  readonly p90: number;
}

/** What is counted of all answers of a platform. */
export interface PlatformCounts {
  readonly annotators: number;
  readonly answers: number;
  /** Answers of which it is settled whether they are paid. */
  readonly settled: number;
  readonly paidMicros: bigint;
  /** What it cost without an answer. */
  readonly unansweredMicros: bigint;
}

/** What a platform's answers cost, all of them, and what the newest are worth, measured by one campaign. */
export interface PlatformFigures {
  readonly annotators: number;
  readonly answers: number;
  /** What is paid of its answers, and what it cost without one. */
  readonly spentMicros: bigint;
  /** The same for each answer that is settled. */
  readonly answerMicros: bigint;
  readonly secondsToAnswer: Spread;
  /** Focused seconds of an answer; null where nobody said. */
  readonly workSeconds: Spread | null;
  /** Share of its answers that were on golds. */
  readonly goldShare: number;
  /** On golds, with the 95% interval; null without any, as of judges, which audits measure. */
  readonly accuracy: {
    readonly correct: number;
    readonly total: number;
    readonly low: number;
    readonly high: number;
  } | null;
  /** Krippendorff's alpha of its annotators with one another, with its 95% interval; null where no two answered a task. */
  readonly agreement: {
    readonly alpha: number;
    readonly low: number | null;
    readonly high: number | null;
    readonly tasks: number;
  } | null;
  /** 1 less the mean distance to the decisions, which its own answers had a part in; null before any. */
  readonly nearDecisions: number | null;
}

const RESAMPLES = 60;
const EFFORT = 1e6;

/** The figures of one platform by its newest answers, of which there is at least one, and by what is counted of all. */
export function platformFigures(
  type: AnyTaskType,
  config: unknown,
  answers: readonly MeasuredAnswer[],
  given: { readonly all: PlatformCounts; readonly seed: string },
): PlatformFigures {
  const { all } = given;
  const spentMicros = all.paidMicros + all.unansweredMicros;
  const golds = answers.filter(({ known }) => known !== null);
  const correct = golds.filter(({ label, known }) => isRightAnswer(type, config, label, known)).length;
  const decided = answers.filter(({ decided: label }) => label !== null);
  const apart = decided.reduce((sum, { label, decided: other }) => sum + type.distance(label, other, config), 0);
  const work = answers.flatMap(({ timeSpentS }) => timeSpentS ?? []);
  return {
    annotators: all.annotators,
    answers: all.answers,
    spentMicros,
    answerMicros: spentMicros / BigInt(Math.max(1, all.settled)),
    secondsToAnswer: spreadOf(answers.map(({ seconds }) => Math.max(0, seconds))),
    workSeconds: work.length === 0 ? null : spreadOf(work),
    goldShare: golds.length / Math.max(1, answers.length),
    accuracy: golds.length === 0 ? null : { correct, total: golds.length, ...accuracyInterval(correct, golds.length) },
    agreement: agreementAmong(type, config, answers, given.seed),
    nearDecisions: decided.length === 0 ? null : 1 - apart / decided.length,
  };
}

function agreementAmong(type: AnyTaskType, config: unknown, answers: readonly MeasuredAnswer[], seed: string) {
  const byTask = new Map<string, MeasuredAnswer[]>();
  for (const answer of answers) {
    if (answer.isWork && answer.counted) byTask.set(answer.taskId, [...(byTask.get(answer.taskId) ?? []), answer]);
  }
  const shared = [...byTask.values()].filter(({ length }) => length > 1);
  const { alpha } = taskAgreement(type, config, shared.flat(), EFFORT);
  if (shared.length === 0 || alpha === undefined) return null;
  const interval = agreementInterval(type, config, shared.flat(), { resamples: RESAMPLES, seed });
  return { alpha, low: interval?.low ?? null, high: interval?.high ?? null, tasks: shared.length };
}

/** The values that half and nine in ten of these stay at or below. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9) };
}
