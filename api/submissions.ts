import { Batcher } from '../db/batcher.ts';
import type { Db } from '../db/client.ts';
import {
  annotationOfAssignment,
  type Stored,
  type Submission,
  storeSubmissions,
  storeTimed,
} from '../db/queries/annotations.ts';
import { findAssignment, type HeldAssignment } from '../db/queries/leases.ts';
import { payloadOfTask } from '../db/queries/stories.ts';
import type { BoundedMap } from '../domain/bounded-map.ts';
import { QuorateError } from '../domain/failures.ts';
import { readLabel } from '../domain/tasks/read.ts';
import type { CampaignCache, CampaignFacts } from './campaign-cache.ts';
import { newId } from './new-id.ts';
import { notFound } from './problems.ts';

/** What an answer needs to know of its assignment. */
export type KnownAssignment = Pick<HeldAssignment, 'id' | 'annotatorId' | 'campaignId' | 'taskId' | 'slotNo' | 'state'>;

export interface GivenAnswer {
  readonly label?: unknown;
  readonly timeSpentS: number;
  readonly confidence?: number | undefined;
  readonly comment?: string | undefined;
}

/** Answers on their way into the database. */
export type SubmissionQueue = Batcher<
  { readonly slot: string; readonly byTheHour: boolean; readonly submission: Submission },
  Stored | undefined
>;

/** Answers that meet are stored together: one statement and one write to disk. */
export function createSubmissionQueue(db: Db): SubmissionQueue {
  return new Batcher({
    async run(batch) {
      const given = batch.map(({ submission }) => submission);
      const stored = await (batch.some(({ byTheHour }) => byTheHour) ? storeTimed : storeSubmissions)(db, given);
      const byAssignment = new Map(stored.map((each) => [each.assignmentId, each]));
      return batch.map(({ submission }) => byAssignment.get(submission.assignmentId));
    },
    keyOf: ({ slot }) => slot,
    // One at a time: what comes meanwhile shares the next statement, which costs less than two half as long.
    concurrency: 1,
    maxBatch: 32,
    gathers: true,
  });
}

/**
 * Stores an annotator's answer to an assignment, once. `fresh` is false for a repeat, which gets the first one's
 * receipt; a repeat with another label is a conflict. A late answer is stored like any other and its annotator is not
 * told the difference here.
 */
export async function submit(
  deps: {
    db: Db;
    campaigns: CampaignCache;
    recentLeases: BoundedMap<string, KnownAssignment>;
    submissions: SubmissionQueue;
  },
  annotatorId: string,
  assignmentId: string,
  given: GivenAnswer,
): Promise<{ receipt: Stored; fresh: boolean; campaignId: string }> {
  const { db } = deps;
  // A lease remembered here may have ended since; storing checks that anew.
  const assignment = deps.recentLeases.get(assignmentId) ?? (await findAssignment(db, assignmentId));
  if (!assignment) throw notFound('assignment', assignmentId);
  if (assignment.annotatorId !== annotatorId) {
    throw new QuorateError('lease_foreign', 'This assignment was given to another annotator.');
  }
  const campaign = await deps.campaigns.facts(assignment.campaignId);
  if (!campaign) throw notFound('campaign', assignment.campaignId);
  const { label, presentation } = await readAnswer(db, campaign, assignment, given.label);
  const { campaignId } = assignment;
  const receipt = WAITING.has(assignment.state)
    ? await deps.submissions.add({
        slot: `${assignment.taskId} ${assignment.slotNo}`,
        // Leases from before its rules changed may be paid by the hour still.
        byTheHour: campaign.settings.hourlyMicros !== undefined || campaign.policyVersion > 1,
        submission: {
          annotationId: newId(),
          assignmentId,
          annotatorId,
          label,
          presentation,
          timeSpentS: given.timeSpentS,
          confidence: given.confidence ?? null,
          comment: given.comment === '' ? undefined : given.comment,
        },
      })
    : undefined;
  if (receipt) return { receipt, fresh: true, campaignId };
  const before = await annotationOfAssignment(db, assignmentId);
  if (!before) {
    const message = 'This assignment was given back before; ask for the next task.';
    throw new QuorateError('lease_expired', message, { details: { assignmentId } });
  }
  if (campaign.type.canonical(before.label) !== campaign.type.canonical(label)) {
    const message = 'This assignment was answered before with another label; the first answer stands.';
    throw new QuorateError('conflict', message, { field: 'label', details: { annotationId: before.annotationId } });
  }
  return { receipt: before, fresh: false, campaignId };
}

// In these states an assignment still takes an answer, if only a late one.
const WAITING = new Set(['leased', 'expired', 'revoked']);

/** The label in its normal form and stored order, whatever order this annotator was shown. */
async function readAnswer(db: Db, { type, settings }: CampaignFacts, assignment: KnownAssignment, answer: unknown) {
  const readsPayload = type.labelReadsPayload || (type.present && type.undo);
  const payload = readsPayload ? await payloadOfTask(db, assignment.taskId) : undefined;
  const label = readLabel(type, settings.config, answer, payload);
  if (!type.present || !type.undo) return { label, presentation: null };
  // The order was drawn from the assignment's id, so it need not be stored before the answer is.
  const { order } = type.present(payload, assignment.id);
  return { label: type.undo(label, order), presentation: order };
}
