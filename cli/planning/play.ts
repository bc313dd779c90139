import { WorkflowNotFoundError } from '@temporalio/client';
import { nextTaskStep, type TaskState } from '../../domain/annotation-task.ts';
import { type CampaignMemory, nextCampaignStep, tasksSettled } from '../../domain/campaign.ts';
import { beginPlay, type Play, type PlayLimits } from '../../domain/planning/begin-play.ts';
import type { Outcome } from '../../domain/planning/scale.ts';
import * as messages from '../../workflows/messages.ts';
import type { Stage } from './stage.ts';

/** The clock is moved on by so much at a time, so that whoever wants to stop need not wait for a long night to pass. */
const LONGEST_SLEEP_MS = 6 * 3600 * 1000;
/** The server never answers whoever meets a run as it continues as new; then it is asked again. */
const ANSWER_MS = 5000;
const LOOK_MS = 50;
/** A workflow that has not done after this long what it was told never will. */
const PATIENCE_MS = 60_000;

export interface PlayOptions extends Omit<PlayLimits, 'seldom'> {
  /** Told how many tasks have settled. */
  readonly progress?: (settled: number) => void;
}

/** When a task's collection window ends: for its annotators, and by the clock of its workflow. */
interface Window {
  readonly atMs: number;
  readonly endsAtMs: number | undefined;
}

let plays = 0;

/**
 * Plays one campaign by the real workflows. Its annotators do what they do at times of their own, to which the server's
 * clock is moved; what they hand in is signalled to the task workflows, and nothing else happens before these and the
 * campaign's have come to rest. So the same play has the same cost and labels each time, however fast the machine is; its
 * finish, by the clock of the campaign's workflow, may differ by the seconds that the work took.
 */
export async function playByWorkflows(
  stage: Stage,
  play: Play,
  { progress, ...limits }: PlayOptions,
): Promise<Outcome> {
  const { client, signal } = stage;
  const { option } = play;
  const { played, people, ended } = beginPlay(play, limits);
  stage.enter(played);

  const name = `plan-${++plays}`;
  const { main: taskQueue } = messages.TASK_QUEUES;
  const workflowOf = (taskId: string) => messages.taskWorkflowId(`${name}-${taskId}`);
  const own = client.getHandle(messages.campaignWorkflowId(name));
  const windows = new Map<string, Window>();
  const startedMs = await stage.nowMs();
  // As it was last seen; it goes on by itself.
  let clockMs = startedMs;
  const input: messages.CampaignInput = { campaignId: name, policy: option.batches };
  await client.start('campaignWorkflow', { taskQueue, workflowId: own.workflowId, args: [input] });
  let memory: CampaignMemory | undefined;
  await campaignAtRest();
  for (;;) {
    await relay();
    if (played.isOver()) break;
    const nextMs = people.nextAtMs();
    const windowMs = Math.min(...[...windows.values()].map(({ atMs }) => atMs));
    if (windowMs < nextMs) {
      const due = [...windows].filter(([, { atMs }]) => atMs <= windowMs);
      await sleepUntil(Math.max(startedMs + windowMs, ...due.map(([, { endsAtMs = 0 }]) => endsAtMs)));
      people.waitUntil(windowMs);
      await Promise.all(due.map(([taskId]) => windowPassed(taskId)));
    } else {
      await sleepUntil(startedMs + nextMs);
      people.happen();
    }
  }
  await own.result();
  const { closeTime } = await own.describe();
  if (!closeTime) throw new Error('The campaign has ended without a time.');
  return ended(closeTime.getTime() - startedMs);

  /** Starts and signals workflows as the outbox says, until all are at rest and there is nothing more to say. */
  async function relay(): Promise<void> {
    while (played.messages.length > 0) {
      const batch = played.messages.splice(0);
      const answers = new Map<string, string[]>();
      const settled: string[] = [];
      for (const message of batch) {
        if (message.kind === 'settled') settled.push(message.taskId);
        else if (message.kind === 'answered') {
          answers.set(message.taskId, [...(answers.get(message.taskId) ?? []), message.annotationId]);
        }
      }
      await Promise.all(batch.map(({ kind, taskId }) => (kind === 'start' ? start(taskId) : undefined)));
      for (const { kind, taskId } of batch) if (kind === 'start') people.started(taskId);
      await Promise.all([...answers].map(([taskId, annotationIds]) => tell(taskId, annotationIds)));
      if (settled.length === 0) continue;
      for (const taskId of settled) windows.delete(taskId);
      // Several that ended with one window come in whatever order; told in one order, the same follows each time.
      await until(`${own.workflowId} hears of what has settled`, async () => {
        await own.signal(messages.tasksSettledSignal, { taskIds: settled.toSorted() });
        return true;
      });
      const next = memory && tasksSettled(memory, settled);
      if (next && nextCampaignStep(next).do === 'wait') memory = next;
      else await campaignAtRest(settled);
      progress?.(played.counts.settled);
    }
  }

  async function start(taskId: string): Promise<void> {
    const { policy } = option;
    const task: messages.AnnotationTaskInput = {
      ...{ taskId, campaignId: name, policy, decidesAtOnce: true, slotsOpen: true },
    };
    await client.start('annotationTaskWorkflow', { taskQueue, workflowId: workflowOf(taskId), args: [task] });
    windows.set(taskId, { atMs: people.nowMs() + policy.windowMs, endsAtMs: undefined });
  }

  async function tell(taskId: string, annotationIds: readonly string[]): Promise<void> {
    try {
      await client.getHandle(workflowOf(taskId)).signal(messages.annotationsSubmittedSignal, { annotationIds });
    } catch (error) {
      // It ended with its window in this very moment, and has paid what it had.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    await until(`${workflowOf(taskId)} has taken in its answers`, async () => played.isAtRest(taskId));
  }

  /** A task's window has ended: waits until its workflow has done what comes then. */
  async function windowPassed(taskId: string): Promise<void> {
    const handle = client.getHandle(workflowOf(taskId));
    await until(`${handle.workflowId} has heeded the end of its window`, async () => {
      if (played.hasEnded(taskId)) return true;
      const state = await handle.query(messages.taskStateQuery);
      if (nextTaskStep(state, clockMs).do !== 'wait') return false;
      noteWindow(taskId, state);
      return true;
    });
  }

  /** Its next window, or that it has been longer than it was thought to be. */
  function noteWindow(taskId: string, { policy, openedAtMs, deadlineMs }: TaskState): void {
    const before = windows.get(taskId);
    const thoughtMs = before?.endsAtMs ?? openedAtMs + policy.windowMs;
    windows.set(taskId, { atMs: (before?.atMs ?? 0) + deadlineMs - thoughtMs, endsAtMs: deadlineMs });
  }

  /** Waits until the campaign knows of what has settled and waits for more, or has ended. */
  async function campaignAtRest(settled: readonly string[] = []): Promise<void> {
    await until(`${own.workflowId} is at rest`, async () => {
      if (played.isOver()) return true;
      memory = await own.query(messages.campaignStateQuery);
      const inFlight = new Set(memory.inFlight);
      return !settled.some((id) => inFlight.has(id)) && nextCampaignStep(memory).do === 'wait';
    });
  }

  /** Looks again whenever an activity is done; and now and then, as a query may come too early. */
  async function until(what: string, look: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    let trouble: unknown;
    while (performance.now() < end) {
      signal.throwIfAborted();
      const asked = stage.asked();
      try {
        if (await within(ANSWER_MS, look())) return;
      } catch (error) {
        trouble = error;
      }
      await within(LOOK_MS, asked);
    }
    throw new Error(`Waited ${PATIENCE_MS / 1000} s in vain until ${what}.`, { cause: trouble });
  }

  async function sleepUntil(untilMs: number): Promise<void> {
    clockMs = await stage.nowMs();
    while (clockMs < untilMs) {
      signal.throwIfAborted();
      const stepMs = Math.min(Math.ceil(untilMs - clockMs), LONGEST_SLEEP_MS);
      await stage.sleep(stepMs);
      clockMs += stepMs;
    }
  }
}

/** What it resolves to, or undefined where that takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
