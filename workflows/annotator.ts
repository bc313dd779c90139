/**
 * One annotator, for as long as they work here: counts gold results, keeps their standing, and calls for routine
 * recalibration. Messaged by the relay (gold answers, corrected ones) and by the API (reinstate, suspend). Continues as new as its
 * history grows; does not end by itself.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import * as standing from '../domain/quality/standing.ts';
import * as messages from './messages.ts';

// One short database transaction for each gold answer.
const db = proxyLocalActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '30 seconds' },
});

const EVENTS_PER_RUN = 2000;

export async function annotatorWorkflow(input: messages.AnnotatorInput): Promise<never> {
  const { annotatorId } = input;
  let state = input.carried?.state ?? standing.newStanding(Date.now());
  let arrived: string[] = [...(input.carried?.arrived ?? [])];
  const corrections: standing.GoldCorrection[] = [...(input.carried?.corrections ?? [])];
  const wanted: { event: standing.StandingEvent; answer?: { standing: string } }[] = [];

  setHandler(messages.goldAnsweredSignal, ({ annotationIds }) => {
    arrived.push(...annotationIds.filter((id) => !arrived.includes(id) && !state.seen.includes(id)));
  });
  setHandler(messages.goldCorrectedSignal, (told) => void corrections.push(...told.corrections));
  setHandler(messages.standingQuery, () => state);
  setHandler(messages.reinstateUpdate, (by) => byHand('reinstated', by), { validator: refuseWithoutReason });
  setHandler(messages.suspendUpdate, (by) => byHand('suspendedByHand', by), { validator: refuseWithoutReason });

  for (;;) {
    const dueInMs = Math.max(1, state.nextRecalibrationAtMs - Date.now());
    const news = await condition(() => arrived.length + corrections.length + wanted.length > 0, dueInMs);
    if (!news && Date.now() >= state.nextRecalibrationAtMs) await apply({ type: 'recalibrationDue', atMs: Date.now() });
    await gradeArrived();
    // After the grading: an answer is graded before its verdict can change.
    for (const each of corrections.splice(0)) await apply({ type: 'goldCorrected', ...each, atMs: Date.now() });
    for (const request of wanted.splice(0)) {
      await apply(request.event);
      request.answer = { standing: state.standing };
    }
    // Only this loop answers requests, so none may be waiting when it stops.
    if (wanted.length > 0) continue;
    const info = workflowInfo();
    if (info.continueAsNewSuggested || info.historyLength > (input.eventsPerRun ?? EVENTS_PER_RUN)) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof annotatorWorkflow>({ ...input, carried: { state, arrived, corrections } });
    }
  }

  async function gradeArrived(): Promise<void> {
    const annotationIds = arrived;
    if (annotationIds.length === 0) return;
    const { goldTotal, goldCorrect } = state;
    const graded = await db.gradeGold({ annotatorId, annotationIds, goldTotal, goldCorrect });
    arrived = arrived.filter((id) => !annotationIds.includes(id));
    for (const gold of graded) await apply({ type: 'goldAnswered', ...gold });
  }

  async function apply(event: standing.StandingEvent): Promise<void> {
    const step = standing.applyStanding(state, event);
    if (step.state === state) return;
    state = step.state;
    const change = step.change && {
      ...step.change,
      key: `${annotatorId}:${state.lastChangeAtMs}:${state.goldTotal}:${step.change.to}`,
    };
    await db.storeStanding({
      annotatorId,
      qualityScore: standing.qualityScore(state),
      goldTotal: state.goldTotal,
      goldCorrect: state.goldCorrect,
      standing: state.standing,
      change,
    });
  }

  async function byHand(type: 'reinstated' | 'suspendedByHand', { by, reason }: { by: string; reason: string }) {
    const request: (typeof wanted)[number] = { event: { type, by, reason, atMs: Date.now() } };
    wanted.push(request);
    await condition(() => request.answer !== undefined);
    return request.answer ?? { standing: state.standing };
  }
}

function refuseWithoutReason({ reason }: { reason: string }): void {
  if (reason.trim() !== '') return;
  throw ApplicationFailure.create({ type: 'invalid_input', message: 'reason is empty; say why.', nonRetryable: true });
}
