import { createJudge, type JudgingContext } from '../db/judgement/judge.ts';
import { createPolicyReader } from '../db/judgement/policies.ts';
import { annotationsToAssess, storeAssessments } from '../db/queries/annotations.ts';
import { askPeople, isLeftByVendors, markPaired, roomForPeople } from '../db/queries/judging.ts';
import { decisionBeforeReopening, type ReopenedAnswers, reopenedAnswers } from '../db/queries/reopenings.ts';
import { createReservationQueue } from '../db/queries/reservations.ts';
import { taskLeft } from '../db/queries/revivals.ts';
import { findRuling } from '../db/queries/rulings.ts';
import * as tasks from '../db/queries/tasks.ts';
import { answersBesides, clockSince } from '../db/queries/unheard.ts';
import { DECISION_STATES } from '../db/schema/states.ts';
import type { DueDecision, Heard, TaskLeft, TaskLogEntry, Unheard } from '../domain/annotation-task.ts';
import { QuorateError } from '../domain/failures.ts';
import { mostMicros } from '../domain/money.ts';
import { assess } from '../domain/quality/assess.ts';
import { furtherAnswersAreIdle } from '../domain/redundancy/idle-answers.ts';
import { type CampaignSettings, firstVendorMicros } from '../domain/settings.ts';
import { type EscalationStep, highestPriceMicros } from '../domain/task-policy.ts';
import type { Aggregate } from '../domain/tasks/task-type.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';
import { whyAskPeople } from './judge-first.ts';
import { createPatternReader } from './patterns.ts';
import { restated, revising } from './reopened.ts';

interface TriedDecision {
  readonly settled: boolean;
  readonly confidence: number;
}

/** A run of a task: the first, or one for each time that it was opened again. */
interface Run {
  readonly taskId: string;
  /** How often it had been by then; missing from workflows of before. Once it has been again, this run is over. */
  readonly reopened?: number | undefined;
}

interface Ending extends Run {
  readonly log: readonly TaskLogEntry[];
  /** Of a task whose window has ended: it does so with nothing that it had not heard of. */
  readonly heard?: Heard;
}

type Deciding = Omit<DueDecision, 'missing'> & Ending;

/** An ending that was tried; `unheard`: not, for this. */
interface TriedEnding extends TriedDecision {
  readonly unheard?: Unheard;
}

const isOver = ({ reopened }: Pick<Run, 'reopened'>, task: { readonly reopened: number } | undefined) =>
  reopened !== undefined && task !== undefined && task.reopened !== reopened;

type Verdict = Pick<tasks.Settlement, 'label' | 'confidence' | 'method'>;

/** What one annotation task needs from the outside. Every activity is idempotent by the ids in its input. */
export function createTaskActivities(dependencies: Dependencies, patternsOf = createPatternReader(dependencies)) {
  const { db, wake } = dependencies;
  const policyOf = createPolicyReader(db);
  const judge = createJudge(db);
  const reservations = createReservationQueue(db);

  /**
   * Judges a task and ends it with what `verdictOf` makes of that, if anything; judged anew when an answer came in
   * between, so that the decision's record has every answer that is paid.
   */
  async function judgeAndSettle(
    { taskId, reopened, log, heard }: Ending,
    context: JudgingContext,
    verdictOf: (result: Aggregate<unknown>, settings: CampaignSettings) => Verdict | undefined,
  ): Promise<TriedEnding> {
    for (;;) {
      let judged = await judge.one(taskId, context);
      if (judged.task.reopened > 0) {
        judged = await judge.one(taskId, { ...context, ...revising(await decisionBeforeReopening(db, taskId)) });
      }
      const { task, settings, result, evidence, answers } = judged;
      const { confidence } = result;
      if (isOver({ reopened }, task)) return { settled: true, confidence };
      const annotationIds = heard ? answers.filter((id) => !heard.annotationIds.includes(id)) : [];
      if (annotationIds.length > 0) return { settled: false, confidence, unheard: { annotationIds, clock: [] } };
      const verdict = verdictOf(result, settings);
      if (!verdict) return { settled: false, confidence };
      const at = { taskId, reopened, campaignId: task.campaignId, state: context.outcome };
      const ending = await tasks.settleTask(db, { ...at, ...verdict, evidence, answers, log });
      if (ending === 'outdated') continue;
      wake();
      return { settled: true, confidence };
    }
  }

  const clockBesides = async ({ taskId, heard }: Ending) => (heard ? clockSince(db, { taskId, ...heard }) : []);

  const decide = (input: Deciding): Promise<TriedEnding> =>
    judgeAndSettle(input, { outcome: 'decided' }, (result, settings) => {
      const { label, confidence, method } = result;
      const isEnough = input.acceptAny || confidence >= input.minConfidence || furtherAnswersAreIdle(settings, result);
      return label !== null && isEnough ? { label, confidence, method } : undefined;
    });

  async function keepsDecision(input: Ending): Promise<Pick<TriedEnding, 'settled' | 'unheard'>> {
    const before = await decisionBeforeReopening(db, input.taskId);
    if (!before) return { settled: false };
    const tried = await judgeAndSettle(input, { outcome: 'decided' }, ({ label, confidence, method }) =>
      label === null ? undefined : { label, confidence, method },
    );
    if (tried.settled || tried.unheard) return tried;
    const again = restated(before);
    const task = again && (await tasks.findTask(db, input.taskId));
    if (!task) return { settled: false };
    const { reopened, log } = input;
    const at = { taskId: task.id, reopened, campaignId: task.campaignId, answers: [], log };
    // An answer that came meanwhile decides it instead.
    if ((await tasks.settleTask(db, { ...at, ...again, state: 'decided' })) === 'outdated') return keepsDecision(input);
    wake();
    return { settled: true };
  }

  /** Adds slots, reserving what the batch's reservation does not cover. */
  async function addSlots(input: { taskId: string; toRedundancy: number }): Promise<{ refused?: string }> {
    const task = await tasks.findTask(db, input.taskId);
    if (!task) throw new QuorateError('not_found', `There is no task ${input.taskId}.`);
    const settings = await policyOf(task.campaignId, task.policyVersion);
    const again = task.reopened > 0;
    const key = `reserve:${task.id}:${again ? `${task.reopened}:` : ''}${input.toRedundancy}`;
    // A task that is opened again keeps the price it was raised to, and may be raised as often once more.
    const raisedMicros = highestPriceMicros(task.priceMicros, settings.escalation.slice(task.escalations));
    const slotMicros = mostMicros(raisedMicros, firstVendorMicros(settings));
    // What was reserved for a task that was opened again is for the answers it was opened for.
    const reserved = again ? 0 : settings.maxRedundancy;
    return tasks.addSlots(db, { ...input, reserved, slotMicros, key }, (more) => reservations.add(more));
  }

  /**
   * Sees to it that a task whose judges were heeded has slots for people: one, and two in an audit, whatever the first of
   * them says, so that people are compared with one another, too. The answers wanted in all. A repeat changes nothing.
   */
  async function makeRoomForPeople(taskId: string): Promise<number> {
    const { redundancy, people, audit } = await roomForPeople(db, taskId);
    const missing = Math.max(0, (audit ? 2 : 1) - people);
    const toRedundancy = redundancy + missing;
    const { refused } = missing > 0 ? await addSlots({ taskId, toRedundancy }) : {};
    if (refused !== undefined) return redundancy;
    if (audit) await markPaired(db, taskId);
    return toRedundancy;
  }

  return typedFailures({
    openSlots: async (input: { taskId: string }): Promise<void> => tasks.openSlots(db, input.taskId),

    /** What a task goes on from whose workflow is gone; undefined when it has ended. */
    taskLeft: async (input: { taskId: string }): Promise<TaskLeft | undefined> => taskLeft(db, input.taskId),

    reopenedAnswers: async (input: { taskId: string }): Promise<ReopenedAnswers> => reopenedAnswers(db, input.taskId),

    /**
     * Assesses what arrived; returns the ids that are counted annotations of this task. Where these may be the last ones
     * wanted (`due`) and enough of them count, the task is decided, too, as by `decideTask`.
     */
    async assessAnswers(
      input: Run & { annotationIds: readonly string[]; due?: DueDecision },
    ): Promise<{ countedIds: string[]; tried?: TriedDecision }> {
      const { taskId, reopened, due } = input;
      const rows = await annotationsToAssess(db, { taskId, ids: input.annotationIds });
      const assessed = rows.map(async (row) => {
        const { rules, signals } = await patternsOf(row, await policyOf(row.campaignId, row.policyVersion));
        const { id, timeSpentS, goldTotal: goldSeen, goldCorrect } = row;
        const sinceLeaseS = row.sinceLeaseS ?? undefined;
        return { id, ...assess({ timeSpentS, sinceLeaseS, goldSeen, goldCorrect, signals }, rules) };
      });
      await storeAssessments(db, await Promise.all(assessed));
      const countedIds = rows.map((row) => row.id);
      if (!due || countedIds.length < due.missing) return { countedIds };
      return { countedIds, tried: await decide({ taskId, reopened, ...due }) };
    },

    /**
     * Aggregates the answers; settles the task when confidence suffices, any will do, or more answers would be idle. With
     * something that it had not `heard` of it is left open, as by `closeTask`.
     */
    async decideTask(input: Deciding): Promise<TriedEnding> {
      const clock = await clockBesides(input);
      if (clock.length > 0) return { settled: false, confidence: 0, unheard: { annotationIds: [], clock } };
      return decide(input);
    },

    /**
     * Looks at what a task's judges said: these decide it where they may alone, else people are asked, for whom there
     * is room then. A task that people are asked about already is left to them. `target`: the answers wanted in all.
     */
    async heedJudges(
      input: Run & { log: readonly TaskLogEntry[] },
    ): Promise<{ settled: boolean; why?: string; target?: number }> {
      const { taskId } = input;
      const judged = await judge.one(taskId, { outcome: 'decided', decidedBy: 'judges' });
      const { task, settings, result } = judged;
      if (isOver(input, task)) return { settled: true };
      if (task.workforce !== 'llm') {
        // Or an attempt before this one has asked them.
        return { settled: false, why: 'people were asked already', target: await makeRoomForPeople(taskId) };
      }
      const why = await whyAskPeople(db, task, settings, judged.isCalibrated ? result.confidence : undefined);
      if (why === undefined) {
        const { settled } = await judgeAndSettle(
          input,
          { outcome: 'decided', decidedBy: 'judges' },
          ({ label, confidence, method }) => (label === null ? undefined : { label, confidence, method }),
        );
        if (settled) return { settled };
      }
      const audit = why === 'learning' || why === 'audit';
      const { refused } = await askPeople(db, { taskId, workforces: settings.workforces, audit });
      if (refused !== undefined) return { settled: false, why: `${why}: ${refused}` };
      const target = await makeRoomForPeople(taskId);
      wake();
      return { settled: false, why: why ?? 'no label', target };
    },

    /** Ends a task by an expert's ruling; a ruling that is not there is refused, which leaves the task as it was. */
    async ruleTask(input: Run & { rulingId: string; log: readonly TaskLogEntry[] }): Promise<{ refused?: string }> {
      const ruling = await findRuling(db, input.rulingId);
      if (!ruling || ruling.taskId !== input.taskId) {
        return { refused: `There is no ruling ${input.rulingId} on task ${input.taskId}.` };
      }
      const { label, ruledBy: by } = ruling;
      await judgeAndSettle(input, { outcome: 'adjudicated', ruling: { id: ruling.id, label, by } }, () => {
        return { label, confidence: 1, method: 'adjudication' };
      });
      return {};
    },

    /**
     * Ends a task without a label; what its annotators answered is paid. One that was opened again keeps a decision: by
     * the answers that count, or with none of these, where only the instructions had changed, the one it had. With
     * something that it had not `heard` of it is left open, and that is the answer.
     */
    async closeTask(input: Ending & { outcome: 'unresolved' | 'cancelled' }): Promise<Unheard | undefined> {
      const { taskId, outcome } = input;
      const clock = await clockBesides(input);
      if (clock.length > 0) {
        const task = await tasks.findTask(db, taskId);
        // An attempt before this one may have ended it.
        const hasEnded = DECISION_STATES.some((state) => state === task?.state);
        return hasEnded || isOver(input, task) ? undefined : { annotationIds: [], clock };
      }
      let tried = await keepsDecision(input);
      if (!tried.settled && !tried.unheard) {
        tried = await judgeAndSettle(input, { outcome }, ({ method }) => ({ label: null, confidence: 0, method }));
      }
      return tried.unheard;
    },

    setPriority: async (input: { taskId: string; priority: number }): Promise<void> => tasks.setPriority(db, input),

    addSlots,

    /** Takes a step of the escalation ladder, unless there is something that the task had not `heard` of. */
    async escalateTask(input: {
      taskId: string;
      step: EscalationStep;
      number: number;
      heard?: Heard;
      /** It is taken before its window is over, as nobody is left to answer. */
      left?: true;
    }): Promise<{ refused?: string; unheard?: Unheard; asked?: true }> {
      const { taskId, heard, left } = input;
      // A vendor was asked again meanwhile; that it was left was told before.
      if (left && !(await isLeftByVendors(db, taskId))) return { asked: true };
      if (heard) {
        const clock = await clockSince(db, { taskId, ...heard });
        const annotationIds = await answersBesides(db, { taskId, ...heard });
        if (clock.length + annotationIds.length > 0) return { unheard: { annotationIds, clock } };
      }
      const task = await tasks.findTask(db, input.taskId);
      if (!task) throw new QuorateError('not_found', `There is no task ${input.taskId}.`);
      const settings = await policyOf(task.campaignId, task.policyVersion);
      return tasks.escalate(db, { ...input, workforces: settings.workforces });
    },
  });
}
