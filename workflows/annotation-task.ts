/**
 * One task: opens its slots, waits for its answers, has them assessed and aggregated, escalates when a window runs
 * out, and settles. Messaged by the relay (answers, pause, resume, cancel) and by the API (updates). Ends in exactly
 * one of the outcomes of `TaskOutcome`, stored by the settling activity. Too short-lived to continue as new: a task
 * has at most a hundred slots.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import * as task from '../domain/annotation-task.ts';
import * as messages from './messages.ts';

// Each is one short database transaction. Local, because a task makes about seven of these calls and an ordinary
// activity costs three more events and a queue trip each. A database that is away is waited for, not given up on.
const db = proxyLocalActivities<Activities>(messages.DATABASE_CALLS);

/** How long a paused task waits before it looks for itself; four times as long each further time. */
const FIRST_LOOK_MS = 10 * 60_000;

export async function annotationTaskWorkflow(input: messages.AnnotationTaskInput): Promise<{ state: string }> {
  const { taskId } = input;
  // What ends the task: not another run of it, which a call that is repeated may meet.
  const run = { taskId, reopened: input.reopened ?? 0 };
  let state = task.openTask(input.policy, Date.now());
  let outcome = 'ended';
  // Requests for more slots are carried out one after the other, so that each gets its own answer.
  let turn: Promise<unknown> = Promise.resolve();
  let window: { endsAtMs: number; scope: CancellationScope } | undefined;
  let look: { pausedAtMs: number; atMs: number; everyMs: number } | undefined;

  setHandler(messages.annotationsSubmittedSignal, ({ annotationIds }) => {
    state = task.answersArrived(state, annotationIds);
  });
  setHandler(messages.pausedSignal, ({ atMs }) => {
    state = task.taskPaused(state, atMs);
  });
  setHandler(messages.resumedSignal, ({ atMs }) => {
    state = task.taskResumed(state, atMs);
  });
  setHandler(messages.judgedSignal, () => {
    state = task.taskJudged(state);
  });
  setHandler(messages.workforceEndedSignal, () => {
    state = task.workforceEnded(state);
  });
  setHandler(messages.cancelledSignal, ({ reason }) => {
    state = task.taskAsked(state, { cancel: reason });
  });
  setHandler(messages.taskStateQuery, () => state);
  setHandler(
    messages.cancelTaskUpdate,
    async ({ reason }) => {
      state = task.taskAsked(state, { cancel: reason });
      await condition(() => state.phase === 'ended');
      return { ended: true };
    },
    { validator: (_asked) => refuse(task.refuseTaskRequest(state, { kind: 'cancel' })) },
  );
  setHandler(
    messages.adjudicateUpdate,
    async (ruling) => {
      state = task.taskAsked(state, { ruling });
      await condition(() => state.wanted.ruling === undefined);
      if (state.phase !== 'ended') refuse(last('ruling_refused')?.detail);
      else if (outcome !== 'adjudicated') refuse(`The task ended as ${outcome} before the ruling.`);
      return { ended: true };
    },
    { validator: (_asked) => refuse(task.refuseTaskRequest(state, { kind: 'adjudicate' })) },
  );
  setHandler(
    messages.reprioritizeUpdate,
    async ({ priority }) => {
      state = task.taskAsked(state, { priority });
      await condition(() => state.wanted.priority !== priority);
      return { priority };
    },
    { validator: ({ priority }) => refuse(task.refuseTaskRequest(state, { kind: 'reprioritize', priority })) },
  );
  setHandler(
    messages.addRedundancyUpdate,
    async ({ count }) => {
      const mine = turn.then(async () => {
        refuse(task.refuseTaskRequest(state, { kind: 'add_redundancy', count }));
        state = task.taskAsked(state, { extraSlots: count });
        await condition(() => state.wanted.extraSlots === undefined);
        refuse(state.phase === 'ended' ? 'The task has ended.' : undefined);
        const answer = last('slots_added', 'slots_refused');
        if (answer?.kind === 'slots_refused') refuse(answer.detail);
        return { redundancy: state.target };
      });
      turn = mine.catch(() => undefined);
      return mine;
    },
    { validator: ({ count }) => refuse(task.refuseTaskRequest(state, { kind: 'add_redundancy', count })) },
  );

  if (input.revived) {
    const left = await db.taskLeft({ taskId });
    // It had ended, only not been looked at.
    if (!left) return { state: 'ended' };
    state = task.taskRevived(state, left, Date.now());
  } else if (input.reopened === undefined) {
    if (!input.slotsOpen) await db.openSlots({ taskId });
  } else {
    const known = await db.reopenedAnswers({ taskId });
    // Started by a repeat of a message: what it asked for is over.
    if (!known.open) return { state: 'ended' };
    state = task.taskReopened(state, known);
  }
  for (;;) {
    const step = task.nextTaskStep(state, Date.now());
    if (step.do === 'end') break;
    if (step.do === 'wait')
      await (state.pausedAtMs === null ? untilChanged(step.untilMs) : whilePaused(state.pausedAtMs));
    else await carryOut(step);
  }
  await condition(allHandlersFinished);
  return { state: outcome };

  function last(...kinds: string[]): task.TaskLogEntry | undefined {
    return state.log.findLast((entry) => kinds.includes(entry.kind));
  }

  /**
   * The timer is the server's, the answers come through the outbox, with no order between them: what ends with a window
   * is first held against the database. Activities of before did as they were told, and their histories say so.
   */
  function heardAt(cause?: 'window' | 'disagreement' | 'asked'): { heard?: task.Heard } {
    return cause === 'window' ? { heard: task.heardBy(state) } : {};
  }

  function decided(tried: { settled: boolean; confidence: number; acceptAny: boolean }): void {
    if (tried.settled) outcome = 'decided';
    state = task.decisionTried(state, { ...tried, atMs: Date.now() });
  }

  async function carryOut(step: Exclude<task.TaskStep, { do: 'wait' | 'end' }>): Promise<void> {
    const log = state.log;
    switch (step.do) {
      case 'assess': {
        const { annotationIds } = step;
        const due = input.decidesAtOnce ? task.decisionDue(state) : undefined;
        const { countedIds, tried } = await db.assessAnswers({ ...run, annotationIds, ...(due ? { due } : {}) });
        state = task.answersAssessed(state, annotationIds, countedIds);
        if (due && tried) decided({ ...tried, acceptAny: due.acceptAny });
        return;
      }
      case 'heed_judges': {
        const heeded = await db.heedJudges({ ...run, log });
        if (heeded.settled) outcome = 'decided';
        state = task.judgesHeeded(state, { ...heeded, atMs: Date.now() });
        return;
      }
      case 'decide': {
        const { minConfidence } = state.policy;
        const { acceptAny, cause } = step;
        const { unheard, ...tried } = await db.decideTask({ ...run, minConfidence, acceptAny, log, ...heardAt(cause) });
        if (unheard) state = task.unheardTold(state, unheard);
        else decided({ ...tried, acceptAny });
        return;
      }
      case 'rule': {
        const { refused } = await db.ruleTask({
          ...run,
          rulingId: step.ruling.rulingId,
          log: task.noted(state, Date.now(), 'ruled', `by ${step.ruling.by}`).log,
        });
        if (refused === undefined) outcome = 'adjudicated';
        state = refused === undefined ? task.ended(state) : task.rulingRefused(state, refused, Date.now());
        return;
      }
      case 'settle': {
        const { outcome: asked, reason, cause } = step;
        const log = task.noted(state, Date.now(), asked, reason).log;
        const unheard = await db.closeTask({ ...run, outcome: asked, log, ...heardAt(cause) });
        if (unheard) {
          state = task.unheardTold(state, unheard);
          return;
        }
        outcome = asked;
        state = task.ended(state);
        return;
      }
      case 'set_priority':
        await db.setPriority({ taskId, priority: step.priority });
        state = task.priorityChanged(state, step.priority, Date.now());
        return;
      case 'add_slots': {
        const answer = await db.addSlots({ taskId, toRedundancy: state.target + (state.slotOffset ?? 0) + step.count });
        state = task.slotsAdded(state, { ...answer, count: step.count, cause: step.cause, atMs: Date.now() });
        return;
      }
      case 'escalate': {
        const { step: rung, number, cause } = step;
        const left = step.left ? { left: true as const } : {};
        const answer = await db.escalateTask({ taskId, step: rung, number, ...left, ...heardAt(cause) });
        const timedOut = cause === 'window';
        if (answer.asked) state = task.workforceAsked(state);
        else if (answer.unheard) state = task.unheardTold(state, answer.unheard);
        else state = task.stepTaken(state, { ...answer, ...left, step: rung, timedOut, atMs: Date.now() });
        return;
      }
    }
  }

  /** The end of a pause is told once, and may be lost with Temporal's last moments: nothing else would tell. */
  async function whilePaused(pausedAtMs: number): Promise<void> {
    if (!input.looksWhilePaused && !patched('look-while-paused')) return untilChanged(null);
    if (look?.pausedAtMs !== pausedAtMs) {
      look = { pausedAtMs, atMs: Date.now() + FIRST_LOOK_MS, everyMs: FIRST_LOOK_MS };
    }
    await untilChanged(look.atMs);
    if (Date.now() < look.atMs) return;
    const everyMs = 4 * look.everyMs;
    look = { pausedAtMs, atMs: Date.now() + everyMs, everyMs };
    const left = await db.taskLeft({ taskId });
    // Told meanwhile.
    if (state.pausedAtMs !== pausedAtMs) return;
    // It ended, only was its ending lost.
    state = left ? task.lookedWhilePaused(state, left, Date.now()) : task.ended(state);
  }

  /** One durable timer for the window, kept across answers: a timer per wait would cost two events an answer. */
  async function untilChanged(untilMs: number | null): Promise<void> {
    if (window && window.endsAtMs !== untilMs) {
      window.scope.cancel();
      window = undefined;
    }
    if (untilMs !== null && !window) {
      const scope = new CancellationScope();
      const own = { endsAtMs: untilMs, scope };
      window = own;
      void scope
        .run(() => sleep(Math.max(1, untilMs - Date.now())))
        .then(() => {
          if (window === own) window = undefined;
        })
        .catch((error: unknown) => {
          if (!isCancellation(error)) throw error;
        });
    }
    const before = state;
    const waiting = window;
    await condition(() => state !== before || window !== waiting);
  }
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw ApplicationFailure.create({ type: 'conflict', message: reason, nonRetryable: true });
}
