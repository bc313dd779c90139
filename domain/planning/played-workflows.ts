import * as task from '../annotation-task.ts';
import * as campaign from '../campaign.ts';
import { createAgenda } from './agenda.ts';
import type { Option } from './options.ts';
import type { PlayedCampaign } from './played-campaign.ts';
import type { PlayedCrowd } from './played-crowd.ts';

/**
 * The workflows' part of a campaign that is only played, without a server: the same states, taken on by the same pure
 * steps, on the same database, at the times of the played crowd. Returns when it ended.
 */
export function runPlayedWorkflows({ policy, batches }: Option, played: PlayedCampaign, people: PlayedCrowd): number {
  const open = new Map<string, task.TaskState>();
  /** By task, also those that another has followed. */
  const windows = createAgenda<string>();
  let memory = campaign.openCampaign(batches);
  takeCampaignOn();
  for (;;) {
    relay();
    if (played.isOver()) return people.nowMs();
    const nextMs = people.nextAtMs();
    const window = windows.next();
    if (!window || nextMs <= window.atMs) people.happen();
    else {
      people.waitUntil(window.atMs);
      for (let due = windows.next(); due?.atMs === window.atMs; due = windows.next()) {
        windows.take();
        takeTaskOn(due.what);
      }
    }
  }

  function noted(taskId: string, state: task.TaskState): void {
    if (state.deadlineMs !== open.get(taskId)?.deadlineMs) windows.note(state.deadlineMs, taskId);
    open.set(taskId, state);
  }

  function relay(): void {
    while (played.messages.length > 0) {
      const batch = played.messages.splice(0);
      for (const { kind, taskId } of batch) {
        if (kind === 'start') noted(taskId, task.openTask(policy, people.nowMs()));
      }
      for (const { kind, taskId } of batch) if (kind === 'start') people.started(taskId);
      for (const message of batch) {
        const state = open.get(message.taskId);
        if (message.kind !== 'answered' || !state) continue;
        noted(message.taskId, task.answersArrived(state, [message.annotationId]));
        takeTaskOn(message.taskId);
      }
      const settled = batch.flatMap(({ kind, taskId }) => (kind === 'settled' ? [taskId] : []));
      if (settled.length === 0) continue;
      for (const taskId of settled) open.delete(taskId);
      memory = campaign.tasksSettled(memory, settled);
      takeCampaignOn();
    }
  }

  /** As `annotationTaskWorkflow` does. */
  function takeTaskOn(taskId: string): void {
    for (let state = open.get(taskId); state; state = open.get(taskId)) {
      const next = taken(taskId, state);
      if (next === state) return;
      noted(taskId, next);
    }
  }

  /** A task after its next step; the same where it waits, or has ended. No window ends with an answer unheard here. */
  function taken(taskId: string, state: task.TaskState): task.TaskState {
    const atMs = people.nowMs();
    const step = task.nextTaskStep(state, atMs);
    switch (step.do) {
      case 'assess': {
        const { annotationIds } = step;
        const due = task.decisionDue(state);
        const { countedIds, tried } = played.assessAnswers({ taskId, annotationIds, ...(due ? { due } : {}) });
        const assessed = task.answersAssessed(state, annotationIds, countedIds);
        return due && tried ? task.decisionTried(assessed, { ...tried, acceptAny: due.acceptAny, atMs }) : assessed;
      }
      case 'decide': {
        const { acceptAny } = step;
        const tried = played.decideTask({ taskId, minConfidence: state.policy.minConfidence, acceptAny });
        return task.decisionTried(state, { ...tried, acceptAny, atMs });
      }
      case 'add_slots': {
        const { count, cause } = step;
        const answer = played.addSlots({ taskId, toRedundancy: state.target + count });
        return task.slotsAdded(state, { ...answer, count, cause, atMs });
      }
      case 'escalate': {
        const answer = played.escalateTask({ taskId, step: step.step, number: step.number });
        return task.stepTaken(state, { ...answer, step: step.step, timedOut: step.cause === 'window', atMs });
      }
      case 'settle':
        played.closeTask({ taskId, outcome: step.outcome });
        return task.ended(state);
      default:
        return state;
    }
  }

  /** As `campaignWorkflow` does. */
  function takeCampaignOn(): void {
    for (;;) {
      const step = campaign.nextCampaignStep(memory);
      switch (step.do) {
        case 'select':
          memory = campaign.selectionBegun(memory);
          memory = campaign.batchSelected(memory, played.selectBatch({ round: step.round, count: step.count }));
          break;
        case 'fit': {
          const seen = memory.settledSinceFit;
          played.fitModel();
          memory = campaign.modelFitted(memory, { point: null, seen });
          break;
        }
        case 'finish':
          played.reviseDecisions();
          played.endCampaign();
          memory = campaign.campaignEnded(memory);
          return;
        default:
          return;
      }
    }
  }
}
