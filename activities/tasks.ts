import { annotationsToAssess, storeAssessments, votesOf } from '../db/queries/annotations.ts';
import { findRuling } from '../db/queries/rulings.ts';
import * as tasks from '../db/queries/tasks.ts';
import { decisionRecord } from '../domain/aggregation/decide.ts';
import type { TaskLogEntry, TaskOutcome } from '../domain/annotation-task.ts';
import { QuorateError } from '../domain/failures.ts';
import { assess } from '../domain/quality/assess.ts';
import { type EscalationStep, highestPriceMicros } from '../domain/task-policy.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';
import { createPolicyReader } from './policies.ts';

/** What one annotation task needs from the outside. Every activity is idempotent by the ids in its input. */
export function createTaskActivities({ db, wake }: Dependencies) {
  const policyOf = createPolicyReader(db);

  async function decisionOf(taskId: string, outcome: TaskOutcome, ruling?: { label: unknown; by: string }) {
    const task = await tasks.findTask(db, taskId);
    if (!task) throw new QuorateError('not_found', `There is no task ${taskId}.`);
    const settings = await policyOf(task.campaignId, task.policyVersion);
    const votes = await votesOf(db, taskId);
    const record = decisionRecord({
      taskId,
      type: settings.type,
      policyVersion: task.policyVersion,
      instructionsVersion: task.instructionsVersion,
      config: settings.config,
      // A vote weighs what its annotator's gold record and this answer's own assessment are worth.
      votes: votes.map(({ annotationId, label, score, qualityScore }) => ({
        annotationId,
        label,
        weight: score * qualityScore,
      })),
      context: { outcome, ...(ruling ? { ruling } : {}) },
    });
    return { task, result: record.result, evidence: JSON.parse(record.json) as unknown };
  }

  return typedFailures({
    openSlots: async (input: { taskId: string }): Promise<void> => tasks.openSlots(db, input.taskId),

    /** Assesses what arrived; returns the ids that are counted annotations of this task. */
    async assessAnswers(input: {
      taskId: string;
      annotationIds: readonly string[];
    }): Promise<{ countedIds: string[] }> {
      const rows = await annotationsToAssess(db, { taskId: input.taskId, ids: input.annotationIds });
      const assessed = rows.map((row) => ({
        id: row.id,
        ...assess({ timeSpentS: row.timeSpentS, goldSeen: row.goldTotal, goldCorrect: row.goldCorrect }),
      }));
      await storeAssessments(db, assessed);
      return { countedIds: rows.map((row) => row.id) };
    },

    /** Aggregates the answers; settles the task when confidence suffices (or any will do). */
    async decideTask(input: {
      taskId: string;
      minConfidence: number;
      acceptAny: boolean;
      log: readonly TaskLogEntry[];
    }): Promise<{ settled: boolean; confidence: number }> {
      const { task, result, evidence } = await decisionOf(input.taskId, 'decided');
      const confident = result.label !== null && (input.acceptAny || result.confidence >= input.minConfidence);
      if (!confident) return { settled: false, confidence: result.confidence };
      const { label, confidence, method } = result;
      const at = { taskId: task.id, campaignId: task.campaignId, state: 'decided' as const };
      await tasks.settleTask(db, { ...at, label, confidence, method, evidence, log: input.log });
      wake();
      return { settled: true, confidence };
    },

    /** Ends a task by an expert's ruling; a ruling that is not there is refused, which leaves the task as it was. */
    async ruleTask(input: {
      taskId: string;
      rulingId: string;
      log: readonly TaskLogEntry[];
    }): Promise<{ refused?: string }> {
      const ruling = await findRuling(db, input.rulingId);
      if (!ruling || ruling.taskId !== input.taskId) {
        return { refused: `There is no ruling ${input.rulingId} on task ${input.taskId}.` };
      }
      const { task, evidence } = await decisionOf(input.taskId, 'adjudicated', {
        label: ruling.label,
        by: ruling.ruledBy,
      });
      const at = { taskId: task.id, campaignId: task.campaignId, state: 'adjudicated' as const };
      const verdict = { label: ruling.label, confidence: 1, method: 'adjudication' };
      await tasks.settleTask(db, { ...at, ...verdict, evidence, log: input.log });
      wake();
      return {};
    },

    /** Ends a task without a label; what its annotators answered is paid. */
    async closeTask(input: {
      taskId: string;
      outcome: 'unresolved' | 'cancelled';
      log: readonly TaskLogEntry[];
    }): Promise<void> {
      const { task, result, evidence } = await decisionOf(input.taskId, input.outcome);
      const at = { taskId: task.id, campaignId: task.campaignId, state: input.outcome };
      const method = result.method;
      await tasks.settleTask(db, { ...at, label: null, confidence: 0, method, evidence, log: input.log });
      wake();
    },

    setPriority: async (input: { taskId: string; priority: number }): Promise<void> => tasks.setPriority(db, input),

    /** Adds slots, reserving what the batch's reservation does not cover. */
    async addSlots(input: { taskId: string; toRedundancy: number }): Promise<{ refused?: string }> {
      const task = await tasks.findTask(db, input.taskId);
      if (!task) throw new QuorateError('not_found', `There is no task ${input.taskId}.`);
      const settings = await policyOf(task.campaignId, task.policyVersion);
      const key = `reserve:${task.id}:${input.toRedundancy}`;
      const slotMicros = highestPriceMicros(BigInt(settings.priceMicros), settings.escalation);
      return tasks.addSlots(db, { ...input, reserved: settings.maxRedundancy, slotMicros, key });
    },

    async escalateTask(input: { taskId: string; step: EscalationStep; number: number }): Promise<{ refused?: string }> {
      const task = await tasks.findTask(db, input.taskId);
      if (!task) throw new QuorateError('not_found', `There is no task ${input.taskId}.`);
      const settings = await policyOf(task.campaignId, task.policyVersion);
      return tasks.escalate(db, { ...input, workforces: settings.workforces });
    },
  });
}
