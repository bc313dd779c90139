import { describe, expect, it } from 'vitest';
import * as task from '../../domain/annotation-task.ts';
import type { EscalationStep, TaskPolicy } from '../../domain/task-policy.ts';

const policy: TaskPolicy = {
  version: 1,
  redundancy: 3,
  maxRedundancy: 5,
  minConfidence: 0.6,
  onDisagreement: 'accept',
  windowMs: 1000,
  adjudicationMs: 5000,
  escalation: [{ step: 'raise_priority' }, { step: 'give_up' }],
};
const open = (changes: Partial<TaskPolicy> = {}) => task.openTask({ ...policy, ...changes }, 0);
const assessed = (state: task.TaskState, ids: string[], counted = ids) =>
  task.answersAssessed(task.answersArrived(state, ids), ids, counted);
const doubted = (state: task.TaskState, acceptAny = false) =>
  task.decisionTried(state, { settled: false, confidence: 0.5, acceptAny, atMs: 0 });

describe('a task whose vendors will send no more', () => {
  const [next, raise, stop] = [{ step: 'next_workforce' }, { step: 'raise_priority' }, { step: 'give_up' }] as const;
  const left = (escalation: EscalationStep[]) => task.workforceEnded(open({ escalation }));

  it('goes on at once where another workforce comes, and then waits for that one', () => {
    let state = left([raise, next, stop]);
    expect(task.nextTaskStep(state, 0)).toEqual({
      do: 'escalate',
      step: raise,
      number: 0,
      cause: 'window',
      left: true,
    });
    state = task.stepTaken(state, { step: raise, timedOut: true, left: true, atMs: 10 });
    expect(task.nextTaskStep(state, 10)).toMatchObject({ do: 'escalate', step: next, number: 1, left: true });
    state = task.stepTaken(state, { step: next, timedOut: true, left: true, atMs: 20 });
    expect(task.nextTaskStep(state, 20)).toEqual({ do: 'wait', untilMs: 1020 });
    expect(task.nextTaskStep(state, 1020)).toMatchObject({ do: 'settle', outcome: 'unresolved' });
    expect([state.escalated, state.windowsElapsed]).toEqual([2, 0]);
  });

  it('waits for its windows where nobody else comes, and while it is paused', () => {
    for (const ladder of [[], [raise, stop], [stop, next], [{ step: 'adjudicate' } as const, next]]) {
      expect(task.nextTaskStep(left(ladder), 0)).toEqual({ do: 'wait', untilMs: 1000 });
    }
    const paused = task.taskPaused(left([next]), 1);
    expect(task.nextTaskStep(paused, 1)).toEqual({ do: 'wait', untilMs: null });
    expect(task.nextTaskStep(task.taskResumed(paused, 2), 2)).toMatchObject({ do: 'escalate', left: true });
  });

  it('waits on where a vendor was asked again meanwhile, or gets more slots', () => {
    const wait = { do: 'wait', untilMs: 1000 };
    expect(task.nextTaskStep(task.workforceAsked(left([next])), 0)).toEqual(wait);
    const grown = task.slotsAdded(left([next]), { count: 1, cause: 'disagreement', atMs: 0 });
    expect(task.nextTaskStep(grown, 0)).toEqual(wait);
  });

  it('changes nothing when it is told again, or has ended', () => {
    const state = left([next]);
    expect(task.workforceEnded(state)).toBe(state);
    const over = task.ended(open());
    expect(task.workforceEnded(over)).toBe(over);
  });
});

describe('collecting answers', () => {
  it('waits for the window of a new task', () => {
    expect(task.nextTaskStep(open(), 0)).toEqual({ do: 'wait', untilMs: 1000 });
  });

  it('assesses what arrives, and decides with the last answer wanted', () => {
    let state = assessed(open(), ['a', 'b']);
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'wait', untilMs: 1000 });
    state = task.answersArrived(state, ['c']);
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'assess', annotationIds: ['c'] });
    state = task.answersAssessed(state, ['c'], ['c']);
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'decide', acceptAny: true });
  });

  it('drops answers that came before, within one message and across them', () => {
    const state = task.answersArrived(assessed(open(), ['a']), ['a', 'b', 'b']);
    expect(state.arrived).toEqual(['b']);
    expect(task.answersArrived(state, ['b', 'a'])).toBe(state);
  });

  it('does not count strangers, and stays silent when they come again', () => {
    const state = assessed(open(), ['a', 'x'], ['a']);
    expect(state).toMatchObject({ counted: ['a'], dropped: ['x'], arrived: [] });
    expect(task.answersArrived(state, ['x'])).toBe(state);
  });

  it('carries no endless list of strangers', () => {
    const strangers = Array.from({ length: 500 }, (_, at) => `x${at}`);
    expect(assessed(open(), strangers, []).dropped).toHaveLength(200);
  });

  it('hears nothing once it has ended', () => {
    const state = task.ended(open());
    expect(task.answersArrived(state, ['a'])).toBe(state);
    expect(task.taskPaused(state, 5)).toBe(state);
    expect(task.taskResumed(state, 5)).toBe(state);
    expect(task.taskAsked(state, { cancel: 'x' })).toBe(state);
    expect(task.nextTaskStep(state, 10 ** 12)).toEqual({ do: 'end' });
  });
});

describe('disagreement', () => {
  const three = (changes: Partial<TaskPolicy>) => assessed(open(changes), ['a', 'b', 'c']);

  it('asks for one answer more at a time, up to the most allowed, and takes the best label then', () => {
    let state = doubted(three({ onDisagreement: 'extend' }));
    for (const id of ['d', 'e']) {
      expect(task.nextTaskStep(state, 0)).toEqual({ do: 'add_slots', count: 1, cause: 'disagreement' });
      state = task.slotsAdded(state, { count: 1, cause: 'disagreement', atMs: 0 });
      state = assessed(state, [id]);
      expect(task.nextTaskStep(state, 0)).toEqual({ do: 'decide', acceptAny: false });
      state = doubted(state);
    }
    expect(state.target).toBe(5);
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'decide', acceptAny: true });
  });

  it('takes the best label when the budget has no room for another answer', () => {
    const state = task.slotsAdded(doubted(three({ onDisagreement: 'extend' })), {
      count: 1,
      cause: 'disagreement',
      refused: 'no money',
      atMs: 0,
    });
    expect(state.target).toBe(3);
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'decide', acceptAny: true });
  });

  it('sends the task to an expert where the policy says so', () => {
    const state = doubted(three({ onDisagreement: 'adjudicate' }));
    expect(task.nextTaskStep(state, 0)).toMatchObject({ do: 'escalate', step: { step: 'adjudicate' } });
  });

  it('sends a task that has no label at all to an expert instead of trying for ever', () => {
    for (const onDisagreement of ['accept', 'extend'] as const) {
      const state = doubted(three({ onDisagreement, maxRedundancy: 3 }), true);
      expect(task.nextTaskStep(state, 0)).toMatchObject({ do: 'escalate', step: { step: 'adjudicate' } });
    }
  });

  it('sends a task that was extended as far as it may to an expert, or gives it up, where the policy says so', () => {
    const contested = (whenContested: 'adjudicate' | 'unresolved') =>
      task.nextTaskStep(doubted(three({ onDisagreement: 'extend', maxRedundancy: 3, whenContested })), 0);
    expect(contested('adjudicate')).toMatchObject({ do: 'escalate', step: { step: 'adjudicate' } });
    expect(contested('unresolved')).toMatchObject({ do: 'settle', outcome: 'unresolved' });
  });

  it('tries again with each further answer', () => {
    let state = doubted(three({ onDisagreement: 'extend' }));
    state = task.slotsAdded(state, { count: 1, cause: 'disagreement', atMs: 0 });
    expect(task.nextTaskStep(state, 0)).toMatchObject({ do: 'wait' });
    expect(task.nextTaskStep(assessed(state, ['d']), 0)).toEqual({ do: 'decide', acceptAny: false });
  });
});

describe('what it had not heard of', () => {
  it('counts as if it had been told in time, and changes nothing when it comes', () => {
    const state = assessed(open(), ['a']);
    const clock = [
      { message: 'paused', atMs: 400 },
      { message: 'resumed', atMs: 2400 },
    ] as const;
    const told = task.unheardTold(state, { annotationIds: ['a', 'b'], clock });
    expect(told).toMatchObject({ arrived: ['b'], deadlineMs: 3000, pausedAtMs: null });
    expect(task.heardBy(assessed(told, []))).toEqual({ annotationIds: ['a'], clockAtMs: 2400 });
    const late = task.answersArrived(task.taskResumed(task.taskPaused(told, 400), 2400), ['b']);
    expect(late).toEqual(told);
  });
});

describe('escalation', () => {
  it('takes the steps in order, each with a window of its own, and gives up at the end', () => {
    const escalation: EscalationStep[] = [
      { step: 'raise_priority' },
      { step: 'raise_pay', by: 0.5 },
      { step: 'widen_tier' },
    ];
    let state = open({ escalation });
    for (const [number, step] of escalation.entries()) {
      const atMs = 1000 * (number + 1);
      expect(task.nextTaskStep(state, atMs)).toEqual({ do: 'escalate', step, number, cause: 'window' });
      state = task.stepTaken(state, { step, timedOut: true, atMs });
      expect(task.nextTaskStep(state, atMs)).toEqual({ do: 'wait', untilMs: atMs + 1000 });
    }
    expect(task.nextTaskStep(state, 4000)).toMatchObject({ do: 'settle', outcome: 'unresolved' });
    expect(state.windowsElapsed).toBe(3);
  });

  it('waits for a ruling as long as the policy says, then leaves the task unresolved', () => {
    const step = { step: 'adjudicate' } as const;
    const state = task.stepTaken(open(), { step, timedOut: true, atMs: 1000 });
    expect(task.nextTaskStep(state, 1000)).toEqual({ do: 'wait', untilMs: 6000 });
    expect(task.nextTaskStep(state, 6000)).toMatchObject({ do: 'settle', outcome: 'unresolved' });
  });

  it('goes on when a step could not be taken', () => {
    const step = { step: 'raise_pay', by: 1 } as const;
    const state = task.stepTaken(open(), { step, timedOut: true, refused: 'no money', atMs: 1000 });
    expect(state).toMatchObject({ escalated: 1, deadlineMs: 2000 });
    expect(state.log.at(-1)).toMatchObject({ kind: 'raise_pay', detail: 'no money' });
  });

  it('tells in the reason how many answers there were', () => {
    const state = assessed(open({ escalation: [] }), ['a']);
    expect(task.nextTaskStep(state, 1000)).toMatchObject({
      reason: 'The last collection window ended with 1 of 3 answers.',
    });
  });
});

describe('the end of the ladder', () => {
  const asked = (changes: Partial<TaskPolicy> = {}) => {
    const rules = { onDisagreement: 'extend', escalation: [], decidesAtEnd: true, ...changes } as const;
    const state = doubted(assessed(open(rules), ['a', 'b', 'c']));
    return task.slotsAdded(state, { count: 1, cause: 'disagreement', atMs: 0 });
  };

  it('takes the best label of a task that was extended, where nobody gives the answer more, once', () => {
    const decide = { do: 'decide', acceptAny: true, cause: 'window' };
    expect(task.nextTaskStep(asked(), 1000)).toEqual(decide);
    expect(task.nextTaskStep(asked({ escalation: [{ step: 'give_up' }] }), 1000)).toEqual(decide);
    // Those answers have no label.
    expect(task.nextTaskStep(doubted(asked(), true), 1000)).toMatchObject({ do: 'settle', outcome: 'unresolved' });
  });

  it('gives the task up where its policy would not take the best label, and with fewer than it wanted at first', () => {
    const givenUp = { do: 'settle', outcome: 'unresolved', cause: 'window' };
    for (const whenContested of ['adjudicate', 'unresolved'] as const) {
      expect(task.nextTaskStep(asked({ whenContested }), 1000)).toMatchObject(givenUp);
    }
    const few = assessed(open({ onDisagreement: 'extend', escalation: [], decidesAtEnd: true }), ['a', 'b']);
    expect(task.nextTaskStep(few, 1000)).toMatchObject(givenUp);
    // As tasks did that were started before.
    const { decidesAtEnd: _, ...before } = asked().policy;
    expect(task.nextTaskStep({ ...asked(), policy: before }, 1000)).toMatchObject(givenUp);
  });

  it('takes no label of judges alone, whom people were to be asked beside', () => {
    const judges = { judgeFirst: true, redundancy: 1, maxRedundancy: 1, escalation: [], decidesAtEnd: true } as const;
    const doubtful = { settled: false, why: 'below_target', target: 2, atMs: 0 };
    const state = task.judgesHeeded(assessed(open(judges), ['j']), doubtful);
    expect(task.nextTaskStep(state, 1000)).toMatchObject({ do: 'settle', outcome: 'unresolved' });
  });

  it('takes that of judges and people of a task whose workflow was gone', () => {
    const judges = { judgeFirst: true, redundancy: 2, maxRedundancy: 3, escalation: [], decidesAtEnd: true } as const;
    const left = {
      ...{ countedIds: ['j', 'p'], arrivedIds: [], target: 3, redundancy: 3, escalations: 0, adjudicating: false },
      ...{ pausedAtMs: null, judged: false, heeded: true },
    };
    const stepOf = (more: object) => task.nextTaskStep(task.taskRevived(open(judges), { ...left, ...more }, 0), 1000);
    expect(stepOf({ people: true })).toEqual({ do: 'decide', acceptAny: true, cause: 'window' });
    expect(stepOf({ people: false })).toMatchObject({ do: 'settle', outcome: 'unresolved' });
    // All that it wants are there: whatever was tried is tried.
    expect(stepOf({ people: true, target: 2 })).toMatchObject({ do: 'decide' });
  });
});

describe('pause and resume', () => {
  it('stops the clock for exactly the time paused', () => {
    const paused = task.taskPaused(open(), 400);
    expect(task.nextTaskStep(paused, 10 ** 9)).toEqual({ do: 'wait', untilMs: null });
    expect(task.nextTaskStep(task.taskResumed(paused, 5400), 5400)).toEqual({ do: 'wait', untilMs: 6000 });
  });

  it('begins a window that was opened during a pause when the pause ends', () => {
    const paused = task.taskPaused(open(), 400);
    const grown = task.slotsAdded(paused, { count: 1, cause: 'asked', atMs: 900 });
    expect(task.taskResumed(grown, 5000).deadlineMs).toBe(6000);
  });

  it('gives a task that opened during a pause its whole window, no more', () => {
    const paused = task.taskPaused(task.openTask(policy, 500), 300);
    expect(task.taskResumed(paused, 800).deadlineMs).toBe(1800);
  });

  it('counts no pause twice when its messages come again', () => {
    const once = task.taskResumed(task.taskPaused(open(), 400), 600);
    const again = task.taskResumed(task.taskPaused(once, 400), 600);
    expect(again).toMatchObject({ deadlineMs: 1200, pausedAtMs: null });
  });

  it('is not left paused by a pause that comes after its own end', () => {
    expect(task.taskPaused(task.taskResumed(open(), 600), 400).pausedAtMs).toBeNull();
  });

  it('can be paused any number of times', () => {
    let state = open();
    for (const at of [100, 300, 500]) state = task.taskResumed(task.taskPaused(state, at), at + 100);
    expect(state.deadlineMs).toBe(1300);
  });
});

describe('requests', () => {
  it('come before anything else, and cancelling before all others', () => {
    let state = task.taskAsked(assessed(open(), ['a', 'b', 'c']), { extraSlots: 2 });
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'add_slots', count: 2, cause: 'asked' });
    state = task.taskAsked(state, { priority: 3 });
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'set_priority', priority: 3 });
    const ruling = { rulingId: 'r1', by: 'eve' };
    state = task.taskAsked(state, { ruling });
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'rule', ruling });
    state = task.taskAsked(state, { cancel: 'not needed' });
    expect(task.nextTaskStep(state, 0)).toMatchObject({ do: 'settle', outcome: 'cancelled', reason: 'not needed' });
  });

  it('keeps a newer priority that was asked for while the older one was set', () => {
    const asked = task.taskAsked(task.taskAsked(open(), { priority: 2 }), { priority: 3 });
    const state = task.priorityChanged(asked, 2, 0);
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'set_priority', priority: 3 });
    expect(task.priorityChanged(state, 3, 0).wanted).toEqual({});
  });

  it('keeps slots that were asked for while others were added', () => {
    const asked = task.taskAsked(task.taskAsked(open(), { extraSlots: 1 }), { extraSlots: 3 });
    const state = task.slotsAdded(asked, { count: 1, cause: 'asked', atMs: 0 });
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'add_slots', count: 2, cause: 'asked' });
  });

  it('raises the most answers with the target, so that an extension is still possible', () => {
    const state = task.slotsAdded(task.taskAsked(open(), { extraSlots: 4 }), { count: 4, cause: 'asked', atMs: 0 });
    expect(state).toMatchObject({ target: 7, policy: { maxRedundancy: 7 }, wanted: {} });
  });

  it('drops a ruling that does not exist and goes on waiting', () => {
    const asked = task.taskAsked(open(), { ruling: { rulingId: 'none', by: 'eve' } });
    const state = task.rulingRefused(asked, 'There is no ruling none.', 0);
    expect(task.nextTaskStep(state, 0)).toEqual({ do: 'wait', untilMs: 1000 });
  });

  it.each([
    [open(), { kind: 'reprioritize', priority: 5 }, 'Priority is 5; it must be a whole number from 0 to 4.'],
    [open(), { kind: 'reprioritize', priority: 1.5 }, 'Priority is 1.5; it must be a whole number from 0 to 4.'],
    [open(), { kind: 'add_redundancy', count: 0 }, 'count is 0; it must be 1 or more.'],
    [open(), { kind: 'add_redundancy', count: Number.NaN }, 'count is NaN; it must be 1 or more.'],
    [open(), { kind: 'add_redundancy', count: 23 }, 'Redundancy would be 26; at most 25.'],
    [
      task.taskAsked(open(), { extraSlots: 20 }),
      { kind: 'add_redundancy', count: 3 },
      'Redundancy would be 26; at most 25.',
    ],
    [
      task.stepTaken(open(), { step: { step: 'adjudicate' }, timedOut: true, atMs: 0 }),
      { kind: 'add_redundancy', count: 1 },
      'The task is with an expert; more answers would not be used.',
    ],
    [task.ended(open()), { kind: 'cancel' }, 'The task has already ended.'],
    [task.ended(open()), { kind: 'adjudicate' }, 'The task has already ended.'],
    [task.ended(open()), { kind: 'reprioritize', priority: 1 }, 'The task has already ended.'],
  ] as const)('are refused with the reason (%#)', (state, request, reason) => {
    expect(task.refuseTaskRequest(state, request)).toBe(reason);
  });

  it.each([
    { kind: 'reprioritize', priority: 0 },
    { kind: 'reprioritize', priority: 4 },
    { kind: 'add_redundancy', count: 22 },
    { kind: 'cancel' },
    { kind: 'adjudicate' },
  ] as const)('that make sense are not refused (%#)', (request) => {
    expect(task.refuseTaskRequest(open(), request)).toBeUndefined();
  });
});

describe('judges first', () => {
  const first = open({ judgeFirst: true, heedsFirst: true, redundancy: 1, maxRedundancy: 1 });

  it('decides nothing by a judge’s answer before it was heeded, be it all that was wanted', () => {
    const answered = task.answersArrived(first, ['a']);
    expect(task.decisionDue(answered)).toBeUndefined();
    expect(task.nextTaskStep(assessed(first, ['a']), 0)).toEqual({ do: 'heed_judges' });
    // As tasks did that were started before.
    const before = open({ judgeFirst: true, redundancy: 1, maxRedundancy: 1 });
    expect(task.decisionDue(task.answersArrived(before, ['a']))).toMatchObject({ missing: 1 });
    expect(task.nextTaskStep(assessed(before, ['a']), 0)).toEqual({ do: 'decide', acceptAny: true });
  });

  it('waits for the people for whom room was made, in a window of their own', () => {
    const heeded = task.judgesHeeded(assessed(first, ['a']), { settled: false, why: 'audit', target: 3, atMs: 500 });
    expect(task.nextTaskStep(heeded, 600)).toEqual({ do: 'wait', untilMs: 1500 });
    expect(task.decisionDue(task.answersArrived(heeded, ['b']))).toBeUndefined();
    expect(task.decisionDue(task.answersArrived(heeded, ['b', 'c']))).toMatchObject({ missing: 2 });
    // More were asked for meanwhile, or the answer is one of before there was a target.
    expect(task.judgesHeeded(open(), { settled: false, why: 'audit', target: 2, atMs: 0 }).target).toBe(3);
    expect(task.judgesHeeded(open(), { settled: false, why: 'audit', atMs: 0 }).target).toBe(3);
  });
});
