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
  /** Of pairs with a longer and a shorter answer in which one was preferred: how often the longer one. */
  readonly preferred: number;
  readonly preferredLonger: number;
  /** The same of the first person of each such task. */
  readonly peoplePreferred: number;
  readonly peoplePreferredLonger: number;
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
  readonly prefersLonger: Share | null;
  readonly peoplePreferLonger: Share | null;
  /** What is wrong with it, in sentences; empty when nothing could be shown. */
  readonly findings: readonly string[];
}

/** Orders that disagree more often than this make a judge one not to use alone. */
const MOST_DISAGREEMENT = 0.25;

/** The card of a judge. A finding is made only where its interval shows it. */
export function judgeCard(counts: JudgeCounts): JudgeCard {
  const agreesWithPeople = shareOf(counts.same, counts.compared);
  const peopleAgree = shareOf(counts.peopleSame, counts.peopleCompared);
  const ordersDisagree = shareOf(counts.ordersDisagree, counts.pairs);
  const prefersLonger = shareOf(counts.preferredLonger, counts.preferred);
  const peoplePreferLonger = shareOf(counts.peoplePreferredLonger, counts.peoplePreferred);
  const findings: string[] = [];
  if (agreesWithPeople && peopleAgree && agreesWithPeople.high < peopleAgree.low) {
    findings.push('It agrees with people less than they do with one another.');
  }
  if (ordersDisagree && ordersDisagree.low > MOST_DISAGREEMENT) {
    findings.push('Its verdict depends on which answer comes first in more than a quarter of the pairs.');
  }
  if (prefersLonger && peoplePreferLonger && prefersLonger.low > peoplePreferLonger.high) {
    findings.push('It prefers the longer answer more often than people do.');
  }
  const { judge, answers, costMicros } = counts;
  const shares = { agreesWithPeople, peopleAgree, ordersDisagree, prefersLonger, peoplePreferLonger };
  return { judge, answers, costMicros, ...shares, findings };
}

function shareOf(part: number, whole: number): Share | null {
  if (whole === 0) return null;
  const { low, high } = wilsonInterval(part, whole);
  return { share: part / whole, low, high, n: whole };
}
