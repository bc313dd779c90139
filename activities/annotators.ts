import { goldAnswerOf, storeAssessments } from '../db/queries/annotations.ts';
import { type StandingUpdate, storeStanding } from '../db/queries/annotators.ts';
import { payAnnotation } from '../db/queries/money.ts';
import { assess } from '../domain/quality/assess.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';

export interface GradedGold {
  readonly annotationId: string;
  readonly correct: boolean;
  readonly atMs: number;
}

/** What an annotator's workflow needs from the outside. */
export function createAnnotatorActivities({ db }: Dependencies) {
  return typedFailures({
    /** Grades, assesses and pays gold answers; ids that are no gold answers of this annotator are left out. */
    async gradeGold(input: {
      annotatorId: string;
      annotationIds: readonly string[];
      goldTotal: number;
      goldCorrect: number;
    }): Promise<GradedGold[]> {
      const graded: GradedGold[] = [];
      let seen = input.goldTotal;
      let right = input.goldCorrect;
      for (const annotationId of input.annotationIds) {
        const answer = await goldAnswerOf(db, annotationId);
        if (!answer || answer.annotatorId !== input.annotatorId) continue;
        const type = getTaskType((answer.settings as CampaignSettings).type);
        const correct = type.canonical(answer.label) === type.canonical(answer.gold);
        seen += 1;
        right += correct ? 1 : 0;
        const honeypotFailed = answer.kind === 'honeypot' && !correct;
        const goldVerdict = correct ? 'correct' : 'wrong';
        const facts = {
          timeSpentS: answer.timeSpentS,
          goldVerdict,
          goldSeen: seen,
          goldCorrect: right,
          honeypotFailed,
        } as const;
        await storeAssessments(db, [{ id: annotationId, ...assess(facts) }]);
        await payAnnotation(db, { annotationId, from: 'gold' });
        graded.push({ annotationId, correct, atMs: answer.submittedAt.getTime() });
      }
      return graded;
    },

    storeStanding: async (input: StandingUpdate): Promise<void> => storeStanding(db, input),
  });
}
