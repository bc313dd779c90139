import { createAnnotatorActivities } from './annotators.ts';
import { createCampaignActivities } from './campaigns.ts';
import type { Dependencies } from './dependencies.ts';
import { createLearningActivities } from './learning.ts';
import { createPatternReader } from './patterns.ts';
import { createPayoutActivities } from './payouts.ts';
import { createTaskActivities } from './tasks.ts';
import { createVendorActivities } from './vendors.ts';

/** Everything that runs on the main task queue; payouts by a database that is waited for as long as a month's take. */
export function createActivities(dependencies: Dependencies, patientDb = dependencies.db) {
  // One for both, as work and gold are answered in one row.
  const patternsOf = createPatternReader(dependencies);
  return {
    ...createTaskActivities(dependencies, patternsOf),
    ...createCampaignActivities(dependencies),
    ...createAnnotatorActivities(dependencies, patternsOf),
    ...createPayoutActivities({ ...dependencies, db: patientDb }),
  };
}

export type Activities = ReturnType<typeof createActivities>;
export type LearningActivities = ReturnType<typeof createLearningActivities>;
export type VendorActivities = ReturnType<typeof createVendorActivities>;
export { createLearningActivities, createVendorActivities };
