import { assertNever, QuorateError } from '../failures.ts';
import { probabilityBelow } from './beta.ts';
import {
  type Calibrated,
  DEFAULT_STANDING_RULES,
  type GoldCorrection,
  type GoldLimits,
  type PeerDoubt,
  rightOf,
  type Standing,
  type StandingChange,
  type StandingEvent,
  type StandingRules,
  type StandingState,
} from './standing-state.ts';

export { DEFAULT_STANDING_RULES, newStanding, qualityScore, rightOf } from './standing-state.ts';
export type { GoldCorrection, StandingChange, StandingEvent, StandingRules, StandingState };

export interface StandingStep {
  readonly state: StandingState;
  readonly change: StandingChange | null;
}

const SEEN_KEPT = 200;

/**
 * The next state of an annotator's standing after one event, and the change of standing if there is one. Pure:
 * - golds are judged by the limits of their own campaign, where these are not the usual ones;
 * - active, accuracy below `minAccuracy` over the recent golds: recalibrating; suspended at once only if that is
 *   nearly certain (see the rules);
 * - active, and agreeing with others hardly more than by chance: recalibrating; once it is passed, again after as many golds;
 * - recalibrating: the next `recalibrationGolds` golds alone (twice as many where these leave it open) decide between
 *   active and suspended, or, if that ends first, a calibration session; it is routine when it begins because it was time;
 * - suspended: only a person reinstates, with a clean slate;
 * - a person may call for a recalibration of whoever is active, too;
 * - a corrected known answer changes its verdicts, and takes back what the rules did because of the wrong ones.
 */
export function applyStanding(
  before: StandingState,
  event: StandingEvent,
  usual: StandingRules = DEFAULT_STANDING_RULES,
): StandingStep {
  const state = event.type === 'goldAnswered' ? underLimits(before, event.limits, usual) : before;
  const rules = rulesOf(state, usual);
  switch (event.type) {
    case 'goldAnswered':
      return state.seen.includes(event.annotationId)
        ? unchanged(before)
        : judge(count(state, event, rules), event.atMs, rules, event.doubt);
    case 'goldCorrected':
      return correct(state, event, rules);
    case 'calibrated':
      return endSession(state, event, rules);
    case 'recalibrationDue':
      return routine(state, event.atMs, rules);
    case 'reinstated': {
      if (state.standing === 'active') return unchanged(state);
      const reason = `Reinstated by ${event.by}: ${required(event.reason)}`;
      const step = change(state, 'active', { reason, atMs: event.atMs, by: event.by }, rules);
      return { ...step, state: { ...step.state, recent: [] } };
    }
    case 'suspendedByHand': {
      if (state.standing === 'suspended') return unchanged(state);
      const reason = `Suspended by ${event.by}: ${required(event.reason)}`;
      return change(state, 'suspended', { reason, atMs: event.atMs, by: event.by }, rules);
    }
    case 'recalibratedByHand': {
      if (state.standing !== 'active') return unchanged(state);
      const asked = `Recalibrating, asked for by ${event.by}: ${required(event.reason)}`;
      const reason = `${asked.replace(/[.]$/, '')}. The next ${rules.recalibrationGolds} gold tasks, or a calibration session, decide.`;
      return change(state, 'recalibrating', { reason, atMs: event.atMs, by: event.by }, rules);
    }
    default:
      return assertNever(event);
  }
}

/** Nobody is judged on fewer golds, whatever a campaign says: a few wrong answers are no proof. */
const LEAST_GOLDS = 5;

function underLimits(state: StandingState, limits: GoldLimits | undefined, usual: StandingRules): StandingState {
  const { limits: _, ...rest } = state;
  const isUsual = !limits || (limits.minGolds === usual.minGolds && limits.minAccuracy === usual.minAccuracy);
  return isUsual ? rest : { ...rest, limits };
}

/** The rules by a campaign's own limits; below which accuracy somebody is suspended at once goes along with them. */
function rulesOf({ limits }: StandingState, usual: StandingRules): StandingRules {
  if (!limits) return usual;
  const { minAccuracy } = limits;
  const minGolds = Math.min(SEEN_KEPT, Math.max(LEAST_GOLDS, limits.minGolds));
  const suspendBelow = (usual.suspendBelow / usual.minAccuracy) * minAccuracy;
  return { ...usual, minGolds, minAccuracy, suspendBelow, window: Math.max(usual.window, minGolds) };
}

function unchanged(state: StandingState): StandingStep {
  return { state, change: null };
}

function count(
  state: StandingState,
  event: { annotationId: string; correct: boolean },
  rules: StandingRules,
): StandingState {
  const result: 0 | 1 = event.correct ? 1 : 0;
  return {
    ...state,
    recent: [...state.recent, result].slice(-rules.window),
    sinceChange: state.sinceChange + 1,
    goldTotal: state.goldTotal + 1,
    goldCorrect: state.goldCorrect + result,
    seen: [...state.seen, event.annotationId].slice(-SEEN_KEPT),
  };
}

function judge(state: StandingState, atMs: number, rules: StandingRules, doubt?: PeerDoubt): StandingStep {
  if (state.standing === 'recalibrating') return endRecalibration(state, atMs, rules);
  const n = state.recent.length;
  const right = rightOf(state.recent);
  const enough = Math.min(n, state.sinceChange) >= rules.minGolds;
  if (state.standing === 'suspended') return unchanged(state);
  if (!enough || right / n >= rules.minAccuracy) return doubted(state, atMs, rules, doubt);
  const chance = probabilityBelow(rules.minAccuracy, right, n);
  const certain = chance >= rules.suspendProbability && right / n < rules.suspendBelow;
  const measured = `${right} of the last ${n} gold tasks were right (${percent(right / n)}, at least ${percent(rules.minAccuracy)} is needed)`;
  const reason = certain
    ? `Suspended: ${measured}, and with a chance of ${percent(chance)} the true accuracy is too low.`
    : `Recalibrating: ${measured}; the next ${rules.recalibrationGolds} gold tasks decide.`;
  return change(state, certain ? 'suspended' : 'recalibrating', { reason, atMs }, rules);
}

/**
 * Others may be wrong alike: what they say of somebody calls for golds, and only golds decide. Golds that were right until
 * now, to whose posterior the doubt is nothing, are such; and with each time that it was in vain it takes twice as many.
 */
function doubted(state: StandingState, atMs: number, rules: StandingRules, doubt?: PeerDoubt): StandingStep {
  const { recent, sinceChange, recalibrations } = state;
  const isProved = 1 - probabilityBelow(rules.minAccuracy, rightOf(recent), recent.length) >= rules.suspendProbability;
  const isEarly = state.changedBy !== undefined && sinceChange < rules.recalibrationGolds * 2 ** (recalibrations - 1);
  if (!doubt || isProved || isEarly) return unchanged(state);
  const { tasks, agreement, chance, peers } = doubt;
  const reason =
    `Recalibrating: on ${tasks} tasks ${percent(agreement)} agreement with others, where answers at random have ` +
    `${percent(chance)} and the others among themselves ${percent(peers)}; the next ${rules.recalibrationGolds} gold tasks decide.`;
  return change(state, 'recalibrating', { reason, atMs, doubt }, rules);
}

/** Passed or failed by as many golds as decide; where these leave it open, by twice as many: luck may have missed by one. */
function endRecalibration(state: StandingState, atMs: number, rules: StandingRules): StandingStep {
  const { recalibrationGolds: few, minAccuracy } = rules;
  if (state.sinceChange !== few && state.sinceChange < 2 * few) return unchanged(state);
  const n = Math.min(state.sinceChange, 2 * few);
  const recent = state.recent.slice(-n);
  const right = rightOf(recent);
  const passed = right / n >= minAccuracy;
  if (n === few && !passed && probabilityBelow(minAccuracy, right, n) < rules.suspendProbability)
    return unchanged(state);
  const reason =
    `${passed ? 'Active again' : 'Suspended'}: ${right} of the ${n} gold tasks of the recalibration were right ` +
    `(${percent(right / n)}, at least ${percent(minAccuracy)} is needed).`;
  // Whoever passed is not judged again by the answers from before.
  return change({ ...state, recent }, passed ? 'active' : 'suspended', { reason, atMs }, rules);
}

/** A session that ends when the standing is decided already, or is told of twice, changes nothing. */
function endSession(
  state: StandingState,
  { sessionId, results, needed, atMs }: Calibrated & { atMs: number },
  rules: StandingRules,
): StandingStep {
  const ids = results.map((_, at) => `${sessionId}:${at + 1}`);
  const known = ids.some((id) => state.seen.includes(id));
  if (state.standing !== 'recalibrating' || known || results.length === 0) return unchanged(state);
  const n = results.length;
  const right = rightOf(results);
  const passed = right >= needed;
  const reason =
    `${passed ? 'Active again' : 'Suspended'}: ${right} of the ${n} questions of the calibration session were right ` +
    `(${percent(right / n)}, at least ${percent(needed / n)} is needed).`;
  // As after hidden golds: whoever passed is not judged again by the answers from before.
  const next = { ...state, recent: [...results], seen: [...state.seen, ...ids].slice(-SEEN_KEPT) };
  return change(next, passed ? 'active' : 'suspended', { reason, atMs, sessionId }, rules);
}

function correct(
  state: StandingState,
  { appealId, annotationId, correct: isRight, atMs }: GoldCorrection & { atMs: number },
  rules: StandingRules,
): StandingStep {
  const key = `${appealId}:${annotationId}`;
  const at = state.seen.lastIndexOf(annotationId);
  // Never graded; where answers have been forgotten, it was long ago.
  // Questions of sessions are seen, too, but no golds.
  const golds = state.seen.filter((id) => !id.includes(':')).length;
  const unknown = at < 0 && state.goldTotal <= golds;
  if (unknown || state.corrected?.includes(key)) return unchanged(state);
  // Results and ids end with the same answer; ids reach further back.
  const place = at - (state.seen.length - state.recent.length);
  const result: 0 | 1 = isRight ? 1 : 0;
  // Graded by the corrected answer already.
  if (at >= 0 && place >= 0 && state.recent[place] === result) return unchanged(state);
  const next: StandingState = {
    ...state,
    recent: state.recent.map((each, index) => (at >= 0 && index === place ? result : each)),
    goldCorrect: Math.min(state.goldTotal, Math.max(0, state.goldCorrect + (isRight ? 1 : -1))),
    corrected: [...(state.corrected ?? []), key].slice(-SEEN_KEPT),
  };
  if (state.standing === 'active') return isRight ? unchanged(next) : judge(next, atMs, rules);
  const n = next.recent.length;
  const [before, right] = [rightOf(state.recent), rightOf(next.recent)];
  const tookBack = before / n < rules.minAccuracy && right / n >= rules.minAccuracy && state.changedBy === 'rules';
  if (!tookBack) return unchanged(next);
  const reason = `Active again: after a correction ${right} of the last ${n} gold tasks were right (${percent(right / n)}, at least ${percent(rules.minAccuracy)} is needed).`;
  return change(next, 'active', { reason, atMs, appealId }, rules);
}

/**
 * A routine recalibration falls due; an early (stale) timer and anyone who is not active is left alone, and it is put off
 * for whoever met too few golds since the last change: as few would come to decide it.
 */
function routine(state: StandingState, atMs: number, rules: StandingRules): StandingStep {
  if (atMs < state.nextRecalibrationAtMs) return unchanged(state);
  if (state.standing !== 'active' || state.sinceChange < rules.recalibrationGolds) {
    return unchanged({ ...state, nextRecalibrationAtMs: atMs + rules.recalibrationIntervalMs });
  }
  const days = Math.round(rules.recalibrationIntervalMs / 86_400_000);
  const reason = `Recalibrating: routine check after ${days} days; the next ${rules.recalibrationGolds} gold tasks decide.`;
  const step = change(state, 'recalibrating', { reason, atMs }, rules);
  return { ...step, change: step.change && { ...step.change, routine: true } };
}

function change(
  state: StandingState,
  to: Standing,
  cause: { reason: string; atMs: number; by?: string; appealId?: string; sessionId?: string; doubt?: PeerDoubt },
  rules: StandingRules,
): StandingStep {
  const { reason, atMs, by, appealId, sessionId, doubt } = cause;
  const golds = state.recent.length;
  const correct = rightOf(state.recent);
  const chance = probabilityBelow(rules.minAccuracy, correct, golds);
  const evidence = {
    ...{ golds, correct, probabilityBelow: chance },
    ...(by === undefined ? {} : { by }),
    ...(appealId === undefined ? {} : { appealId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(doubt === undefined ? {} : { doubt }),
  };
  return {
    state: {
      ...state,
      standing: to,
      changedBy: by === undefined ? 'rules' : 'hand',
      sinceChange: 0,
      recalibrations: state.recalibrations + (to === 'recalibrating' ? 1 : 0),
      lastChangeAtMs: atMs,
      nextRecalibrationAtMs: atMs + rules.recalibrationIntervalMs,
    },
    change: { from: state.standing, to, reason, evidence, atMs },
  };
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

function required(reason: string): string {
  if (reason.trim() !== '') return reason;
  throw new QuorateError('invalid_input', 'reason is empty; say why the standing is changed.', { field: 'reason' });
}
