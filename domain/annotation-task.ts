import { type EscalationStep, movesIn, type TaskPolicy } from './task-policy.ts';

/** How a task can end. */
export type TaskOutcome = 'decided' | 'adjudicated' | 'unresolved' | 'cancelled';

export interface TaskLogEntry {
  readonly atMs: number;
  readonly kind: string;
  readonly detail: string;
}

/** An expert's ruling on a task; the label itself waits in the database under this id. */
export interface Ruling {
  readonly rulingId: string;
  readonly by: string;
}

/** Everything one task workflow knows: plain JSON, ids and counts only. */
export interface TaskState {
  readonly version: 1;
  readonly policy: TaskPolicy;
  readonly phase: 'collecting' | 'adjudicating' | 'ended';
  /** Answers wanted before the task is decided. */
  readonly target: number;
  /** Annotation ids that have arrived and are not assessed yet. */
  readonly arrived: readonly string[];
  /** Annotation ids that were assessed and count. */
  readonly counted: readonly string[];
  /** Ids that arrived but are no counted annotation of this task; kept so that a repeat stays silent. */
  readonly dropped: readonly string[];
  /** Slots beyond `target`: of a reopened task, those whose answers do not count any more or never came. */
  readonly slotOffset?: number;
  /** Number of counted answers at the last attempt to decide; 0 before any. */
  readonly triedAt: number;
  readonly openedAtMs: number;
  /** When the present window ends; with `pausedAtMs` set, as seen when the pause began. */
  readonly deadlineMs: number;
  readonly pausedAtMs: number | null;
  /** The newest pause or resumption heard of; messages about older ones are repeats. */
  readonly clockAtMs: number;
  /** Escalation steps taken so far. */
  readonly escalated: number;
  readonly windowsElapsed: number;
  /** Judges have answered, or will not: see `judgeFirst`. */
  readonly judged?: true;
  /** Whether it was looked at what they said. */
  readonly heeded?: true;
  /** Its vendors will send no more: the window need not be waited for where another workforce comes. */
  readonly left?: true;
  readonly wanted: {
    readonly priority?: number;
    readonly extraSlots?: number;
    readonly cancel?: string;
    readonly ruling?: Ruling;
  };
  readonly log: readonly TaskLogEntry[];
}

/** What the workflow has to do next. */
export type TaskStep =
  | { readonly do: 'wait'; readonly untilMs: number | null }
  | { readonly do: 'assess'; readonly annotationIds: readonly string[] }
  | { readonly do: 'heed_judges' }
  | { readonly do: 'decide'; readonly acceptAny: boolean; readonly cause?: 'window' }
  | { readonly do: 'set_priority'; readonly priority: number }
  | { readonly do: 'add_slots'; readonly count: number; readonly cause: 'asked' | 'disagreement' }
  | {
      readonly do: 'escalate';
      readonly step: EscalationStep;
      readonly number: number;
      readonly cause: 'window' | 'disagreement';
      /** The window is not over, but nobody is left to answer in it. */
      readonly left?: true;
    }
  | {
      readonly do: 'settle';
      readonly outcome: 'unresolved' | 'cancelled';
      readonly reason: string;
      readonly cause: 'window' | 'disagreement' | 'asked';
    }
  | { readonly do: 'rule'; readonly ruling: Ruling }
  | { readonly do: 'end' };

// A task has at most a hundred slots; anything beyond this many strangers is noise not worth carrying.
const MAX_DROPPED = 200;
const MAX_REDUNDANCY = 25;

/** A task that has just been opened at `nowMs`. */
export function openTask(policy: TaskPolicy, nowMs: number): TaskState {
  return {
    version: 1,
    policy,
    phase: 'collecting',
    target: policy.redundancy,
    arrived: [],
    counted: [],
    dropped: [],
    triedAt: 0,
    openedAtMs: nowMs,
    deadlineMs: nowMs + policy.windowMs,
    pausedAtMs: null,
    clockAtMs: 0,
    escalated: 0,
    windowsElapsed: 0,
    wanted: {},
    log: [],
  };
}

/**
 * A decided task was opened again: these answers count already, and it is decided anew when `target` have come.
 * Answers announced meanwhile stay announced.
 */
export function taskReopened(
  state: TaskState,
  known: { countedIds: readonly string[]; target: number; slotOffset: number },
): TaskState {
  const counted = known.countedIds.filter((id) => !state.arrived.includes(id));
  const { target, slotOffset } = known;
  const policy = { ...state.policy, maxRedundancy: Math.max(state.policy.maxRedundancy, target) };
  return { ...state, policy, counted, target, slotOffset, triedAt: counted.length, heeded: true };
}

/** What the database knows of a task whose workflow is gone. */
export interface TaskLeft {
  /** Answers that count: assessed ones, and those that wait for it. */
  readonly countedIds: readonly string[];
  readonly arrivedIds: readonly string[];
  /** Slots that are open, leased or hold one of these; and all there are. */
  readonly target: number;
  readonly redundancy: number;
  readonly escalations: number;
  readonly adjudicating: boolean;
  readonly pausedAtMs: number | null;
  /** Of a task that judges answer first: they are done, or people were asked already. */
  readonly judged: boolean;
  readonly heeded: boolean;
  /** Whether others than judges have answered; missing in histories from before that was asked. */
  readonly people?: boolean;
}

/**
 * A task whose workflow is gone goes on in a new one, from what the database knows, in a window of its own. Answers
 * announced meanwhile stay announced.
 */
export function taskRevived(state: TaskState, left: TaskLeft, atMs: number): TaskState {
  const { countedIds, target, adjudicating, escalations, pausedAtMs } = left;
  const { policy } = state;
  const revived: TaskState = {
    ...state,
    policy: { ...policy, maxRedundancy: Math.max(policy.maxRedundancy, target) },
    phase: adjudicating ? 'adjudicating' : 'collecting',
    counted: countedIds,
    arrived: [...new Set([...state.arrived, ...left.arrivedIds])].filter((id) => !countedIds.includes(id)),
    target,
    // An attempt to decide by people's answers, of which the database knows nothing, was before the newest of these.
    triedAt: left.people && countedIds.length > 1 ? 1 : state.triedAt,
    slotOffset: left.redundancy - target,
    escalated: escalations,
    deadlineMs: atMs + (adjudicating ? policy.adjudicationMs : policy.windowMs),
    ...(left.judged ? { judged: true } : {}),
    ...(left.heeded ? { heeded: true } : {}),
  };
  const told = noted(revived, atMs, 'revived', 'its workflow was gone');
  return pausedAtMs === null ? told : taskPaused(told, pausedAtMs);
}

/** The one thing to do now. Pure: the same state and time give the same step. */
export function nextTaskStep(state: TaskState, nowMs: number): TaskStep {
  const { wanted, policy } = state;
  if (state.phase === 'ended') return { do: 'end' };
  if (wanted.cancel !== undefined) return { do: 'settle', outcome: 'cancelled', reason: wanted.cancel, cause: 'asked' };
  if (wanted.ruling) return { do: 'rule', ruling: wanted.ruling };
  if (wanted.priority !== undefined) return { do: 'set_priority', priority: wanted.priority };
  if (wanted.extraSlots !== undefined) return { do: 'add_slots', count: wanted.extraSlots, cause: 'asked' };
  if (state.arrived.length > 0) return { do: 'assess', annotationIds: state.arrived };
  if (isUnheeded(state) && (state.judged || (policy.heedsFirst && state.counted.length >= state.target))) {
    return { do: 'heed_judges' };
  }
  if (state.phase === 'collecting' && state.counted.length >= state.target) {
    if (state.triedAt < state.counted.length) return { do: 'decide', acceptAny: policy.onDisagreement === 'accept' };
    // Tried and not confident enough.
    if (policy.onDisagreement === 'extend') {
      if (state.target < policy.maxRedundancy) return { do: 'add_slots', count: 1, cause: 'disagreement' };
      const contested = policy.whenContested ?? 'accept';
      if (contested === 'accept') return { do: 'decide', acceptAny: true };
      if (contested === 'unresolved') {
        const reason = `Its annotators still disagreed after ${state.counted.length} answers.`;
        return { do: 'settle', outcome: 'unresolved', reason, cause: 'disagreement' };
      }
    }
    return { do: 'escalate', step: { step: 'adjudicate' }, number: state.escalated, cause: 'disagreement' };
  }
  if (state.pausedAtMs !== null) return { do: 'wait', untilMs: null };
  const left = nowMs < state.deadlineMs && isLeft(state);
  if (nowMs < state.deadlineMs && !left) return { do: 'wait', untilMs: state.deadlineMs };
  if (state.phase === 'adjudicating') {
    const reason = 'No ruling came within the adjudication window.';
    return { do: 'settle', outcome: 'unresolved', reason, cause: 'window' };
  }
  const step = policy.escalation[state.escalated];
  if (!step || step.step === 'give_up') {
    if (hasEnough(state)) return { do: 'decide', acceptAny: true, cause: 'window' };
    const had = `${state.counted.length} of ${state.target} answers`;
    const reason = `The last collection window ended with ${had}.`;
    return { do: 'settle', outcome: 'unresolved', reason, cause: 'window' };
  }
  return { do: 'escalate', step, number: state.escalated, cause: 'window', ...(left ? { left } : {}) };
}

/** Whether nobody answers in this window and another workforce comes in a later one: those in between are for nothing, too. */
function isLeft({ left, phase, policy, escalated }: TaskState): boolean {
  if (!left || phase !== 'collecting') return false;
  return movesIn(policy.escalation.slice(escalated)) > 0;
}

/**
 * Whether a task that nobody gives the further answers it wants is decided by those it has: all that were wanted at first,
 * by its policy the best label will do in the end. Of judges' answers alone it is not.
 */
function hasEnough({ policy, counted, triedAt }: TaskState): boolean {
  const { onDisagreement, whenContested = 'accept' } = policy;
  if (!policy.decidesAtEnd || onDisagreement === 'adjudicate' || whenContested !== 'accept') return false;
  return counted.length >= policy.redundancy && (!policy.judgeFirst || triedAt > 0);
}

/** Whether judges answer first, and nobody has looked yet at what they said. */
function isUnheeded({ policy, heeded, phase }: TaskState): boolean {
  return policy.judgeFirst === true && !heeded && phase === 'collecting';
}

/** Answers were announced. Known ids change nothing. */
export function answersArrived(state: TaskState, annotationIds: readonly string[]): TaskState {
  if (state.phase === 'ended') return state;
  const known = new Set([...state.arrived, ...state.counted, ...state.dropped]);
  const fresh = [...new Set(annotationIds)].filter((id) => !known.has(id));
  return fresh.length === 0 ? state : { ...state, arrived: [...state.arrived, ...fresh] };
}

/** What a task has heard of, for whoever looks whether there is more: its window's clock and its answers come apart. */
export interface Heard {
  readonly annotationIds: readonly string[];
  readonly clockAtMs: number;
}

/** What is in the database and not yet heard of: answers, and pauses and resumptions, oldest first. */
export interface Unheard {
  readonly annotationIds: readonly string[];
  readonly clock: readonly { readonly message: 'paused' | 'resumed'; readonly atMs: number }[];
}

/** All that the task has heard of; what has arrived is assessed before anything else. */
export function heardBy({ counted, dropped, clockAtMs }: TaskState): Heard {
  return { annotationIds: [...counted, ...dropped], clockAtMs };
}

/** What it had not heard of, as if it had been told in time; the messages themselves change nothing when they come. */
export function unheardTold(state: TaskState, { annotationIds, clock }: Unheard): TaskState {
  const clocked = clock.reduce(
    (at, { message, atMs }) => (message === 'paused' ? taskPaused(at, atMs) : taskResumed(at, atMs)),
    state,
  );
  return answersArrived(clocked, annotationIds);
}

/** How the votes are to be aggregated once the answers that have arrived are assessed; undefined when more are wanted. */
export interface DueDecision {
  /** Decide when at least so many of the arrived answers count. */
  readonly missing: number;
  readonly minConfidence: number;
  readonly acceptAny: boolean;
  readonly log: readonly TaskLogEntry[];
}

/** Whether the answers that have arrived may be the last ones wanted, so that assessing them can end the task. */
export function decisionDue(state: TaskState): DueDecision | undefined {
  const { phase, target, counted, arrived, policy, log } = state;
  if (phase !== 'collecting' || counted.length + arrived.length < target) return undefined;
  if (policy.heedsFirst && isUnheeded(state)) return undefined;
  const { minConfidence, onDisagreement } = policy;
  return { missing: target - counted.length, minConfidence, acceptAny: onDisagreement === 'accept', log };
}

/** `countedIds` of the assessed ids are counted annotations of this task; the others are strangers. */
export function answersAssessed(
  state: TaskState,
  assessedIds: readonly string[],
  countedIds: readonly string[],
): TaskState {
  const assessed = new Set(assessedIds);
  const strangers = assessedIds.filter((id) => !countedIds.includes(id));
  return {
    ...state,
    arrived: state.arrived.filter((id) => !assessed.has(id)),
    counted: [...state.counted, ...countedIds],
    dropped: [...state.dropped, ...strangers].slice(-MAX_DROPPED),
  };
}

/** The votes were aggregated. When not even any label would do there is none, and an expert has to find one. */
export function decisionTried(
  state: TaskState,
  tried: { settled: boolean; confidence: number; acceptAny: boolean; atMs: number },
): TaskState {
  if (tried.settled) return ended(state);
  const policy: TaskPolicy = tried.acceptAny ? { ...state.policy, onDisagreement: 'adjudicate' } : state.policy;
  const detail = `confidence ${tried.confidence.toFixed(3)} is below ${policy.minConfidence}`;
  return noted({ ...state, policy, triedAt: state.counted.length }, tried.atMs, 'not_confident', detail);
}

/** The judges are done with the task. */
export function taskJudged(state: TaskState): TaskState {
  return state.phase === 'ended' || state.judged ? state : { ...state, judged: true };
}

/** Its vendors will send no more. */
export function workforceEnded(state: TaskState): TaskState {
  return state.phase === 'ended' || state.left ? state : { ...state, left: true };
}

/** Somebody is asked all the same. */
export function workforceAsked({ left: _, ...state }: TaskState): TaskState {
  return state;
}

/**
 * What the judges said was looked at: it decided the task, or people are asked now, in a window of their own. `target`:
 * the answers wanted, where room had to be made for people.
 */
export function judgesHeeded(
  state: TaskState,
  heeded: { settled: boolean; why?: string; target?: number; atMs: number },
): TaskState {
  if (heeded.settled) return ended(state);
  const deadlineMs = fresh(state, heeded.atMs, state.policy.windowMs);
  const target = Math.max(state.target, heeded.target ?? 0);
  return noted({ ...state, heeded: true, target, deadlineMs }, heeded.atMs, 'people_asked', heeded.why ?? '');
}

/** Slots were added, or refused by the budget or the policy. A refusal after disagreement falls back to accepting. */
export function slotsAdded(
  state: TaskState,
  added: { count: number; cause: 'asked' | 'disagreement'; refused?: string; atMs: number },
): TaskState {
  const { extraSlots = 0, ...others } = state.wanted;
  // More may have been asked for in the meantime.
  const wanted = extraSlots > added.count ? { ...others, extraSlots: extraSlots - added.count } : others;
  const policy =
    added.refused !== undefined && added.cause === 'disagreement'
      ? { ...state.policy, maxRedundancy: state.target }
      : { ...state.policy, maxRedundancy: Math.max(state.policy.maxRedundancy, state.target + added.count) };
  const next = { ...state, wanted: added.cause === 'asked' ? wanted : state.wanted, policy };
  if (added.refused !== undefined) return noted(next, added.atMs, 'slots_refused', added.refused);
  const grown = {
    ...workforceAsked(next),
    target: state.target + added.count,
    deadlineMs: fresh(state, added.atMs, state.policy.windowMs),
  };
  return noted(grown, added.atMs, 'slots_added', `${added.count} more, ${added.cause}`);
}

/** An escalation step was carried out, or could not be (`refused` says why); either way the next window begins. */
export function stepTaken(
  state: TaskState,
  taken: { step: EscalationStep; timedOut: boolean; left?: true; refused?: string; atMs: number },
): TaskState {
  const adjudicating = taken.step.step === 'adjudicate';
  const moved = adjudicating || taken.step.step === 'next_workforce';
  const next: TaskState = {
    ...(moved ? workforceAsked(state) : state),
    phase: adjudicating ? 'adjudicating' : state.phase,
    escalated: state.escalated + (taken.timedOut ? 1 : 0),
    windowsElapsed: state.windowsElapsed + (taken.timedOut && !taken.left ? 1 : 0),
    deadlineMs: fresh(state, taken.atMs, adjudicating ? state.policy.adjudicationMs : state.policy.windowMs),
  };
  const why = taken.left ? 'nobody was left to answer' : taken.timedOut ? 'window ended' : 'disagreement';
  return noted(next, taken.atMs, taken.step.step, taken.refused ?? why);
}

/** The priority was changed as asked; a newer request stays. */
export function priorityChanged(state: TaskState, priority: number, atMs: number): TaskState {
  const { priority: asked, ...others } = state.wanted;
  return noted(
    { ...state, wanted: asked === priority ? others : state.wanted },
    atMs,
    'priority',
    `set to ${priority}`,
  );
}

/** The ruling that was asked for cannot be carried out. */
export function rulingRefused(state: TaskState, reason: string, atMs: number): TaskState {
  const { ruling: _, ...wanted } = state.wanted;
  return noted({ ...state, wanted }, atMs, 'ruling_refused', reason);
}

/** The task has its terminal state in the database. */
export function ended(state: TaskState): TaskState {
  return { ...state, phase: 'ended', wanted: {}, arrived: [] };
}

/** The campaign was paused: the window's clock stops. A repeat, however late it comes, changes nothing. */
export function taskPaused(state: TaskState, atMs: number): TaskState {
  if (state.phase === 'ended' || state.pausedAtMs !== null || atMs <= state.clockAtMs) return state;
  const pausedAtMs = Math.max(atMs, state.openedAtMs);
  return noted({ ...state, pausedAtMs, clockAtMs: atMs }, atMs, 'paused', 'window clock stopped');
}

/** The campaign was resumed: the window has as long to go as when it was paused. Repeats change nothing. */
export function taskResumed(state: TaskState, atMs: number): TaskState {
  if (state.phase === 'ended' || atMs < state.clockAtMs) return state;
  if (state.pausedAtMs === null) return { ...state, clockAtMs: atMs };
  const resumed = { ...goesOn(state, state.pausedAtMs, atMs), clockAtMs: atMs };
  return noted(resumed, atMs, 'resumed', 'window clock goes on');
}

/** The window has as long to go as when the pause began. */
function goesOn(state: TaskState, pausedAtMs: number, atMs: number): TaskState {
  return { ...state, pausedAtMs: null, deadlineMs: state.deadlineMs + Math.max(0, atMs - pausedAtMs) };
}

/**
 * What the database knows of a paused task, for one that looks whether it should still wait: with the campaign going on
 * the window does, too, from now. When that was nobody said, and messages that say so after all change nothing more.
 */
export function lookedWhilePaused(state: TaskState, left: TaskLeft, nowMs: number): TaskState {
  const told = answersArrived(state, left.arrivedIds);
  if (told.phase === 'ended' || told.pausedAtMs === null || left.pausedAtMs !== null) return told;
  return noted(goesOn(told, told.pausedAtMs, nowMs), nowMs, 'resumed', 'the campaign was found to go on');
}

/** Somebody asked for something; the main loop carries it out. */
export function taskAsked(state: TaskState, wanted: TaskState['wanted']): TaskState {
  return state.phase === 'ended' ? state : { ...state, wanted: { ...state.wanted, ...wanted } };
}

/** Why a request makes no sense in this state; undefined when it does. */
export function refuseTaskRequest(
  state: TaskState,
  request:
    | { readonly kind: 'cancel' | 'adjudicate' }
    | { readonly kind: 'reprioritize'; readonly priority: number }
    | { readonly kind: 'add_redundancy'; readonly count: number },
): string | undefined {
  if (state.phase === 'ended') return 'The task has already ended.';
  switch (request.kind) {
    case 'reprioritize':
      return Number.isInteger(request.priority) && request.priority >= 0 && request.priority <= 4
        ? undefined
        : `Priority is ${request.priority}; it must be a whole number from 0 to 4.`;
    case 'add_redundancy':
      if (state.phase === 'adjudicating') return 'The task is with an expert; more answers would not be used.';
      if (!Number.isInteger(request.count) || request.count < 1)
        return `count is ${request.count}; it must be 1 or more.`;
      return tooMany(state.target + (state.wanted.extraSlots ?? 0) + request.count);
    case 'adjudicate':
      if (state.wanted.cancel !== undefined) return 'The task is being cancelled.';
      return state.wanted.ruling && 'Another ruling on the task is being carried out.';
    case 'cancel':
      return undefined;
  }
}

function tooMany(redundancy: number): string | undefined {
  return redundancy > MAX_REDUNDANCY ? `Redundancy would be ${redundancy}; at most ${MAX_REDUNDANCY}.` : undefined;
}

/** While paused a new window starts when the pause ends, so it is counted from the pause. */
function fresh(state: TaskState, atMs: number, windowMs: number): number {
  return (state.pausedAtMs ?? atMs) + windowMs;
}

/** The state with one more entry in its log. */
export function noted(state: TaskState, atMs: number, kind: string, detail: string): TaskState {
  return { ...state, log: [...state.log, { atMs, kind, detail }] };
}
