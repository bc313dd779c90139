import type { Db } from '../db/client.ts';
import { votesOf } from '../db/queries/annotations.ts';
import { payloadOfTask } from '../db/queries/stories.ts';
import { findTask, type TaskRow } from '../db/queries/tasks.ts';
import { decisionRecord } from '../domain/aggregation/decide.ts';
import type { TaskOutcome } from '../domain/annotation-task.ts';
import { QuorateError } from '../domain/failures.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { Aggregate } from '../domain/tasks/task-type.ts';
import { crowdEvidence } from './crowd.ts';
import { createPolicyReader } from './policies.ts';

export interface Judgement {
  readonly task: TaskRow;
  readonly settings: CampaignSettings;
  readonly result: Aggregate<unknown>;
  /** The decision's record: what it was made from, and the result. */
  readonly evidence: unknown;
  /** How many answers it was made from. */
  readonly answers: number;
}

export interface JudgingContext {
  readonly outcome: TaskOutcome;
  readonly [key: string]: unknown;
}

/** Judges tasks by their answers, their campaign's policy and what is known of its crowd. Stores nothing. */
export function createJudge(db: Db) {
  const policyOf = createPolicyReader(db);

  return async (taskId: string, context: JudgingContext): Promise<Judgement> => {
    const task = await findTask(db, taskId);
    if (!task) throw new QuorateError('not_found', `There is no task ${taskId}.`);
    const settings = await policyOf(task.campaignId, task.policyVersion);
    const votes = await votesOf(db, taskId);
    const { aggregateReadsPayload } = getTaskType(settings.type);
    const crowd = await crowdEvidence(db, task.campaignId, settings, votes);
    const record = decisionRecord({
      taskId,
      type: settings.type,
      policyVersion: task.policyVersion,
      instructionsVersion: task.instructionsVersion,
      config: settings.config,
      ...(aggregateReadsPayload ? { payload: await payloadOfTask(db, taskId) } : {}),
      ...(crowd ? { crowd } : {}),
      // A vote weighs what this answer's own assessment is worth, and its annotator: the crowd's model says how much,
      // until there is one the gold record does.
      votes: votes.map(({ annotationId, label, score, qualityScore }) => ({
        annotationId,
        label,
        weight: crowd ? score : score * qualityScore,
      })),
      context,
    });
    const evidence = JSON.parse(record.json) as unknown;
    return { task, settings, result: record.result, evidence, answers: votes.length };
  };
}
