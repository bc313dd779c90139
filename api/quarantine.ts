import type { Db } from '../db/client.ts';
import { type AnswerInDecision, type AnswerToOpenTask, answersInDecisions, takeOut } from '../db/queries/quarantine.ts';
import { reopenTasks, type WantedReopening } from '../db/queries/reopenings.ts';
import type { Revision } from '../db/queries/revisions.ts';
import { fallsBelow, type WithoutOutcome, withoutAnnotation } from '../domain/quality/without-annotator.ts';
import { highestPriceMicros } from '../domain/task-policy.ts';

/** What one call looks at: an annotator's answers after `cursor`, at most `limit` of them. */
export interface QuarantineRange {
  readonly annotatorId: string;
  readonly campaignId?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * A task that needs repair: its label flips, no answer is left, or its decision is not confident enough any more; or it was
 * `revised` by a quarantine of theirs before and has not got the missing answer since.
 */
export interface AffectedTask {
  readonly taskId: string;
  readonly campaignId: string;
  readonly outcome: Exclude<WithoutOutcome, 'apart'> | 'revised';
  readonly belowConfidence: boolean;
  /** The newest decision. */
  readonly revision: number;
  readonly from: unknown;
  /** Null where no answer is left. */
  readonly to: unknown;
  readonly confidenceBefore: number;
  readonly confidence: number;
  readonly priceMicros: bigint;
  /** Whether its campaign takes answers, so that it can be opened again. */
  readonly canReopen: boolean;
}

export interface QuarantinePage {
  /** Answers looked at. */
  readonly examined: number;
  /** Of them: to tasks that are not decided yet. */
  readonly open: number;
  /** Of them: no part of their task's newest decision (any more). */
  readonly apart: number;
  readonly stays: number;
  readonly flips: number;
  readonly unanswered: number;
  readonly belowConfidence: number;
  readonly affected: readonly AffectedTask[];
  /** One answer to each affected task, at the task's price. */
  readonly repairMicros: bigint;
  /** The most that opening those again that can be may cost: what is reserved. */
  readonly reopenMicros: bigint;
  /** One answer for each of theirs that has a part in a decision. */
  readonly replaceAllMicros: bigint;
  /** Where to go on; null when all answers have been looked at. */
  readonly nextCursor: string | null;
}

/** Rows in memory at once. */
const CHUNK = 100;
/** A page ends when it lists as many affected tasks, so that no answer grows without bound. */
export const MAX_AFFECTED = 1000;

/** What would become of decided tasks without an annotator's answers. Changes nothing. */
export function previewQuarantine(db: Db, range: QuarantineRange): Promise<QuarantinePage> {
  return walk(db, range, async () => undefined);
}

export interface QuarantineResult extends QuarantinePage {
  /** Decisions that have a new revision at once. */
  readonly revised: number;
  readonly missed: number;
  readonly reopened: number;
  /** Reserved for the answers that the reopened tasks are to get. */
  readonly reservedMicros: bigint;
  /** Affected tasks that were not opened again for want of money. */
  readonly overBudget: number;
}

/**
 * Takes an annotator's answers out of every decision to come, and adds revisions decided without them where the label comes
 * out differently. Nothing is overwritten, and repeating it changes nothing more. `missed` counts tasks that were revised,
 * decided or opened again by somebody else at that moment: repeating the call sees to them. With `reopen` the affected tasks
 * are then opened again, as far as the budget allows, each for the one answer that is missing; its decision is revised once
 * more when that has come. A repeat goes on with those that the budget had no room for.
 */
export async function applyQuarantine(
  db: Db,
  range: QuarantineRange & { reason: string; reopen?: { by: string; nowMs: number } | undefined },
): Promise<QuarantineResult> {
  const done = { revised: 0, missed: 0, reopened: 0, reservedMicros: 0n, overBudget: 0 };
  const page = await walk(db, range, async ({ answers, affected }) => {
    const flipping = affected.filter(({ outcome }) => outcome === 'flips');
    const { revised, missed } = await takeOut(db, {
      answers,
      revisions: flipping.map(({ answer }) => revisionOf(answer, range)),
    });
    done.revised += revised;
    done.missed += missed;
    if (!range.reopen) return;
    for (const [campaignId, tasks] of byCampaign(affected.filter(({ answer }) => answer.canReopen))) {
      const { by, nowMs } = range.reopen;
      const request = { campaignId, cause: 'quarantine', reason: range.reason, by, nowMs, tasks } as const;
      const { taskIds, reservedMicros, overBudget } = await reopenTasks(db, request);
      done.reopened += taskIds.length;
      done.reservedMicros += reservedMicros;
      done.overBudget += overBudget;
    }
  });
  return { ...page, ...done };
}

interface Affected {
  readonly answer: AnswerInDecision;
  readonly outcome: AffectedTask['outcome'];
}

interface Chunk {
  /** Theirs that have a part in a decision, or in one to come. */
  readonly answers: readonly (AnswerInDecision | AnswerToOpenTask)[];
  readonly affected: readonly Affected[];
}

function byCampaign(affected: readonly Affected[]): Map<string, WantedReopening[]> {
  const campaigns = new Map<string, WantedReopening[]>();
  for (const { answer } of affected) {
    const task = { taskId: answer.taskId, answers: 1, excludedIds: [answer.annotationId] };
    const known = campaigns.get(answer.campaignId);
    if (known) known.push(task);
    else campaigns.set(answer.campaignId, [task]);
  }
  return campaigns;
}

function revisionOf(
  { annotationId, taskId, campaignId, revision, evidence }: AnswerInDecision,
  { annotatorId, reason }: { annotatorId: string; reason: string },
): Revision {
  const context = { outcome: 'decided', revises: revision, because: 'quarantine', annotatorId, reason };
  const { record, after } = withoutAnnotation(evidence, annotationId, context);
  const { label, confidence, method } = after;
  const decided = { label, confidence, method, evidence: JSON.parse(record.json) as unknown };
  return { taskId, campaignId, revision: revision + 1, ...decided };
}

async function walk(
  db: Db,
  { annotatorId, campaignId, cursor, limit }: QuarantineRange,
  onChunk: (chunk: Chunk) => Promise<void>,
): Promise<QuarantinePage> {
  const counts = { open: 0, apart: 0, stays: 0, flips: 0, unanswered: 0 };
  const affected: AffectedTask[] = [];
  let [examined, belowConfidence, repairMicros, reopenMicros, replaceAllMicros] = [0, 0, 0n, 0n, 0n];
  let after = cursor;
  for (;;) {
    const asked = Math.min(CHUNK, limit - examined, MAX_AFFECTED - affected.length);
    if (asked === 0) break;
    const looked = await answersInDecisions(db, { annotatorId, campaignId, after, limit: asked });
    const chunk = { answers: [] as Chunk['answers'][number][], affected: [] as Affected[] };
    for (const answer of looked) {
      if (answer.open) {
        counts[answer.excluded ? 'apart' : 'open'] += 1;
        if (!answer.excluded) chunk.answers.push(answer);
        continue;
      }
      const without = withoutAnnotation(answer.evidence, answer.annotationId);
      const { before, after: then } = without;
      counts[without.outcome] += 1;
      const outcome = answer.leftOut && without.outcome === 'apart' ? ('revised' as const) : without.outcome;
      if (outcome === 'apart') continue;
      chunk.answers.push(answer);
      if (outcome !== 'revised') replaceAllMicros += answer.priceMicros;
      const below = fallsBelow(without, answer.minConfidence);
      if (below) belowConfidence += 1;
      if (below || outcome !== 'stays') {
        const { taskId, revision, priceMicros, canReopen } = answer;
        const labels = { from: before.label, to: then.label };
        const confidences = { confidenceBefore: before.confidence, confidence: then.confidence };
        const task = { taskId, campaignId: answer.campaignId, revision, outcome, belowConfidence: below, priceMicros };
        affected.push({ ...task, ...labels, ...confidences, canReopen });
        chunk.affected.push({ answer, outcome });
        repairMicros += priceMicros;
        if (canReopen) reopenMicros += highestPriceMicros(priceMicros, answer.escalation);
      }
    }
    await onChunk(chunk);
    examined += looked.length;
    after = looked.at(-1)?.annotationId ?? after;
    if (looked.length < asked) {
      after = undefined;
      break;
    }
  }
  const costs = { repairMicros, reopenMicros, replaceAllMicros };
  return { examined, ...counts, belowConfidence, affected, ...costs, nextCursor: after ?? null };
}
