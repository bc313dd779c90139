import type { createTaskActivities } from '../../activities/tasks.ts';
import type { TaskLeft, TaskLogEntry } from '../../domain/annotation-task.ts';
import type { TaskPolicy } from '../../domain/task-policy.ts';

export type TaskActivities = ReturnType<typeof createTaskActivities>;

export const HOUR = 3600 * 1000;
export const DAY = 24 * HOUR;

/** A policy as campaigns have it, but for what the test says. */
export function taskPolicy(changes: Partial<TaskPolicy> = {}): TaskPolicy {
  return {
    version: 1,
    redundancy: 3,
    maxRedundancy: 3,
    minConfidence: 0.6,
    onDisagreement: 'accept',
    windowMs: 3 * DAY,
    adjudicationMs: 7 * DAY,
    escalation: [{ step: 'give_up' }],
    ...changes,
  };
}

/** What the database knows of an open task that nobody has answered. */
export function taskLeft(changes: Partial<TaskLeft> = {}): TaskLeft {
  return {
    ...{ countedIds: [], arrivedIds: [], target: 3, redundancy: 3, escalations: 0 },
    ...{ adjudicating: false, pausedAtMs: null, judged: false, heeded: false },
    ...changes,
  };
}

export interface Call {
  readonly name: keyof TaskActivities;
  readonly input: Record<string, unknown>;
}

/** What the activities of a task do, in memory, and what was asked of them. Every answer is counted unless a stranger. */
export function taskWorld(behaviour: Partial<TaskActivities> & { strangers?: readonly string[] } = {}) {
  const calls: Call[] = [];
  const { strangers = [], ...overrides } = behaviour;
  const standard: TaskActivities = {
    openSlots: async () => undefined,
    // Whoever asks is paused.
    taskLeft: async () => taskLeft({ pausedAtMs: 1 }),
    reopenedAnswers: async () => ({ open: false, countedIds: [], target: 0, slotOffset: 0 }),
    async assessAnswers({ taskId, reopened, annotationIds, due }) {
      const countedIds = annotationIds.filter((id) => !strangers.includes(id));
      if (!due || countedIds.length < due.missing) return { countedIds };
      const { missing: _, ...how } = due;
      return { countedIds, tried: await activities.decideTask({ taskId, reopened, ...how }) };
    },
    decideTask: async () => ({ settled: true, confidence: 0.9 }),
    ruleTask: async () => ({}),
    closeTask: async () => undefined,
    setPriority: async () => undefined,
    addSlots: async () => ({}),
    escalateTask: async () => ({}),
    heedJudges: async () => ({ settled: true }),
  };
  const activities: TaskActivities = Object.fromEntries(
    Object.entries({ ...standard, ...overrides }).map(([name, activity]) => [
      name,
      async (input: never) => {
        calls.push({ name: name as keyof TaskActivities, input });
        return (activity as (input: never) => Promise<unknown>)(input);
      },
    ]),
  ) as TaskActivities;
  return {
    activities,
    calls,
    names: () => calls.map((call) => call.name),
    of: (name: keyof TaskActivities) => calls.filter((call) => call.name === name).map((call) => call.input),
    /** The kinds of the story that the settling activity was given. */
    story: () => {
      const ending = calls.findLast((call) =>
        ['closeTask', 'decideTask', 'ruleTask', 'heedJudges'].includes(call.name),
      );
      return ((ending?.input.log ?? []) as readonly TaskLogEntry[]).map((entry) => entry.kind);
    },
  };
}
