import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as task from '../../domain/annotation-task.ts';
import type { EscalationStep, TaskPolicy } from '../../domain/task-policy.ts';

type Event =
  | { do: 'answers'; ids: string[] }
  | { do: 'pass'; ms: number }
  | { do: 'pause' | 'resume' | 'cancel' | 'rule' }
  | { do: 'priority'; priority: number }
  | { do: 'slots'; count: number };

const WINDOW = 1000;
const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'x', 'y'];
const isStranger = (id: string) => id === 'x' || id === 'y';

const step: fc.Arbitrary<EscalationStep> = fc.constantFrom(
  { step: 'raise_priority' },
  { step: 'raise_pay', by: 0.5 },
  { step: 'widen_tier' },
  { step: 'next_workforce' },
  { step: 'adjudicate' },
  { step: 'give_up' },
);
const policy: fc.Arbitrary<TaskPolicy> = fc
  .record({
    redundancy: fc.integer({ min: 1, max: 5 }),
    more: fc.integer({ min: 0, max: 3 }),
    onDisagreement: fc.constantFrom('accept', 'extend', 'adjudicate'),
    whenContested: fc.constantFrom('accept', 'adjudicate', 'unresolved'),
    escalation: fc.array(step, { maxLength: 5 }),
    atEnd: fc.constantFrom({}, { decidesAtEnd: true as const }),
  })
  .map(({ redundancy, more, onDisagreement, whenContested, escalation, atEnd }) => ({
    ...atEnd,
    version: 1,
    redundancy,
    maxRedundancy: redundancy + more,
    minConfidence: 0.6,
    onDisagreement,
    whenContested,
    windowMs: WINDOW,
    adjudicationMs: 3 * WINDOW,
    escalation,
  }));
const harmless: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answers' as const), ids: fc.array(fc.constantFrom(...ids)) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 2 * WINDOW }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const) }) },
  fc.record({ do: fc.constant('priority' as const), priority: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ do: fc.constant('slots' as const), count: fc.integer({ min: 1, max: 4 }) }),
);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 12, arbitrary: harmless },
  fc.record({ do: fc.constantFrom('cancel' as const, 'rule' as const) }),
);
/** How the activities' answers turn out. */
interface Luck {
  settles: boolean[];
  refuses: boolean[];
  rulings: boolean[];
}
const luck: fc.Arbitrary<Luck> = fc.record({
  settles: fc.array(fc.boolean()),
  refuses: fc.array(fc.boolean()),
  rulings: fc.array(fc.boolean()),
});

/** Runs a task like its workflow does: events come while it waits, and while an activity is under way. */
function play(given: { policy: TaskPolicy; events: Event[]; during: boolean[]; luck: Luck }) {
  const settles = [...given.luck.settles];
  const refuses = [...given.luck.refuses];
  const rulings = [...given.luck.rulings];
  const events = [...given.events];
  const during = [...given.during];
  let nowMs = 1;
  let state = task.openTask(given.policy, nowMs);
  let granted = given.policy.redundancy;
  let asked = 0;
  let answered = 0;
  let endings = 0;
  /** What nobody got round to before the end. */
  let pending: task.TaskState['wanted'] = {};
  let prioritySet: number | undefined;
  let priorityAsked: number | undefined;
  const decidedAt: number[] = [];

  const happen = (next: Event) => {
    switch (next.do) {
      case 'answers':
        state = task.answersArrived(state, next.ids);
        return;
      case 'pass':
        nowMs += next.ms;
        return;
      case 'pause':
        state = task.taskPaused(state, ++nowMs);
        return;
      case 'resume':
        state = task.taskResumed(state, ++nowMs);
        return;
      case 'cancel':
        state = task.taskAsked(state, { cancel: 'asked' });
        return;
      case 'rule':
        if (task.refuseTaskRequest(state, { kind: 'adjudicate' })) return;
        state = task.taskAsked(state, { ruling: { rulingId: 'r', by: 'eve' } });
        return;
      case 'priority':
        if (state.phase !== 'ended') priorityAsked = next.priority;
        state = task.taskAsked(state, { priority: next.priority });
        return;
      case 'slots':
        if (task.refuseTaskRequest(state, { kind: 'add_redundancy', count: next.count })) return;
        asked += next.count;
        state = task.taskAsked(state, { extraSlots: (state.wanted.extraSlots ?? 0) + next.count });
    }
  };
  const meanwhile = () => {
    while (during.shift()) {
      const next = events.shift();
      if (next) happen(next);
    }
  };
  const end = () => {
    endings += 1;
    pending = state.wanted;
  };
  const check = () => {
    expect(state.target).toBe(granted);
    expect(new Set(state.counted).size).toBe(state.counted.length);
    expect(state.counted.some(isStranger)).toBe(false);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  };

  for (let steps = 0; ; steps++) {
    if (steps > 500) throw new Error(`No end in sight: ${JSON.stringify(state)}`);
    const before = JSON.stringify(state);
    const todo = task.nextTaskStep(state, nowMs);
    expect(JSON.stringify(state)).toBe(before);
    if (todo.do === 'end') break;
    switch (todo.do) {
      case 'wait': {
        if (todo.untilMs === null) expect(state.pausedAtMs).not.toBeNull();
        else expect(todo.untilMs).toBeGreaterThan(nowMs);
        const next = events.shift() ?? (todo.untilMs === null ? { do: 'resume' as const } : undefined);
        if (next) happen(next);
        else nowMs = todo.untilMs ?? nowMs;
        break;
      }
      case 'assess':
        meanwhile();
        state = task.answersAssessed(
          state,
          todo.annotationIds,
          todo.annotationIds.filter((id) => !isStranger(id)),
        );
        break;
      case 'decide': {
        decidedAt.push(state.counted.length);
        meanwhile();
        const settled = settles.shift() ?? false;
        if (settled) end();
        state = task.decisionTried(state, { settled, confidence: 0.4, acceptAny: todo.acceptAny, atMs: nowMs });
        break;
      }
      case 'rule': {
        meanwhile();
        const exists = rulings.shift() ?? true;
        if (exists) end();
        state = exists ? task.ended(state) : task.rulingRefused(state, 'no such ruling', nowMs);
        break;
      }
      case 'settle':
        meanwhile();
        end();
        state = task.ended(state);
        break;
      case 'set_priority':
        meanwhile();
        prioritySet = todo.priority;
        state = task.priorityChanged(state, todo.priority, nowMs);
        break;
      case 'add_slots': {
        meanwhile();
        const refused = refuses.shift() ?? false;
        if (!refused) granted += todo.count;
        if (todo.cause === 'asked') answered += todo.count;
        state = task.slotsAdded(state, { ...todo, atMs: nowMs, ...(refused ? { refused: 'no money' } : {}) });
        break;
      }
      case 'escalate':
        meanwhile();
        expect(todo.step.step).not.toBe('give_up');
        state = task.stepTaken(state, { step: todo.step, timedOut: todo.cause === 'window', atMs: nowMs });
        break;
    }
    check();
  }
  return { state, endings, asked, answered, pending, prioritySet, priorityAsked, decidedAt };
}

test('whatever happens, a task ends exactly once, and never wants more answers than were granted', () => {
  fc.assert(
    fc.property(
      fc.record({ policy, events: fc.array(event, { maxLength: 40 }), during: fc.array(fc.boolean()), luck }),
      (given) => {
        const { endings, state, decidedAt } = play(given);
        expect(endings).toBe(1);
        expect(state.phase).toBe('ended');
        expect(state.windowsElapsed).toBeLessThanOrEqual(given.policy.escalation.length + 1);
        expect(decidedAt.every((count) => count >= given.policy.redundancy)).toBe(true);
      },
    ),
    { numRuns: 1500 },
  );
});

test('every request is carried out, but for those that come while the task is ending', () => {
  fc.assert(
    fc.property(
      fc.record({
        policy,
        events: fc.array(harmless, { maxLength: 30 }),
        during: fc.array(fc.boolean()),
        luck: fc.constant<Luck>({ settles: [], refuses: [], rulings: [] }),
      }),
      (given) => {
        const { asked, answered, pending, prioritySet, priorityAsked } = play({
          ...given,
          policy: { ...given.policy, redundancy: 9, maxRedundancy: 9 },
        });
        expect(answered + (pending.extraSlots ?? 0)).toBe(asked);
        expect(pending.priority ?? prioritySet).toBe(priorityAsked);
      },
    ),
    { numRuns: 500 },
  );
});

test('time paused never counts, whatever repeats of old messages come in between', () => {
  const pauses = fc.array(
    fc.record({ runMs: fc.integer({ min: 1, max: 50 }), pauseMs: fc.integer({ min: 1, max: 5000 }) }),
    {
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(pauses, fc.array(fc.nat(), { maxLength: 40 }), (given, repeats) => {
      const messages: ((state: task.TaskState) => task.TaskState)[] = [];
      let atMs = 1;
      let paused = 0;
      for (const { runMs, pauseMs } of given) {
        const from = atMs + runMs;
        atMs = from + pauseMs;
        paused += pauseMs;
        const to = atMs;
        messages.push((state) => task.taskPaused(state, from));
        messages.push((state) => task.taskResumed(state, to));
      }
      const base = task.openTask(
        {
          version: 1,
          redundancy: 3,
          maxRedundancy: 3,
          minConfidence: 0,
          onDisagreement: 'accept',
          windowMs: WINDOW,
          adjudicationMs: WINDOW,
          escalation: [],
        },
        1,
      );
      let state = base;
      const left = [...repeats];
      messages.forEach((message, at) => {
        state = message(state);
        // A repeat of any message so far.
        const again = left.shift();
        if (again !== undefined) state = (messages[again % (at + 1)] ?? message)(state);
      });
      expect(state.pausedAtMs).toBeNull();
      expect(state.deadlineMs).toBe(1 + WINDOW + paused);
    }),
    { numRuns: 500 },
  );
});
