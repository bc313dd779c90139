import { type Bias, type Biases, biasesOf, type JudgedComparison, unknownOf } from '../judging/biases.ts';
import { wilsonInterval } from '../learning/evaluate.ts';

/** What was counted of a judge's answers. */
export interface JudgeCounts {
  readonly judge: string;
  readonly answers: number;
  readonly costMicros: bigint;
  /** Tasks that people answered, too, and in how many of them the first person's label is the judge's. */
  readonly compared: number;
  readonly same: number;
  /** Tasks of those that two people answered, and in how many of them the first two gave the same label. */
  readonly peopleCompared: number;
  readonly peopleSame: number;
  /** Pairs that were asked for in both orders, and those in which the orders disagree. */
  readonly pairs: number;
  readonly ordersDisagree: number;
}

/** A share with its 95% interval by Wilson (1927); null where nothing was counted. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** How far a judge can be trusted, measured on tasks that people answered, too. */
export interface JudgeCard {
  readonly judge: string;
  readonly answers: number;
  readonly costMicros: bigint;
  readonly agreesWithPeople: Share | null;
  readonly peopleAgree: Share | null;
  readonly ordersDisagree: Share | null;
  readonly biases: Biases;
  /** What is wrong with it, in sentences; empty when nothing could be shown. */
  readonly findings: readonly string[];
  /** What of its biases cannot be known, and why, in sentences. */
  readonly unknown: readonly string[];
}

/** Orders that disagree more often than this make a judge one not to use alone. */
const MOST_DISAGREEMENT = 0.25;

/** What is said of a judge whose interval lies above 0, and below it. */
const BIASED: Readonly<Record<keyof Biases, readonly [more: string, less: string]>> = {
  length: [
    'It prefers the longer answer more often than people do.',
    'It prefers the shorter answer more often than people do.',
  ],
  ownStyle: [
    'It prefers answers of its own family of models more often than people do.',
    'It prefers answers of its own family of models less often than people do.',
  ],
  ownWording: [
    'It prefers answers worded like its own more often than people do.',
    'It prefers answers worded like its own less often than people do.',
  ],
  markdown: [
    'It prefers answers with more Markdown more often than people do.',
    'It prefers answers with less Markdown more often than people do.',
  ],
  hedging: [
    'It prefers answers with hedged words more often than people do.',
    'It avoids answers with hedged words more often than people do.',
  ],
  ties: [
    'It says that answers are equal more often than people do.',
    'It says that answers are equal less often than people do.',
  ],
};

/**
 * The card of a judge; `comparisons` are its own, `ownTexts` what it wrote as answers. A finding is made only where its interval
 * shows it.
 */
export function judgeCard(
  counts: JudgeCounts,
  comparisons: readonly JudgedComparison[],
  ownTexts: readonly string[] = [],
): JudgeCard {
  const agreesWithPeople = shareOf(counts.same, counts.compared);
  const peopleAgree = shareOf(counts.peopleSame, counts.peopleCompared);
  const ordersDisagree = shareOf(counts.ordersDisagree, counts.pairs);
  const biases = biasesOf(counts.judge, comparisons, ownTexts);
  const findings: string[] = [];
  if (agreesWithPeople && peopleAgree && agreesWithPeople.high < peopleAgree.low) {
    findings.push('It agrees with people less than they do with one another.');
  }
  if (ordersDisagree && ordersDisagree.low > MOST_DISAGREEMENT) {
    findings.push('Its verdict depends on which answer comes first in more than a quarter of the pairs.');
  }
  for (const name of ['length', 'ownStyle', 'ownWording', 'markdown', 'hedging', 'ties'] as const)
    findings.push(...foundIn(biases[name], BIASED[name]));
  const { judge, answers, costMicros } = counts;
  const unknown = unknownOf(biases, comparisons, ownTexts);
  return { judge, answers, costMicros, agreesWithPeople, peopleAgree, ordersDisagree, biases, findings, unknown };
}

function foundIn(bias: Bias | null, [more, less]: readonly [string, string]): string[] {
  if (bias && bias.low > 0) return [more];
  return bias && bias.high < 0 ? [less] : [];
}

function shareOf(part: number, whole: number): Share | null {
  if (whole === 0) return null;
  const { low, high } = wilsonInterval(part, whole);
  return { share: part / whole, low, high, n: whole };
}
