import { createAnnotatorActivities } from './annotators.ts';
import { createCampaignActivities } from './campaigns.ts';
import type { Dependencies } from './dependencies.ts';
import { createLearningActivities } from './learning.ts';
import { createTaskActivities } from './tasks.ts';

/** Everything that runs on the main task queue. */
export function createActivities(dependencies: Dependencies) {
  return {
    ...createTaskActivities(dependencies),
    ...createCampaignActivities(dependencies),
    ...createAnnotatorActivities(dependencies),
  };
}

export type Activities = ReturnType<typeof createActivities>;
export type LearningActivities = ReturnType<typeof createLearningActivities>;
export { createLearningActivities };
