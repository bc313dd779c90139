/**
 * One annotator, for as long as they work here: counts gold results, keeps their standing, and calls for routine
 * recalibration. Messaged by the relay (gold answers, corrected ones, calibration sessions) and by the API (reinstate, suspend,
 * recalibrate). Continues as new as its
 * history grows; does not end by itself.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import * as standing from '../domain/quality/standing.ts';
import * as standings from '../domain/quality/standing-book.ts';
import * as messages from './messages.ts';

// One short database transaction for each gold answer.
const db = proxyLocalActivities<Activities>(messages.DATABASE_CALLS);

const EVENTS_PER_RUN = 2000;

export async function annotatorWorkflow(input: messages.AnnotatorInput): Promise<never> {
  const { annotatorId } = input;
  const { carried } = input;
  let book: standings.StandingBook = carried
    ? { general: carried.state, types: carried.types ?? {} }
    : standings.newBook(Date.now());
  let arrived: string[] = [...(input.carried?.arrived ?? [])];
  const corrections: standing.GoldCorrection[] = [...(input.carried?.corrections ?? [])];
  const calibrated: messages.CalibrationEnded[] = [...(input.carried?.calibrated ?? [])];
  const wanted: { event: standings.BookEvent; answer?: { standing: string } }[] = [];

  setHandler(messages.goldAnsweredSignal, ({ annotationIds }) => {
    arrived.push(...annotationIds.filter((id) => !arrived.includes(id) && !book.general.seen.includes(id)));
  });
  setHandler(messages.goldCorrectedSignal, (told) => void corrections.push(...told.corrections));
  setHandler(messages.calibratedSignal, (told) => void calibrated.push(...told.sessions));
  setHandler(messages.standingQuery, () => {
    return { ...book.general, standing: standings.standingOf(book), types: book.types };
  });
  setHandler(messages.reinstateUpdate, (by) => byHand('reinstated', by), { validator: refuseWithoutReason });
  setHandler(messages.suspendUpdate, (by) => byHand('suspendedByHand', by), { validator: refuseWithoutReason });
  setHandler(messages.recalibrateUpdate, (by) => byHand('recalibratedByHand', by), { validator: refuseWithoutReason });

  // An annotator of long whose workflow was lost has a record that is not to be begun anew. Before, it was.
  if (!carried && patched('book-from-record')) {
    const kept = await db.bookKept({ annotatorId });
    if (kept) book = standings.bookFromRecord(kept, Date.now());
  }
  for (;;) {
    const dueAtMs = standings.nextRecalibrationAtMs(book);
    const dueInMs = Math.max(1, dueAtMs - Date.now());
    const waiting = () => arrived.length + corrections.length + calibrated.length + wanted.length;
    const news = await condition(() => waiting() > 0, dueInMs);
    if (!news && Date.now() >= dueAtMs) await apply({ type: 'recalibrationDue', atMs: Date.now() });
    await gradeArrived();
    // After the grading: an answer is graded before its verdict can change.
    for (const each of corrections.splice(0)) await apply({ type: 'goldCorrected', ...each, atMs: Date.now() });
    for (const each of calibrated.splice(0)) await apply({ type: 'calibrated', ...each, atMs: Date.now() });
    for (const request of wanted.splice(0)) {
      await apply(request.event);
      request.answer = { standing: standings.standingOf(book) };
    }
    // Only this loop answers requests, so none may be waiting when it stops.
    if (wanted.length > 0) continue;
    const info = workflowInfo();
    if (info.continueAsNewSuggested || info.historyLength > (input.eventsPerRun ?? EVENTS_PER_RUN)) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof annotatorWorkflow>({
        ...input,
        carried: { state: book.general, types: book.types, arrived, corrections, calibrated },
      });
    }
  }

  async function gradeArrived(): Promise<void> {
    if (arrived.length === 0) return;
    // A copy: what is announced during the grading is not graded yet. Runs before this patch forgot it.
    const annotationIds = patched('grade-what-came-meanwhile') ? [...arrived] : arrived;
    const { goldTotal, goldCorrect } = book.general;
    const graded = await db.gradeGold({ annotatorId, annotationIds, goldTotal, goldCorrect });
    arrived = arrived.filter((id) => !annotationIds.includes(id));
    for (const gold of graded) await apply({ type: 'goldAnswered', ...gold });
  }

  async function apply(event: standings.BookEvent): Promise<void> {
    const step = standings.applyToBook(book, event);
    if (step.touched.length === 0) return;
    book = step.book;
    const { general, types } = book;
    const keyed = (state: standing.StandingState, change: standing.StandingChange, part: string) => ({
      ...change,
      key: `${annotatorId}:${state.lastChangeAtMs}:${state.goldTotal}:${change.to}${part}`,
    });
    const generalChange = step.touched.find(({ taskType }) => taskType === null)?.change;
    const touched = step.touched.flatMap(({ taskType, change }) => {
      const state = taskType === null ? undefined : types[taskType];
      if (!state || taskType === null) return [];
      return [{ taskType, state, change: change && keyed(state, change, `:${taskType}`) }];
    });
    await db.storeStanding({
      annotatorId,
      qualityScore: standing.qualityScore(general),
      goldTotal: general.goldTotal,
      goldCorrect: general.goldCorrect,
      standing: standings.standingOf(book),
      change: generalChange ? keyed(general, generalChange, '') : null,
      types: touched.map(({ taskType, state, change }) => ({
        taskType,
        standing: state.standing,
        recentGolds: state.recent.length,
        recentCorrect: standing.rightOf(state.recent),
        goldTotal: state.goldTotal,
        goldCorrect: state.goldCorrect,
        qualityScore: standing.qualityScore(state),
        change,
      })),
    });
  }

  async function byHand(type: 'reinstated' | 'suspendedByHand' | 'recalibratedByHand', asked: messages.StandingByHand) {
    const request: (typeof wanted)[number] = { event: { type, ...asked, atMs: Date.now() } };
    wanted.push(request);
    await condition(() => request.answer !== undefined);
    return request.answer ?? { standing: standings.standingOf(book) };
  }
}

function refuseWithoutReason({ reason }: { reason: string }): void {
  if (reason.trim() !== '') return;
  throw ApplicationFailure.create({ type: 'invalid_input', message: 'reason is empty; say why.', nonRetryable: true });
}
