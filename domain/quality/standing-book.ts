import { applyStanding, DEFAULT_STANDING_RULES, newStanding, qualityScore, type StandingRules } from './standing.ts';
import type { Standing, StandingChange, StandingEvent, StandingState } from './standing-state.ts';
import { rightOf } from './standing-state.ts';

/**
 * An annotator's standing by task type: who ranks well may still be poor at marking spans. `general` counts all golds
 * together and is changed by people; it is judged by itself only while golds come without their type, as those graded
 * before there were types do. Plain JSON.
 */
export interface StandingBook {
  readonly general: StandingState;
  readonly types: Readonly<Record<string, StandingState>>;
}

/** An event of one task type; without one it is about the annotator as such. */
export type BookEvent = StandingEvent & { readonly taskType?: string | undefined };

export interface BookStep {
  readonly book: StandingBook;
  /** What changed, the general standing (null) first. Types whose counts alone changed have no change. */
  readonly touched: readonly { readonly taskType: string | null; readonly change: StandingChange | null }[];
}

/** A new annotator's book. */
export function newBook(atMs: number): StandingBook {
  return { general: newStanding(atMs), types: {} };
}

/** The book after one event: `applyStanding` for each part that the event is about. Pure. */
export function applyToBook(
  book: StandingBook,
  event: BookEvent,
  rules: StandingRules = DEFAULT_STANDING_RULES,
): BookStep {
  const { taskType } = event;
  // Counts golds, corrects them, and ends a recalibration of long ago, but judges nobody.
  const counting = { ...rules, minGolds: Number.POSITIVE_INFINITY };
  const all = Object.keys(book.types);
  switch (event.type) {
    case 'goldAnswered':
      return taskType === undefined ? apply([null], rules) : apply([null, taskType], counting, counted(event));
    case 'goldCorrected': {
      const its = all.filter((name) => book.types[name]?.seen.includes(event.annotationId));
      return apply([null, ...its], all.length === 0 ? rules : counting);
    }
    case 'calibrated': {
      const its = taskType !== undefined && book.types[taskType]?.standing === 'recalibrating';
      return apply([its ? taskType : null], rules);
    }
    case 'recalibratedByHand':
      if (taskType !== undefined) return apply([taskType], rules);
      return all.length === 0 ? apply([null], rules) : apply(all, rules);
    case 'recalibrationDue':
      return all.length === 0 ? apply([null], rules) : apply(all, rules);
    case 'reinstated':
    case 'suspendedByHand':
      if (taskType !== undefined) return apply([taskType], rules);
      return apply(event.type === 'reinstated' ? [null, ...all] : [null], rules);
  }

  function apply(
    parts: readonly (string | null)[],
    generalRules: StandingRules,
    generalEvent: StandingEvent = event,
  ): BookStep {
    let next = book;
    const touched: { taskType: string | null; change: StandingChange | null }[] = [];
    for (const part of parts) {
      const before = part === null ? next.general : (next.types[part] ?? newStanding(event.atMs, rules));
      const { state, change } =
        part === null ? applyStanding(before, generalEvent, generalRules) : applyStanding(before, event, rules);
      if (state === before) continue;
      next = part === null ? { ...next, general: state } : { ...next, types: { ...next.types, [part]: state } };
      touched.push({ taskType: part, change });
    }
    return { book: next, touched };
  }
}

/** For the count of all types: what is judged by limits and doubts is the type. */
function counted({ limits: _, doubt: __, ...event }: Extract<StandingEvent, { type: 'goldAnswered' }>): StandingEvent {
  return event;
}

/** When the next routine recalibration falls due. */
export function nextRecalibrationAtMs({ general, types }: StandingBook): number {
  const due = Object.values(types).map((state) => state.nextRecalibrationAtMs);
  return due.length === 0 ? general.nextRecalibrationAtMs : Math.min(...due);
}

/**
 * One word for the whole: what a person decided; else the best standing among the types. Whoever is suspended in all
 * that they have done gets no other work either, until a person says so.
 */
export function standingOf({ general, types }: StandingBook): Standing {
  if (general.standing !== 'active') return general.standing;
  const all = Object.values(types).map(({ standing }) => standing);
  if (all.length === 0 || all.includes('active')) return 'active';
  return all.includes('recalibrating') ? 'recalibrating' : 'suspended';
}

/** What the database keeps of one part of a book. */
export interface PartRecord {
  readonly standing: Standing;
  readonly goldTotal: number;
  readonly goldCorrect: number;
  readonly qualityScore: number;
  /** Of its last change; missing where there was none. */
  readonly changed?: { readonly atMs: number; readonly byHand: boolean; readonly recalibrations: number };
}

/** What the database keeps of an annotator's book. */
export interface BookRecord {
  readonly general: PartRecord;
  readonly types: Readonly<Record<string, PartRecord>>;
  /** The last golds that were graded, oldest first. */
  readonly graded: readonly {
    readonly annotationId: string;
    readonly taskType: string;
    readonly correct: boolean;
    readonly atMs: number;
  }[];
}

/**
 * The book of an annotator whose workflow was lost, from what the database keeps: the standings, counts and scores as they
 * are there, and the last results as far as they agree with these. A routine recalibration falls due anew.
 */
export function bookFromRecord(
  { general, types, graded }: BookRecord,
  atMs: number,
  rules: StandingRules = DEFAULT_STANDING_RULES,
): StandingBook {
  const part = (record: PartRecord, golds: BookRecord['graded']): StandingState => {
    const { standing, goldTotal, goldCorrect, changed } = record;
    return {
      ...newStanding(atMs, rules),
      ...{ standing, goldTotal, goldCorrect, recent: recentOf(record, golds, rules) },
      seen: golds.map(({ annotationId }) => annotationId),
      sinceChange: changed ? golds.filter((gold) => gold.atMs > changed.atMs).length : goldTotal,
      ...(changed
        ? {
            recalibrations: changed.recalibrations,
            lastChangeAtMs: changed.atMs,
            changedBy: changed.byHand ? ('hand' as const) : ('rules' as const),
          }
        : {}),
    };
  };
  return {
    general: part(general, graded),
    types: Object.fromEntries(
      Object.entries(types).map(([name, record]) => [
        name,
        part(
          record,
          graded.filter((gold) => gold.taskType === name),
        ),
      ]),
    ),
  };
}

/** As many of the last results as give the score that is kept: fewer than the window after a change that began anew. */
function recentOf(
  { qualityScore: kept }: PartRecord,
  golds: BookRecord['graded'],
  rules: StandingRules,
): readonly (0 | 1)[] {
  const results = golds.map(({ correct }) => (correct ? 1 : 0) as 0 | 1);
  for (let count = Math.min(rules.window, results.length); count >= 0; count--) {
    const recent = count === 0 ? [] : results.slice(-count);
    if (Math.abs(qualityScore({ recent }) - kept) < 1e-9) return recent;
  }
  // Results of calibration sessions are among them: as many right and wrong, the wrong ones first, give the score.
  for (let count = rules.window; count > 0; count--) {
    const right = Math.round(kept * (count + 2) - 1);
    const recent = Array.from({ length: count }, (_, at): 0 | 1 => (at < count - right ? 0 : 1));
    if (rightOf(recent) === right && Math.abs(qualityScore({ recent }) - kept) < 1e-9) return recent;
  }
  return results.slice(-rules.window);
}
