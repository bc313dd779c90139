import { decisionRecord } from '../../domain/aggregation/decide.ts';
import type { TaskOutcome } from '../../domain/annotation-task.ts';
import { QuorateError } from '../../domain/failures.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import type { Aggregate } from '../../domain/tasks/task-type.ts';
import type { Db } from '../client.ts';
import { type Vote, votesOfTasks } from '../queries/annotations.ts';
import { payloadOfTask } from '../queries/stories.ts';
import type { TaskRow } from '../queries/task-queue.ts';
import { findTask, findTasks } from '../queries/tasks.ts';
import { crowdEvidence } from './crowd-evidence.ts';
import { judgeWeights } from './judge-weights.ts';
import { createPolicyReader } from './policies.ts';
import { reliabilityEvidence } from './reliability-evidence.ts';
import { voicesAmong } from './voices.ts';

export interface Judgement {
  readonly task: TaskRow;
  readonly settings: CampaignSettings;
  readonly result: Aggregate<unknown>;
  /** The decision's record: what it was made from, and the result. */
  readonly evidence: unknown;
  /** What each answer counted. */
  readonly votes: readonly { readonly annotationId: string; readonly weight: number }[];
  /** The ids of the answers it was made from, in order. */
  readonly answers: readonly string[];
  /** Whether the crowd's model was learnt from answers, so that confidence is a calibrated probability. */
  readonly isCalibrated: boolean;
  /** Whether a model of the campaign's crowd had a part in it. */
  readonly learned: boolean;
}

export interface JudgingContext {
  readonly outcome: TaskOutcome;
  readonly [key: string]: unknown;
}

/**
 * Judges tasks by their answers, their campaign's policy and what is known of its crowd. Stores nothing. Several tasks
 * of one campaign cost hardly more statements than one.
 */
export function createJudge(db: Db) {
  const policyOf = createPolicyReader(db);

  async function judgeAlike(tasks: readonly TaskRow[], contextOf: (task: TaskRow) => JudgingContext) {
    const [first] = tasks;
    if (!first) return [];
    const { campaignId, policyVersion } = first;
    const settings = await policyOf(campaignId, policyVersion);
    const votesById = await votesOfTasks(
      db,
      tasks.map(({ id }) => id),
    );
    const all = [...votesById.values()].flat();
    const annotatorIds = new Set(all.map(({ annotatorId }) => annotatorId));
    const evidenceOf = await crowdEvidence(db, campaignId, settings, [...annotatorIds]);
    const reliabilityOf = await reliabilityEvidence(db, campaignId, settings, [...annotatorIds]);
    const judgesCountIn = await judgeWeights(db, campaignId, settings, all);
    const voicesIn = await voicesAmong(db, campaignId, settings, [...annotatorIds]);
    const { aggregateReadsPayload } = getTaskType(settings.type);
    const judged: Judgement[] = [];
    for (const task of tasks) {
      const votes = votesById.get(task.id) ?? [];
      const crowd = evidenceOf?.(votes);
      const judgesCount = judgesCountIn(votes);
      const voices = voicesIn(votes);
      const reliable = reliabilityOf?.(votes);
      const weightOf = ({ annotationId, qualityScore }: Vote) =>
        crowd ? 1 : (reliable?.weights[annotationId] ?? qualityScore);
      // A vote weighs what this answer's own assessment is worth, and its annotator: the crowd's model says how much,
      // or how they agree with others; until that is known the gold record does. Who are no two voices count for less.
      const weighed = votes.map((vote) => ({
        annotationId: vote.annotationId,
        label: vote.label,
        weight:
          vote.score * weightOf(vote) * (judgesCount.get(vote.annotationId) ?? voices.get(vote.annotationId) ?? 1),
        ...(vote.instructionsVersion === null ? {} : { instructionsVersion: vote.instructionsVersion }),
      }));
      const record = decisionRecord({
        taskId: task.id,
        type: settings.type,
        policyVersion,
        instructionsVersion: task.instructionsVersion,
        config: settings.config,
        ...(aggregateReadsPayload ? { payload: await payloadOfTask(db, task.id) } : {}),
        ...(crowd ? { crowd } : {}),
        ...(reliable && Object.keys(reliable.leniency).length > 0 ? { leniency: reliable.leniency } : {}),
        ...(reliable ? { usual: reliable.usual } : {}),
        votes: weighed,
        context: contextOf(task),
      });
      const evidence = JSON.parse(record.json) as unknown;
      const { result } = record;
      const isCalibrated = crowd !== undefined && crowd.version > 0 && result.method === 'crowd_model';
      const learned = !!reliable || result.method === 'crowd_model';
      judged.push({
        task,
        settings,
        result,
        evidence,
        votes: weighed,
        answers: votes.map(({ annotationId }) => annotationId),
        isCalibrated,
        learned,
      });
    }
    return judged;
  }

  return {
    /** Throws `not_found` for a task that does not exist. */
    async one(taskId: string, context: JudgingContext): Promise<Judgement> {
      const task = await findTask(db, taskId);
      const [judged] = await judgeAlike(task ? [task] : [], () => context);
      if (!judged) throw new QuorateError('not_found', `There is no task ${taskId}.`);
      return judged;
    },

    /** By task; one that does not exist is missing. */
    async each(
      taskIds: readonly string[],
      contextOf: (taskId: string) => JudgingContext,
    ): Promise<Map<string, Judgement>> {
      const tasksByPolicy = new Map<string, TaskRow[]>();
      for (const task of await findTasks(db, taskIds)) {
        const key = `${task.campaignId} ${task.policyVersion}`;
        tasksByPolicy.set(key, [...(tasksByPolicy.get(key) ?? []), task]);
      }
      const judged = new Map<string, Judgement>();
      for (const tasks of tasksByPolicy.values()) {
        for (const each of await judgeAlike(tasks, ({ id }) => contextOf(id))) judged.set(each.task.id, each);
      }
      return judged;
    },
  };
}
