import type { LeftOut } from '../../domain/learning/evaluation-slice.ts';
import type { LearningLine } from '../../domain/learning/learning-line.ts';
import type { Queryable } from '../client.ts';

export interface RoundRow {
  readonly round: number;
  readonly state: 'selected' | 'fitted';
  readonly strategy: string;
  readonly taskCount: number;
  readonly reservedMicros: bigint;
  readonly spentMicros: bigint | null;
  readonly trainedOn: number | null;
  readonly labels: number | null;
  readonly heldOutOn: 'slice' | 'gold' | null;
  readonly heldOutAccuracy: number | null;
  readonly heldOutLow: number | null;
  readonly heldOutHigh: number | null;
  readonly heldOutCount: number | null;
  readonly heldOutLeftOut: LeftOut | null;
  readonly learningLine: LearningLine | null;
  readonly selectedAt: Date;
  readonly fittedAt: Date | null;
}

/** The last rounds of a campaign, oldest first, at most `limit`. */
export async function lastRounds(sql: Queryable, campaignId: string, limit: number): Promise<RoundRow[]> {
  const rows = await sql<RoundRow[]>`
    select round, state, strategy, task_count as "taskCount", reserved_micros as "reservedMicros",
      spent_micros as "spentMicros", trained_on as "trainedOn", labels,
      case when held_out_accuracy is not null then coalesce(held_out_on, 'gold') end as "heldOutOn",
      held_out_accuracy::float8 as "heldOutAccuracy",
      held_out_low::float8 as "heldOutLow", held_out_high::float8 as "heldOutHigh", held_out_count as "heldOutCount",
      held_out_left_out as "heldOutLeftOut", learning_line as "learningLine",
      selected_at as "selectedAt", fitted_at as "fittedAt"
    from rounds where campaign_id = ${campaignId} order by round desc limit ${limit}`;
  return rows.reverse();
}

export interface AnswerRow {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly label: unknown;
  readonly submittedAt: Date;
}

/** Answers are read up to this many bytes of labels as they are stored (compressed): some megabytes in memory. */
const MAX_LABEL_BYTES = 4_000_000;

/**
 * The newest counted answers to work (never gold), at most `limit` and fewer where labels are long, given after
 * `since`: what agreement is measured on.
 */
export async function newestAnswers(
  sql: Queryable,
  campaignId: string,
  limit: number,
  since?: Date,
): Promise<AnswerRow[]> {
  return sql<AnswerRow[]>`
    select read."taskId", read."annotatorId", read.label, read.submitted_at as "submittedAt"
    from (
      select n.task_id as "taskId", n.annotator_id as "annotatorId", l.label, n.submitted_at,
        sum(pg_column_size(l.label)) over (order by n.submitted_at desc, n.id) as bytes
      from (
        select id, task_id, annotator_id, submitted_at from annotations
        where campaign_id = ${campaignId} and counted and excluded_at is null ${since === undefined ? sql`` : sql`and submitted_at > ${since}`}
        order by submitted_at desc limit ${limit}
      ) n
      join tasks t on t.id = n.task_id and t.kind = 'work'
      join annotation_labels l on l.annotation_id = n.id
    ) read
    where read.bytes <= ${MAX_LABEL_BYTES}`;
}
