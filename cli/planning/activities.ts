import { ApplicationFailure } from '@temporalio/common';
import type { Activities, LearningActivities } from '../../activities/index.ts';
import type { PlayedCampaign } from '../../domain/planning/played-campaign.ts';

type TaskAndCampaign =
  | 'openSlots'
  | 'assessAnswers'
  | 'decideTask'
  | 'addSlots'
  | 'escalateTask'
  | 'closeTask'
  | 'noteStop'
  | 'endCampaign'
  | 'findEnded';
type Learning = 'selectBatch' | 'fitModel' | 'reviseDecisions';

/** Who is told what becomes of the activities. */
interface Listener {
  done(): void;
  failed(error: unknown): void;
}

/**
 * The activities of the campaign that is played now, on its database in memory. What breaks in them is a bug of ours, and
 * told to `listener`, as the workflows would ask again for ever.
 */
export function createPlayedActivities(now: () => PlayedCampaign, listener: Listener) {
  const main: Pick<Activities, TaskAndCampaign> = {
    openSlots: async () => undefined,
    assessAnswers: async (input) => now().assessAnswers(input),
    decideTask: async (input) => now().decideTask(input),
    addSlots: async (input) => now().addSlots(input),
    escalateTask: async (input) => now().escalateTask(input),
    closeTask: async (input) => now().closeTask(input),
    // Nobody goes on from it: one that is played has its workflow to the end.
    noteStop: async () => undefined,
    async endCampaign() {
      now().endCampaign();
      return undefined;
    },
    findEnded: async (input) => now().findEnded(input),
  };
  const learning: Pick<LearningActivities, Learning> = {
    selectBatch: async (input) => now().selectBatch(input),
    async fitModel() {
      now().fitModel();
      // Without items there is no model of them, and nothing to measure.
      return { point: null };
    },
    reviseDecisions: async () => now().reviseDecisions(),
  };
  return { main: telling(main, listener), learning: telling(learning, listener) };
}

function telling<Set extends Record<string, (input: never) => Promise<unknown>>>(
  activities: Set,
  { done, failed }: Listener,
) {
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [
      name,
      async (input: never) => {
        try {
          const answer = await activity(input);
          done();
          return answer;
        } catch (error) {
          failed(error);
          throw ApplicationFailure.nonRetryable(String(error));
        }
      },
    ]),
  );
}
