import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accuracyInterval, probabilityBelow } from '../../../domain/quality/beta.ts';
import { applyStanding, newStanding, qualityScore, type StandingState } from '../../../domain/quality/standing.ts';
import {
  applyToBook,
  type BookEvent,
  bookFromRecord,
  newBook,
  nextRecalibrationAtMs,
  type PartRecord,
  type StandingBook,
  standingOf,
} from '../../../domain/quality/standing-book.ts';
import { seededRng } from '../../../domain/rng.ts';

const run = (book: StandingBook, events: readonly BookEvent[]) =>
  events.reduce((now, event) => applyToBook(now, event).book, book);
const golds = (taskType: string, verdicts: readonly boolean[], from = 0): BookEvent[] =>
  verdicts.map((correct, at) => ({
    type: 'goldAnswered',
    annotationId: `${taskType}-${from + at}`,
    correct,
    atMs: at,
    taskType,
  }));
const wrong = Array.from({ length: 10 }, () => false);
const right = Array.from({ length: 10 }, () => true);
const hand = { by: 'lead', atMs: 100 };

describe('standing by task type', () => {
  test('one type’s golds say nothing of another; all of them count in the whole', () => {
    const book = run(newBook(0), [...golds('span', wrong), ...golds('pairwise', right)]);
    expect(book.types.span?.standing).toBe('suspended');
    expect(book.types.pairwise?.standing).toBe('active');
    expect(book.general).toMatchObject({ standing: 'active', goldTotal: 20, goldCorrect: 10 });
    expect(standingOf(book)).toBe('active');
    expect(standingOf(run(newBook(0), golds('span', wrong)))).toBe('suspended');
  });

  test('golds without a type are judged as they always were', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (verdicts) => {
        const events = verdicts.map(
          (correct, at) => ({ type: 'goldAnswered', annotationId: `${at}`, correct, atMs: at }) as const,
        );
        const alone = events.reduce((state, event) => applyStanding(state, event).state, newStanding(0));
        const book = run(newBook(0), events);
        expect(book).toEqual({ general: alone, types: {} });
        expect(standingOf(book)).toBe(alone.standing);
        expect(nextRecalibrationAtMs(book)).toBe(alone.nextRecalibrationAtMs);
      }),
    );
  });

  test('golds are judged by their own campaign’s least accuracy and number of them', () => {
    const half = Array.from({ length: 20 }, (_, at) => at % 2 === 0);
    const under = (limits: { minGolds: number; minAccuracy: number }, events = golds('span', half)) =>
      run(
        newBook(0),
        events.map((event) => ({ ...event, limits })),
      );
    expect(run(newBook(0), golds('span', half)).types.span?.standing).not.toBe('active');
    const lenient = under({ minGolds: 10, minAccuracy: 0.4 });
    expect(lenient.types.span?.standing).toBe('active');
    // The next campaign may ask for more, and judges all that is known.
    const next = run(lenient, golds('span', [true], 20));
    expect(next.types.span?.standing).not.toBe('active');
    const late = under({ minGolds: 25, minAccuracy: 0.7 });
    expect(late.types.span?.standing).toBe('active');
    const later = golds('span', half, 20).map((event) => ({ ...event, limits: { minGolds: 25, minAccuracy: 0.7 } }));
    expect(run(late, later).types.span?.standing).not.toBe('active');
    // Nobody is judged on one or two answers, and what is the usual is not written down.
    expect(under({ minGolds: 1, minAccuracy: 0.7 }, golds('span', wrong.slice(0, 4))).types.span?.standing).toBe(
      'active',
    );
    expect(under({ minGolds: 10, minAccuracy: 0.7 })).toEqual(run(newBook(0), golds('span', half)));
    expect(lenient.general).not.toHaveProperty('limits');
  });

  test('a person changes all of it or one type, and every change is told with its reason', () => {
    const bad = run(newBook(0), [...golds('span', wrong), ...golds('likert', wrong)]);
    const reason = 'A broken screen.';
    const one = applyToBook(bad, { type: 'reinstated', ...hand, reason, taskType: 'span' });
    expect([one.book.types.span?.standing, one.book.types.likert?.standing]).toEqual(['active', 'suspended']);
    expect(one.touched).toMatchObject([{ taskType: 'span', change: { from: 'suspended', to: 'active' } }]);
    expect(one.touched[0]?.change?.reason).toContain(reason);
    const gone = applyToBook(one.book, { type: 'suspendedByHand', ...hand, reason });
    expect(standingOf(gone.book)).toBe('suspended');
    const back = applyToBook(gone.book, { type: 'reinstated', ...hand, reason });
    expect(back.touched.map(({ taskType }) => taskType)).toEqual([null, 'likert']);
    expect(standingOf(back.book)).toBe('active');
  });

  test('a person calls for a recalibration of all types that are active, or of one, and golds end it', () => {
    const both = run(newBook(0), [...golds('span', wrong), ...golds('pairwise', right)]);
    const asked = { type: 'recalibratedByHand', ...hand, reason: 'New instructions.' } as const;
    const { book, touched } = applyToBook(both, asked);
    expect(touched).toMatchObject([{ taskType: 'pairwise', change: { from: 'active', to: 'recalibrating' } }]);
    expect(touched[0]?.change?.reason).toContain('asked for by lead: New instructions. The next 10 gold tasks');
    expect(book.types.span).toBe(both.types.span);
    expect(standingOf(book)).toBe('recalibrating');
    expect(applyToBook(book, asked).touched).toEqual([]);
    expect(standingOf(run(book, golds('pairwise', right, 10)))).toBe('active');
    expect(standingOf(run(book, golds('pairwise', wrong, 10)))).toBe('suspended');
    const fresh = run(newBook(0), [asked]);
    expect([standingOf(fresh), standingOf(run(fresh, golds('span', right)))]).toEqual(['recalibrating', 'active']);
    expect(applyToBook(newBook(0), { ...asked, taskType: 'span' }).book.types.span?.standing).toBe('recalibrating');
  });

  test('a corrected known answer is corrected where it was counted', () => {
    const six = [...right.slice(0, 6), ...wrong.slice(0, 4)];
    const book = run(newBook(0), [...golds('span', six), ...golds('likert', right)]);
    expect(book.types.span?.standing).toBe('recalibrating');
    const correction = {
      type: 'goldCorrected',
      appealId: 'a',
      annotationId: 'span-8',
      correct: true,
      atMs: 50,
    } as const;
    const { book: after, touched } = applyToBook(book, correction);
    expect(after.types.span).toMatchObject({ standing: 'active', goldCorrect: 7 });
    expect(after.types.likert).toBe(book.types.likert);
    expect(after.general.goldCorrect).toBe(17);
    expect(touched.map(({ taskType }) => taskType)).toEqual([null, 'span']);
    expect(applyToBook(after, correction).touched).toEqual([]);
  });
});

test('the interval of accuracy holds what it says, and is wide where little is known', () => {
  expect(accuracyInterval(0, 0)).toEqual({ low: expect.closeTo(0.025, 6), high: expect.closeTo(0.975, 6) });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (good, bad) => {
      const { low, high } = accuracyInterval(good, good + bad);
      expect(probabilityBelow(low, good, good + bad)).toBeCloseTo(0.025, 5);
      expect(probabilityBelow(high, good, good + bad)).toBeCloseTo(0.975, 5);
    }),
    { numRuns: 40 },
  );
});

test('a book that was lost is as it was, from what the database keeps of it', () => {
  const graded: { annotationId: string; taskType: string; correct: boolean; atMs: number }[] = [];
  let book = newBook(0);
  const changes = new Map<string | null, { atMs: number; byHand: boolean; recalibrations: number }>();
  const happens = (event: BookEvent) => {
    const step = applyToBook(book, event);
    ({ book } = step);
    for (const { taskType, change } of step.touched) {
      if (!change) continue;
      const before = changes.get(taskType)?.recalibrations ?? 0;
      const recalibrations = before + (change.to === 'recalibrating' ? 1 : 0);
      changes.set(taskType, { atMs: change.atMs, byHand: change.evidence.by !== undefined, recalibrations });
    }
  };
  const kept = (state: StandingState, taskType: string | null): PartRecord => {
    const { standing, goldTotal, goldCorrect } = state;
    const changed = changes.get(taskType);
    return { standing, goldTotal, goldCorrect, qualityScore: qualityScore(state), ...(changed ? { changed } : {}) };
  };
  const rebuilt = () =>
    bookFromRecord(
      {
        general: kept(book.general, null),
        types: Object.fromEntries(Object.entries(book.types).map(([name, state]) => [name, kept(state, name)])),
        graded,
      },
      5000,
    );
  const rng = seededRng('lost books');
  for (let at = 1; at <= 80; at++) {
    const taskType = at % 3 === 0 ? 'span' : 'likert';
    const correct = rng.next() < (taskType === 'span' ? 0.3 : 0.95);
    const gold = { annotationId: `n${at}`, taskType, correct, atMs: at * 10 };
    graded.push(gold);
    happens({ type: 'goldAnswered', ...gold });
    if (at === 60) happens({ type: 'reinstated', by: 'eve', reason: 'learnt', atMs: at * 10, taskType: 'span' });
    const again = rebuilt();
    expect(standingOf(again)).toBe(standingOf(book));
    for (const part of [null, 'span', 'likert']) {
      const [was, is] = [book, again].map(({ general, types }) => (part === null ? general : types[part]));
      if (!was || !is) continue;
      const known = ({
        standing,
        goldTotal,
        goldCorrect,
        sinceChange,
        seen,
        lastChangeAtMs,
        recalibrations,
      }: StandingState) => {
        return { standing, goldTotal, goldCorrect, sinceChange, seen, recalibrations, lastChangeAtMs };
      };
      const { lastChangeAtMs, ...rest } = known(was);
      expect(known(is)).toMatchObject(changes.has(part) ? { lastChangeAtMs, ...rest } : rest);
      expect(qualityScore(is)).toBeCloseTo(qualityScore(was), 9);
    }
    // A gold that is told of again counts once.
    expect(applyToBook(again, { type: 'goldAnswered', ...gold }).touched).toEqual([]);
  }
  expect([...changes.keys()]).toContain('span');
});
