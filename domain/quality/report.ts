import { taskAgreement } from '../agreement/task-agreement.ts';
import type { AnyTaskType } from '../tasks/task-type.ts';
import { type Advice, advise, type Verdict } from './advice.ts';
import type { AgreementWatch } from './agreement-watch.ts';
import { type Answer, type ConfusedPair, confusedPairs } from './confusion.ts';

/** Whether a campaign's task is sound, and where its annotators differ. Plain JSON. */
export interface QualityReport {
  readonly verdict: Verdict;
  /** Sentences, the most important first. */
  readonly advice: readonly string[];
  /** Krippendorff's alpha; null where it is undefined. */
  readonly alpha: number | null;
  /** Answers looked at. */
  readonly answers: number;
  /** Tasks with two answers or more among them. */
  readonly tasks: number;
  readonly confused: readonly ConfusedPair<unknown>[];
}

const MAX_PAIRS = 10;

const TEXTS_DIFFER: Advice = {
  verdict: 'unknown',
  advice: [
    'Good texts differ as much as bad ones do: how far apart two of them are says nothing of the instructions. Read those that differ the most.',
  ],
};

/** Measures the agreement of these answers and says what to do about it, by the limits of `watch`; `effort` as in `taskAgreement`. */
export function qualityReport(
  type: AnyTaskType,
  config: unknown,
  answers: readonly Answer<unknown>[],
  { effort, watch }: { readonly effort: number; readonly watch?: AgreementWatch | null | undefined },
): QualityReport {
  const { alpha } = taskAgreement(type, config, answers, effort);
  const confused = confusedPairs(type, config, answers, MAX_PAIRS, effort);
  const tasks = pairableTasks(answers);
  const [worst, next] = confused;
  const named = worst && {
    labels: [shown(worst.labels[0]), shown(worst.labels[1])] as const,
    ...{ share: worst.share, nextShare: next?.share ?? 0 },
  };
  const { verdict, advice } =
    type.name === 'free_text' ? TEXTS_DIFFER : advise({ alpha, tasks, worst: named }, watch ?? undefined);
  return { verdict, advice, alpha: alpha ?? null, answers: answers.length, tasks, confused };
}

/** How many tasks have two answers or more among these. */
export function pairableTasks(answers: readonly { readonly taskId: string }[]): number {
  const counts = new Map<string, number>();
  for (const { taskId } of answers) counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1).length;
}

/** What people call the answers of a comparison. */
const PAIR_WORDS: Readonly<Record<string, string>> = {
  a: '“the first is better”',
  b: '“the second is better”',
  tie: '“a tie”',
  both_bad: '“both are bad”',
};

function shown(label: unknown): string {
  const choice = typeof label === 'object' && label !== null && 'choice' in label ? String(label.choice) : '';
  const text = typeof label === 'string' ? label : (PAIR_WORDS[choice] ?? JSON.stringify(label));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
