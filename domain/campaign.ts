/** Why a campaign chose no more work. */
export type StopReason = 'budget' | 'pool_empty' | 'max_tasks' | 'target_accuracy' | 'plateau' | 'deadline' | 'by_hand';

/** The part of a campaign's settings that its workflow follows. */
export interface CampaignPolicy {
  readonly mode: 'streaming' | 'rounds';
  readonly batchSize: number;
  /** The first batches' size: they grow with what is labelled. Missing in campaigns from before: all are alike. */
  readonly firstBatch?: number;
  readonly maxInFlight: number;
  /** Fit the model again after this many settled tasks. */
  readonly refitEvery: number;
  readonly deadlineMs: number | null;
  readonly targetAccuracy: number | null;
  readonly plateau: { readonly rounds: number; readonly minGain: number } | null;
  /** The plateau by worth: see `FitPoint.pointsPerUsd`. */
  readonly leastPointsPerUsd?: number | null;
}

/** When a campaign stops before its items or its budget are used up, as its settings have it. */
export interface StopRules {
  readonly maxTasks?: number | undefined;
  readonly targetAccuracy?: number | undefined;
  readonly plateau?: { readonly rounds: number; readonly minGain: number } | undefined;
  readonly leastPointsPerUsd?: number | undefined;
  readonly deadline?: string | undefined;
}

export interface FitPoint {
  readonly labels: number;
  /** Lower end of the interval is what a target must reach, so that luck does not stop a campaign. */
  readonly accuracy: number;
  readonly low: number;
  /** What it was measured on, and how many items; missing in fits from before that was told. */
  readonly on?: 'slice' | 'gold';
  readonly count?: number;
  /** Of what was settled there, the share that a model can be measured on; likewise. */
  readonly measuredShare?: number;
  /** The most points of accuracy that the next labels are likely to gain for a dollar (upper end of the forecast's interval). */
  readonly pointsPerUsd?: number;
  /** The most that the labels of as many fits more as the plateau looks at are likely to gain; null before that can be told. */
  readonly mostGain?: number | null;
}

/** Everything the campaign workflow knows, and carries over when it continues as new: plain JSON. */
export interface CampaignMemory {
  readonly version: 1;
  readonly policy: CampaignPolicy;
  readonly phase: 'running' | 'paused' | 'stopping' | 'ended';
  readonly round: number;
  /** Ids of tasks that were chosen and have not settled: the dedup key of settlements. */
  readonly inFlight: readonly string[];
  /** Settlements that overtook the answer of the selection that chose their task; null outside a selection. */
  readonly early: readonly string[] | null;
  /** Something changed while a selection was under way that may make its `blocked` untrue. */
  readonly changed: boolean;
  readonly settled: number;
  readonly settledSinceFit: number;
  /** The last fits, newest last, for the plateau rule. */
  readonly fits: readonly FitPoint[];
  /** The last selection found nothing; cleared when that may have changed. */
  readonly blocked: 'budget' | 'pool_empty' | 'max_tasks' | 'pace' | null;
  /** While `blocked` by the day's pace: when it is worth trying again. */
  readonly pacedUntilMs?: number | null;
  readonly stopReason: StopReason | null;
  /** Its open tasks were told to end, rather than to be finished. */
  readonly cancelling?: true;
}

export type CampaignStep =
  | { readonly do: 'wait'; readonly untilMs: number | null }
  | { readonly do: 'select'; readonly round: number; readonly count: number }
  | { readonly do: 'fit'; readonly round: number }
  | { readonly do: 'finish'; readonly reason: StopReason }
  | { readonly do: 'end' };

const MAX_FITS = 20;
/** A batch may be as large as this share of what is labelled: the model that chose it is soon worth a new look. */
const GROWTH = 0.25;

/** A campaign that has just been started. */
export function openCampaign(policy: CampaignPolicy): CampaignMemory {
  return {
    version: 1,
    policy,
    phase: 'running',
    round: 0,
    inFlight: [],
    early: null,
    changed: false,
    settled: 0,
    settledSinceFit: 0,
    fits: [],
    blocked: null,
    stopReason: null,
  };
}

/** The one thing to do now. Pure: the same memory gives the same step. */
export function nextCampaignStep(memory: CampaignMemory): CampaignStep {
  const { policy, inFlight } = memory;
  if (memory.phase === 'ended') return { do: 'end' };
  const idle = inFlight.length === 0;
  // A stop rule that fires during a pause leaves it a pause: open tasks wait for the resumption.
  if (memory.phase === 'paused' && memory.stopReason === null) return { do: 'wait', untilMs: policy.deadlineMs };
  if (memory.stopReason !== null) {
    if (!idle) return { do: 'wait', untilMs: null };
    // One last fit, so that the report's model has seen every label.
    if (memory.settledSinceFit > 0) return { do: 'fit', round: memory.round };
    return { do: 'finish', reason: memory.stopReason };
  }
  const { batchSize, maxInFlight, refitEvery } = sizesNow(memory);
  const dueForFit =
    policy.mode === 'rounds' ? idle && memory.settledSinceFit > 0 : memory.settledSinceFit >= refitEvery;
  if (dueForFit) return { do: 'fit', round: memory.round };
  const room = policy.mode === 'rounds' ? (idle ? batchSize : 0) : maxInFlight - inFlight.length;
  const count = Math.min(batchSize, room);
  // A streaming campaign tops up in whole batches (or whatever is left of a small limit), not task by task.
  const worthwhile = count >= Math.min(batchSize, Math.ceil(maxInFlight / 2));
  if (memory.blocked === null && worthwhile) return { do: 'select', round: memory.round + 1, count };
  const untilMs = memory.blocked === 'pace' ? (memory.pacedUntilMs ?? null) : null;
  if (untilMs === null || policy.deadlineMs === null) return { do: 'wait', untilMs: untilMs ?? policy.deadlineMs };
  return { do: 'wait', untilMs: Math.min(untilMs, policy.deadlineMs) };
}

/**
 * Batches are small while little is labelled, and grow with it up to the policy's size; what may be in flight and how
 * much settles between two fits grow in step.
 */
function sizesNow({ policy, settled }: CampaignMemory): {
  readonly batchSize: number;
  readonly maxInFlight: number;
  readonly refitEvery: number;
} {
  const first = policy.firstBatch ?? policy.batchSize;
  const batchSize = Math.min(policy.batchSize, Math.max(first, Math.floor(GROWTH * settled)));
  const part = batchSize / policy.batchSize;
  return {
    batchSize,
    maxInFlight: Math.ceil(part * policy.maxInFlight),
    refitEvery: Math.ceil(part * policy.refitEvery),
  };
}

/** A selection begins; settlements of its tasks may now arrive before its answer does. */
export function selectionBegun(memory: CampaignMemory): CampaignMemory {
  return { ...memory, early: [], changed: false, ...(memory.pacedUntilMs ? { pacedUntilMs: null } : {}) };
}

/** A selection's answer. No tasks: `blocked` says why; with nothing in flight that stops the campaign. */
export function batchSelected(
  memory: CampaignMemory,
  batch: { taskIds: readonly string[]; blocked: CampaignMemory['blocked']; untilMs?: number },
): CampaignMemory {
  const early = new Set(memory.early ?? []);
  const started = batch.taskIds.filter((id) => !early.has(id));
  const settledAlready = batch.taskIds.length - started.length;
  const next: CampaignMemory = {
    ...memory,
    early: null,
    round: batch.taskIds.length > 0 ? memory.round + 1 : memory.round,
    inFlight: [...memory.inFlight, ...started],
    settled: memory.settled + settledAlready,
    settledSinceFit: memory.settledSinceFit + settledAlready,
    blocked: memory.changed ? null : batch.blocked,
    ...(batch.blocked === 'pace' ? { pacedUntilMs: batch.untilMs ?? null } : {}),
  };
  return stopWhenBlocked(next);
}

/** Tasks settled. Ids that are not in flight (repeats, strangers) change nothing. */
export function tasksSettled(memory: CampaignMemory, taskIds: readonly string[]): CampaignMemory {
  const settled = new Set(taskIds);
  const inFlight = memory.inFlight.filter((id) => !settled.has(id));
  const count = memory.inFlight.length - inFlight.length;
  const early = memory.early && earlyNow(memory.early, new Set(memory.inFlight));
  if (count === 0) return early?.length === memory.early?.length ? memory : { ...memory, early };
  return stopWhenBlocked({
    ...memory,
    early,
    inFlight,
    settled: memory.settled + count,
    settledSinceFit: memory.settledSinceFit + count,
    // What a settled task did not use was released, so the next batch may fit now.
    changed: true,
    blocked: memory.blocked === 'budget' || memory.blocked === 'pace' ? null : memory.blocked,
  });

  function earlyNow(before: readonly string[], known: ReadonlySet<string>): string[] {
    return [...new Set([...before, ...taskIds.filter((id) => !known.has(id))])];
  }
}

/** Decided tasks were opened again: the campaign does not end before they have. */
export function tasksReopened(memory: CampaignMemory, taskIds: readonly string[]): CampaignMemory {
  return { ...memory, inFlight: [...new Set([...memory.inFlight, ...taskIds])] };
}

/**
 * The model was fitted again (`point` null: nothing to learn from or to measure on yet); stop rules apply. `seen` is
 * `settledSinceFit` when the fit began: what has settled meanwhile waits for the next one.
 */
export function modelFitted(
  memory: CampaignMemory,
  { point, seen }: { point: FitPoint | null; seen: number },
): CampaignMemory {
  const fits = point ? [...memory.fits, point].slice(-MAX_FITS) : memory.fits;
  const next = { ...memory, fits, settledSinceFit: memory.settledSinceFit - seen };
  if (memory.stopReason !== null || !point) return next;
  const { targetAccuracy, plateau, leastPointsPerUsd = null } = memory.policy;
  const isWhole = (point.measuredShare ?? 1) >= LEAST_SHARE;
  if (targetAccuracy !== null && isWhole && point.low >= targetAccuracy) return stopping(next, 'target_accuracy');
  if (plateau !== null && isPlateau(fits, plateau)) return stopping(next, 'plateau');
  const { pointsPerUsd } = point;
  if (leastPointsPerUsd !== null && pointsPerUsd !== undefined && pointsPerUsd < leastPointsPerUsd) {
    return stopping(next, 'plateau');
  }
  return next;
}

/** What the clock changes: a new day has money again; past the deadline no more work is chosen. */
export function deadlineChecked(past: CampaignMemory, nowMs: number): CampaignMemory {
  const { deadlineMs } = past.policy;
  const anew = past.blocked === 'pace' && nowMs >= (past.pacedUntilMs ?? 0);
  const memory: CampaignMemory = anew ? { ...past, blocked: null, pacedUntilMs: null } : past;
  if (deadlineMs === null || nowMs < deadlineMs || memory.stopReason !== null || memory.phase === 'ended')
    return memory;
  return stopping(memory, 'deadline');
}

export function campaignPaused(memory: CampaignMemory): CampaignMemory {
  return { ...memory, phase: 'paused' };
}

export function campaignResumed(memory: CampaignMemory): CampaignMemory {
  return { ...memory, phase: memory.stopReason === null ? 'running' : 'stopping' };
}

/** Stopped by hand, which ends a pause, too; open tasks are cancelled or drained by the activity that goes with it. */
export function campaignStopped(memory: CampaignMemory, how: { drain: boolean }): CampaignMemory {
  return { ...memory, phase: 'stopping', stopReason: 'by_hand', ...(how.drain ? {} : { cancelling: true }) };
}

/** The budget changed: a selection that found no money may find some now. */
export function budgetChanged(memory: CampaignMemory): CampaignMemory {
  const blocked = memory.blocked === 'budget' || memory.blocked === 'pace' ? null : memory.blocked;
  return { ...memory, changed: true, blocked };
}

/** It stops by other rules: those on fits are looked at after the next one. */
export function stopRulesChanged(memory: CampaignMemory, policy: CampaignPolicy): CampaignMemory {
  return { ...memory, policy, changed: true, blocked: memory.blocked === 'max_tasks' ? null : memory.blocked };
}

/** Items were added to the pool. */
export function poolGrew(memory: CampaignMemory): CampaignMemory {
  return { ...memory, changed: true, blocked: memory.blocked === 'pool_empty' ? null : memory.blocked };
}

/** It was to end for want of items or of money, and there are some again. Stopped by hand meanwhile, it stops. */
export function campaignGoesOn(memory: CampaignMemory, wanted: 'pool_empty' | 'budget'): CampaignMemory {
  if (memory.stopReason !== wanted || memory.phase === 'ended') return memory;
  const next = wanted === 'budget' ? budgetChanged(memory) : poolGrew(memory);
  return { ...next, phase: memory.phase === 'paused' ? 'paused' : 'running', stopReason: null };
}

/** What the database knows of a campaign that has not ended. */
export interface CampaignLeft {
  readonly phase: 'running' | 'paused' | 'stopping';
  readonly stopReason: StopReason | null;
  readonly round: number;
  readonly inFlight: readonly string[];
  readonly settled: number;
}

/** A campaign whose workflow was gone, before it is known how it stands: what is heard meanwhile is kept. */
export function campaignAsleep(memory: CampaignMemory): CampaignMemory {
  return { ...memory, early: [] };
}

/** It goes on from what the database knows. Its fits are forgotten, but for the model: the next one comes at once. */
export function campaignRevived(memory: CampaignMemory, left: CampaignLeft): CampaignMemory {
  const early = new Set(memory.early ?? []);
  const { stopReason, round, settled } = left;
  const phase = phaseOf(left.phase, stopReason);
  const inFlight = left.inFlight.filter((id) => !early.has(id));
  return { ...memory, phase, stopReason, round, inFlight, settled, settledSinceFit: settled, early: null };
}

/**
 * It stands as the database knows, undefined where it has ended. The two differ where Temporal lost its last moments, in
 * which somebody was told that it is paused, resumed or stopped.
 */
export function campaignCorrected(memory: CampaignMemory, left: CampaignLeft | undefined): CampaignMemory {
  if (!left) return campaignEnded(memory);
  const stopReason = memory.stopReason ?? left.stopReason;
  const phase = phaseOf(left.phase, stopReason);
  return phase === memory.phase && stopReason === memory.stopReason ? memory : { ...memory, phase, stopReason };
}

/** The database says that a campaign is running until its last task has settled, unless it was stopped by hand. */
function phaseOf(phase: CampaignLeft['phase'], stopReason: StopReason | null): CampaignLeft['phase'] {
  if (phase === 'paused') return 'paused';
  return stopReason === null ? phase : 'stopping';
}

export function campaignEnded(memory: CampaignMemory): CampaignMemory {
  return { ...memory, phase: 'ended' };
}

/** `hold` pauses one that finishes its open tasks, too. */
export type CampaignRequest = 'pause' | 'hold' | 'resume' | 'stop' | 'cancel' | 'change';

/** Why a request makes no sense in this state; undefined when it does. */
export function refuseCampaignRequest(memory: CampaignMemory, request: CampaignRequest): string | undefined {
  if (memory.phase === 'ended') return 'The campaign has ended.';
  switch (request) {
    case 'pause':
      if (memory.phase === 'paused') return 'The campaign is paused already.';
      return memory.phase === 'stopping' ? 'The campaign is stopping; its last tasks are being finished.' : undefined;
    case 'hold':
      if (memory.phase === 'paused') return 'The campaign is paused already.';
      return memory.cancelling && 'The campaign is stopping, and its open tasks are being cancelled.';
    case 'resume':
      return memory.phase === 'paused' ? undefined : 'The campaign is not paused.';
    case 'stop':
      return memory.phase === 'stopping' ? 'The campaign is stopping already.' : undefined;
    case 'cancel':
      return memory.cancelling && 'The campaign is stopping already, and its open tasks are being cancelled.';
    case 'change':
      return memory.stopReason === null ? undefined : 'The campaign is stopping; changes would have no effect.';
  }
}

function stopWhenBlocked(memory: CampaignMemory): CampaignMemory {
  const { blocked } = memory;
  // By the day's pace there is only a while to wait.
  if (blocked === null || blocked === 'pace' || memory.inFlight.length > 0 || memory.stopReason !== null) return memory;
  return stopping(memory, blocked);
}

function stopping(memory: CampaignMemory, reason: StopReason): CampaignMemory {
  return { ...memory, phase: memory.phase === 'paused' ? 'paused' : 'stopping', stopReason: reason };
}

/** The accuracy on less of the slice is that of its easy part. */
const LEAST_SHARE = 0.8;

/** By fewer items than this a fit is as good as luck would have it: of two all may be right. */
const LEAST_MEASURED = 50;

/** As many fits more as the rule looks at are likely to gain too little, at the most. */
function isPlateau(fits: readonly FitPoint[], rule: { rounds: number; minGain: number }): boolean {
  const last = fits.at(-1);
  if (last?.mostGain === undefined) return wasPlateau(fits, rule);
  return last.mostGain !== null && (last.count ?? 0) >= LEAST_MEASURED && last.mostGain <= rule.minGain;
}

/**
 * By fits from before `mostGain` was told: no fit of the last `rounds` was better by more than `minGain` than the best before
 * them that was measured on the same.
 */
function wasPlateau(all: readonly FitPoint[], rule: { rounds: number; minGain: number }): boolean {
  const on = all.at(-1)?.on;
  const fits = all.filter((fit) => fit.on === on && (fit.count ?? LEAST_MEASURED) >= LEAST_MEASURED);
  if (fits.length <= rule.rounds) return false;
  const best = (points: readonly FitPoint[]) => Math.max(...points.map((point) => point.accuracy));
  return best(fits.slice(-rule.rounds)) - best(fits.slice(0, -rule.rounds)) <= rule.minGain;
}
