import { annotationsToAssess, storeAssessments } from '../db/queries/annotations.ts';
import { findRuling } from '../db/queries/rulings.ts';
import * as tasks from '../db/queries/tasks.ts';
import type { TaskLogEntry } from '../domain/annotation-task.ts';
import { QuorateError } from '../domain/failures.ts';
import { assess } from '../domain/quality/assess.ts';
import { type EscalationStep, highestPriceMicros } from '../domain/task-policy.ts';
import { createJudge } from './decisions.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';
import { createPatternReader } from './patterns.ts';
import { createPolicyReader } from './policies.ts';

/** What one annotation task needs from the outside. Every activity is idempotent by the ids in its input. */
export function createTaskActivities(dependencies: Dependencies, patternsOf = createPatternReader(dependencies)) {
  const { db, wake } = dependencies;
  const policyOf = createPolicyReader(db);
  const judge = createJudge(db);

  return typedFailures({
    openSlots: async (input: { taskId: string }): Promise<void> => tasks.openSlots(db, input.taskId),

    /** Assesses what arrived; returns the ids that are counted annotations of this task. */
    async assessAnswers(input: {
      taskId: string;
      annotationIds: readonly string[];
    }): Promise<{ countedIds: string[] }> {
      const rows = await annotationsToAssess(db, { taskId: input.taskId, ids: input.annotationIds });
      const assessed = rows.map(async (row) => {
        const { rules, signals } = await patternsOf(row, await policyOf(row.campaignId, row.policyVersion));
        const { id, timeSpentS, goldTotal: goldSeen, goldCorrect } = row;
        const sinceLeaseS = row.sinceLeaseS ?? undefined;
        return { id, ...assess({ timeSpentS, sinceLeaseS, goldSeen, goldCorrect, signals }, rules) };
      });
      await storeAssessments(db, await Promise.all(assessed));
      return { countedIds: rows.map((row) => row.id) };
    },

    /** Aggregates the answers; settles the task when confidence suffices (or any will do). */
    async decideTask(input: {
      taskId: string;
      minConfidence: number;
      acceptAny: boolean;
      log: readonly TaskLogEntry[];
    }): Promise<{ settled: boolean; confidence: number }> {
      const { task, result, evidence } = await judge(input.taskId, { outcome: 'decided' });
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
      const { task, evidence } = await judge(input.taskId, {
        outcome: 'adjudicated',
        ruling: { label: ruling.label, by: ruling.ruledBy },
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
      const { task, result, evidence } = await judge(input.taskId, { outcome: input.outcome });
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
