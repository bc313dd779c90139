/**
 * What a campaign's strategy would choose next: one look by the learning worker, which changes nothing. A workflow of its
 * own, as a draft has none and a running one is not to wait for it; one at a time for each campaign. Bounded.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { LearningActivities } from '../activities/index.ts';
import type { PreviewRequest, SelectionPreview } from '../domain/learning/preview.ts';
import { TASK_QUEUES } from './messages.ts';

const learning = proxyActivities<LearningActivities>({
  taskQueue: TASK_QUEUES.learning,
  // Nobody waits for longer, and nobody hears a second try.
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: '60 seconds',
  retry: { maximumAttempts: 2 },
});

export async function selectionPreviewWorkflow(request: PreviewRequest): Promise<SelectionPreview> {
  return learning.previewSelection(request);
}
