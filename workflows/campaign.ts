/**
 * One campaign: chooses batches, reserves their money, keeps a bounded number of tasks in flight, fits the model,
 * applies the stop rules. Messaged by the relay (settlements, more items, more money) and by the API (updates). Ends when a stop
 * rule has fired and the last task has settled; continues as new long before its history is full, which its tasks
 * survive because they are no children of it: the database's outbox starts them and brings their settlements.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, LearningActivities } from '../activities/index.ts';
import * as campaign from '../domain/campaign.ts';
import * as messages from './messages.ts';

// One short database transaction each.
const db = proxyLocalActivities<Activities>(messages.DATABASE_CALLS);
// Reads part of the pool and does heavy numerics on the learning workers; says it is alive every few seconds. A
// requester's own model may be slow, and is asked about the whole pool in the end.
const learning = proxyActivities<LearningActivities>({
  taskQueue: messages.TASK_QUEUES.learning,
  startToCloseTimeout: '7 days',
  heartbeatTimeout: '60 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

// The net under lost messages: ask the database about tasks in flight this often.
const RECONCILE_MS = 10 * 60 * 1000;
const EVENTS_PER_RUN = 4000;

export async function campaignWorkflow(input: messages.CampaignInput): Promise<{ reason: campaign.StopReason }> {
  const { campaignId } = input;
  // Asked here, where every replay asks it, and for all that changed before it: a run of before it asks for each of those
  // where it first matters.
  const asToday = patched('asked-at-start');
  let memory = input.carried ?? campaign.openCampaign(input.policy);
  let timer: { endsAtMs: number; scope: CancellationScope } | undefined;
  let reconcileAtMs = Number.POSITIVE_INFINITY;
  // Longer each time: a pause may last for months.
  let pausedLookMs = RECONCILE_MS;
  let revised = false;
  // Updates that change the database run one after the other.
  let turn: Promise<unknown> = Promise.resolve();
  // How it stands is still being read: updates wait for that, and are looked at once more then.
  let asleep = input.revived === true && !input.carried;
  // Why it chooses no more work, as the database knows: it is what a campaign goes on from whose workflow was gone.
  let noted = memory.stopReason;
  // Before the handlers: what was sent before the start is handled while they are set.
  if (asleep) {
    memory = campaign.campaignAsleep(memory);
    turn = db.campaignLeft({ campaignId }).then((left) => {
      memory = left ? campaign.campaignRevived(memory, left) : campaign.campaignEnded(memory);
      noted = memory.stopReason;
      asleep = false;
    });
  }
  const revived = turn;

  setHandler(messages.tasksSettledSignal, ({ taskIds }) => {
    const { settled } = memory;
    memory = campaign.tasksSettled(memory, taskIds);
    // One that was opened again has released what it did not use.
    const mayPay = memory.stopReason === 'budget' && memory.settled > settled;
    if (mayPay && does('released-goes-on')) memory = campaign.campaignGoesOn(memory, 'budget');
  });
  setHandler(messages.poolGrewSignal, () => {
    memory = campaign.poolGrew(memory);
  });
  setHandler(messages.budgetChangedSignal, () => {
    memory = campaign.budgetChanged(memory);
    if (memory.stopReason === 'budget' && does('money-goes-on')) memory = campaign.campaignGoesOn(memory, 'budget');
  });
  setHandler(messages.campaignStateQuery, () => memory);
  setHandler(
    messages.pauseUpdate,
    () =>
      inTurn(memory.phase === 'stopping' && does('pause-while-draining') ? 'hold' : 'pause', async () => {
        await db.pauseCampaign({ campaignId });
        memory = campaign.campaignPaused(memory);
      }),
    { validator: refuseEnded },
  );
  setHandler(
    messages.resumeUpdate,
    () =>
      inTurn('resume', async () => {
        await db.resumeCampaign({ campaignId, to: memory.stopReason === null ? 'running' : 'stopping' });
        memory = campaign.campaignResumed(memory);
      }),
    { validator: refuseEnded },
  );
  setHandler(
    messages.stopUpdate,
    ({ drain }) =>
      // One that finishes its open tasks may be told to cancel them after all.
      inTurn(!drain && does('cancel-while-draining') ? 'cancel' : 'stop', async () => {
        if (memory.phase === 'paused') await db.resumeCampaign({ campaignId, to: 'running' });
        await db.markStopping({ campaignId, reason: 'by_hand', cancelOpen: !drain });
        memory = campaign.campaignStopped(memory, { drain });
        noted = memory.stopReason;
      }),
    { validator: (_asked) => refuseEnded() },
  );
  setHandler(
    messages.setBudgetUpdate,
    async ({ capMicros }) => {
      await inTurn('change', async () => {
        await db.setBudget({ campaignId, capMicros });
        memory = campaign.budgetChanged(memory);
      });
      return { capMicros };
    },
    { validator: (_asked) => refuseEnded() },
  );
  setHandler(
    messages.setRedundancyUpdate,
    async (change) => {
      let policyVersion = 0;
      await inTurn('change', async () => {
        ({ policyVersion } = await db.setRedundancy({ campaignId, ...change }));
      });
      return { policyVersion };
    },
    { validator: (_asked) => refuseEnded() },
  );
  setHandler(
    messages.setStopRulesUpdate,
    async ({ stop }) => {
      let policyVersion = 0;
      await inTurn('change', async () => {
        const changed = await db.setStopRules({ campaignId, stop });
        ({ policyVersion } = changed);
        memory = campaign.stopRulesChanged(memory, changed.policy);
      });
      return { policyVersion };
    },
    { validator: (_asked) => refuseEnded() },
  );

  if (asleep) await revived;
  for (;;) {
    memory = campaign.deadlineChecked(memory, Date.now());
    if (memory.stopReason !== noted && memory.phase !== 'ended' && does('note-stop-reason')) {
      await afterOthers(async () => {
        const reason = memory.stopReason;
        await db.noteStop({ campaignId, reason });
        noted = reason;
      });
      continue;
    }
    const step = campaign.nextCampaignStep(memory);
    switch (step.do) {
      case 'select': {
        memory = campaign.selectionBegun(memory);
        revised = false;
        const batch = await learning.selectBatch({ campaignId, round: step.round, count: step.count });
        memory = campaign.batchSelected(memory, batch);
        if (batch.notRunning) await afterOthers(correct);
        break;
      }
      case 'fit': {
        const seen = memory.settledSinceFit;
        const { point, ambiguous } = await learning.fitModel({ campaignId, round: step.round });
        memory = campaign.modelFitted(memory, { point, seen });
        // Only fits that look at agreement say so: histories of earlier ones go on as they did.
        if (ambiguous) await pauseByItself();
        break;
      }
      case 'finish':
        // All answers are in: what they say of the annotators may change what the first tasks come to.
        if (!revised && does('revise-at-end')) {
          await learning.reviseDecisions({ campaignId });
          revised = true;
          // What was asked for meanwhile is looked at first.
          break;
        }
        {
          const left = await db.endCampaign({ campaignId, reason: step.reason, unlessPoolGrew: true });
          memory = left ? campaign.tasksReopened(memory, left.open) : campaign.campaignEnded(memory);
          if (left?.poolGrew) memory = campaign.campaignGoesOn(memory, 'pool_empty');
          if (left?.moneyCame) memory = campaign.campaignGoesOn(memory, 'budget');
          revised = false;
        }
        break;
      case 'wait':
        await untilChanged(step.untilMs);
        break;
      case 'end':
        await condition(allHandlersFinished);
        return { reason: memory.stopReason ?? 'by_hand' };
    }
    const info = workflowInfo();
    if (info.continueAsNewSuggested || info.historyLength > (input.eventsPerRun ?? EVENTS_PER_RUN)) {
      await condition(allHandlersFinished);
      // The next run takes for noted what it is given.
      const untold = memory.stopReason !== noted && does('noted-before-continuing');
      if (memory.phase !== 'ended' && !untold)
        await continueAsNew<typeof campaignWorkflow>({ ...input, carried: memory });
    }
  }

  function does(change: string): boolean {
    return asToday || patched(change);
  }

  function refuseEnded(): void {
    if (!asleep && memory.phase === 'ended') refuse(campaign.refuseCampaignRequest(memory, 'change'));
  }

  /** Runs an effect after those that were begun before it. */
  function afterOthers(effect: () => Promise<void>): Promise<void> {
    const mine = turn.then(effect);
    turn = mine.catch(() => undefined);
    return mine;
  }

  /** What was acknowledged counts, though Temporal may have lost it. */
  async function correct(): Promise<void> {
    const left = await db.campaignLeft({ campaignId });
    memory = campaign.campaignCorrected(memory, left);
  }

  /** The task is at fault, as the report says that was opened: no more intake until a person resumes. */
  async function pauseByItself(): Promise<void> {
    await afterOthers(async () => {
      if (campaign.refuseCampaignRequest(memory, 'pause') !== undefined) return;
      await db.pauseCampaign({ campaignId });
      memory = campaign.campaignPaused(memory);
    });
  }

  /** Runs an update's effect after those before it, where it makes sense as things stand then. */
  async function inTurn(kind: campaign.CampaignRequest, effect: () => Promise<void>) {
    await afterOthers(async () => {
      const refused = () => campaign.refuseCampaignRequest(memory, kind);
      if (refused() !== undefined && memory.phase !== 'ended' && does('look-before-refusing')) await correct();
      refuse(refused());
      await effect();
    });
    return { phase: memory.phase, round: memory.round, inFlight: memory.inFlight.length };
  }

  /** Nothing else would tell a campaign that believes itself paused that it was resumed. */
  function looksWhilePaused(): boolean {
    return memory.phase === 'paused' && does('look-while-paused');
  }

  /** One durable timer, kept while its time stays the same: for the deadline, and for looking after lost messages. */
  async function untilChanged(untilMs: number | null): Promise<void> {
    if (memory.phase !== 'paused') pausedLookMs = RECONCILE_MS;
    const idleMs = looksWhilePaused() ? pausedLookMs : Number.POSITIVE_INFINITY;
    const everyMs = memory.inFlight.length > 0 ? RECONCILE_MS : idleMs;
    reconcileAtMs = everyMs === Number.POSITIVE_INFINITY ? everyMs : Math.min(reconcileAtMs, Date.now() + everyMs);
    const endsAtMs = Math.min(untilMs ?? Number.POSITIVE_INFINITY, reconcileAtMs);
    if (timer && timer.endsAtMs !== endsAtMs) {
      timer.scope.cancel();
      timer = undefined;
    }
    if (!timer && endsAtMs < Number.POSITIVE_INFINITY) {
      const own = { endsAtMs, scope: new CancellationScope() };
      timer = own;
      void own.scope
        .run(() => sleep(Math.max(1, endsAtMs - Date.now())))
        .then(() => {
          if (timer === own) timer = undefined;
        })
        .catch((error: unknown) => {
          if (!isCancellation(error)) throw error;
        });
    }
    const before = memory;
    const waiting = timer;
    await condition(() => memory !== before || timer !== waiting);
    if (Date.now() < reconcileAtMs) return;
    reconcileAtMs = Number.POSITIVE_INFINITY;
    if (looksWhilePaused()) {
      pausedLookMs *= 4;
      await afterOthers(correct);
    }
    if (memory.inFlight.length === 0) return;
    const ended = await db.findEnded({ taskIds: memory.inFlight });
    memory = campaign.tasksSettled(memory, ended);
  }
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw ApplicationFailure.create({ type: 'conflict', message: reason, nonRetryable: true });
}
