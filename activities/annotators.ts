import { createPolicyReader } from '../db/judgement/policies.ts';
import { goldAnswerOf, repeatAnswerOf, storeAssessments } from '../db/queries/annotations.ts';
import { type StandingUpdate, storeStanding } from '../db/queries/annotators.ts';
import { payAnnotation } from '../db/queries/money.ts';
import { gradedGolds, type StandingRow, standingsKept } from '../db/queries/revivals.ts';
import { assess } from '../domain/quality/assess.ts';
import { peerDoubtOf } from '../domain/quality/low-peer-agreement.ts';
import type { BookRecord } from '../domain/quality/standing-book.ts';
import type { GoldLimits, PeerDoubt } from '../domain/quality/standing-state.ts';
import { getTaskType, isRightAnswer } from '../domain/tasks/index.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';
import { createPatternReader } from './patterns.ts';

export interface GradedGold {
  readonly annotationId: string;
  readonly correct: boolean;
  readonly atMs: number;
  /** Of its campaign: standing is kept by it. */
  readonly taskType?: string;
  /** Of its campaign likewise. */
  readonly limits?: GoldLimits;
  readonly doubt?: PeerDoubt;
}

/** As many as a book remembers. */
const GRADED = 200;

function partOf({ taskType, changedAt, changedTo, byHand, recalibrations, ...rest }: StandingRow) {
  const changed = changedAt && { atMs: changedAt.getTime(), byHand, recalibrations };
  return { taskType, changedTo, part: { ...rest, ...(changed ? { changed } : {}) } };
}

/** What an annotator's workflow needs from the outside. */
export function createAnnotatorActivities(dependencies: Dependencies, patternsOf = createPatternReader(dependencies)) {
  const { db } = dependencies;
  const policyOf = createPolicyReader(db);
  return typedFailures({
    /**
     * Grades, assesses and pays gold answers, and assesses and pays repeated ones; ids that are no gold answers of this
     * annotator are left out of what it returns.
     */
    async gradeGold(input: {
      annotatorId: string;
      annotationIds: readonly string[];
      /** Of all types, as the workflow knows; each answer is judged by the counts of its own type. */
      goldTotal: number;
      goldCorrect: number;
    }): Promise<GradedGold[]> {
      const graded: GradedGold[] = [];
      /** By task type, beyond what is stored: the same workflow stores them after this. */
      const counted = new Map<string, { seen: number; right: number }>();
      for (const annotationId of input.annotationIds) {
        const answer = await goldAnswerOf(db, annotationId);
        if (!answer) await settleRepeat(annotationId, input.annotatorId);
        if (!answer || answer.annotatorId !== input.annotatorId) continue;
        const settings = await policyOf(answer.campaignId, answer.policyVersion);
        const correct = isRightAnswer(getTaskType(settings.type), settings.config, answer.label, answer.gold);
        const before = counted.get(settings.type) ?? { seen: 0, right: 0 };
        const now = { seen: before.seen + 1, right: before.right + (correct ? 1 : 0) };
        counted.set(settings.type, now);
        const { rules, signals } = await patternsOf(answer, settings);
        const facts = {
          timeSpentS: answer.timeSpentS,
          sinceLeaseS: answer.sinceLeaseS ?? undefined,
          goldVerdict: correct ? 'correct' : 'wrong',
          goldSeen: answer.goldTotal + now.seen,
          goldCorrect: answer.goldCorrect + now.right,
          honeypotFailed: answer.kind === 'honeypot' && !correct,
          signals,
        } as const;
        await storeAssessments(db, [{ id: annotationId, ...assess(facts, rules) }]);
        await payAnnotation(db, { annotationId, from: 'gold' });
        const { goldMinSeen: minGolds, goldMinAccuracy: minAccuracy } = rules;
        const doubt = peerDoubtOf(signals);
        const of = { taskType: settings.type, limits: { minGolds, minAccuracy }, ...(doubt && { doubt }) };
        graded.push({ annotationId, correct, atMs: answer.submittedAt.getTime(), ...of });
      }
      return graded;
    },

    /** What is kept of an annotator whose workflow begins anew; undefined of one who has met no gold. */
    async bookKept(input: { annotatorId: string }): Promise<BookRecord | undefined> {
      const { annotatorId } = input;
      const [general, ...types] = (await standingsKept(db, annotatorId)).map(partOf);
      if (!general || (general.part.standing === 'active' && general.part.goldTotal === 0)) return undefined;
      const graded = (await gradedGolds(db, { annotatorId, limit: GRADED })).map((row) => {
        const { annotationId, settings, label, gold, submittedAt } = row;
        const correct = isRightAnswer(getTaskType(settings.type), settings.config, label, gold);
        return { annotationId, taskType: settings.type, correct, atMs: submittedAt.getTime() };
      });
      // What is stored of the whole is one word for all types, where there are some: its own is what changed last.
      const standing = types.length > 0 ? (general.changedTo ?? 'active') : general.part.standing;
      return {
        general: { ...general.part, standing },
        types: Object.fromEntries(types.map(({ taskType, part }) => [taskType ?? '', part])),
        graded,
      };
    },

    storeStanding: async (input: StandingUpdate): Promise<void> => storeStanding(db, input),
  });

  async function settleRepeat(annotationId: string, annotatorId: string): Promise<void> {
    const answer = await repeatAnswerOf(db, annotationId);
    if (!answer || answer.annotatorId !== annotatorId) return;
    const settings = await policyOf(answer.campaignId, answer.policyVersion);
    const { rules, signals } = await patternsOf(answer, settings);
    const { timeSpentS, sinceLeaseS, goldTotal, goldCorrect } = answer;
    const facts = { timeSpentS, sinceLeaseS: sinceLeaseS ?? undefined, goldSeen: goldTotal, goldCorrect, signals };
    await storeAssessments(db, [{ id: annotationId, ...assess(facts, rules) }]);
    await payAnnotation(db, { annotationId, from: 'gold' });
  }
}
