import { v7 as uuidv7 } from 'uuid';
import type { QualityReport } from '../../domain/quality/report.ts';
import { json, type Queryable } from '../client.ts';

/** What an annotator wrote beside an answer, or when they gave a task back. */
export interface Comment {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly on: 'answer' | 'skip';
  readonly text: string;
  readonly at: Date;
}

/** The newest comments of a campaign's annotators on work, at most `limit`, those on `taskIds` before all others. */
export async function commentsOf(
  sql: Queryable,
  query: { campaignId: string; taskIds: readonly string[]; limit: number },
): Promise<Comment[]> {
  return sql<Comment[]>`
    select said.task_id as "taskId", said.annotator_id as "annotatorId", said.on, said.text, said.at
    from (
      (
        select task_id, annotator_id, 'answer' as on, comment as text, submitted_at as at from annotations
        where campaign_id = ${query.campaignId} and comment is not null order by submitted_at desc limit 500
      ) union all (
        select task_id, annotator_id, 'skip', note, closed_at from assignments
        where campaign_id = ${query.campaignId} and note is not null order by closed_at desc limit 500
      )
    ) said
    join tasks t on t.id = said.task_id and t.kind = 'work'
    order by said.task_id = any(${query.taskIds as string[]}::uuid[]) desc, said.at desc
    limit ${query.limit}`;
}

/** What a report keeps: the measurement, and what the annotators said. */
export type StoredReport = QualityReport & { readonly comments: readonly unknown[] };

export interface QualityReportRow {
  readonly id: string;
  readonly alpha: number;
  readonly report: StoredReport;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}

/** Opens a report; the one that is open already stays. */
export async function openReport(
  sql: Queryable,
  given: { campaignId: string; alpha: number; report: StoredReport },
): Promise<void> {
  await sql`
    insert into quality_reports (id, campaign_id, alpha, report)
    values (${uuidv7()}, ${given.campaignId}, ${given.alpha}, ${json(sql, given.report)})
    on conflict (campaign_id) where closed_at is null do nothing`;
}

/** The reports of an organisation's campaigns that wait, newest first. */
export async function openReportsOf(
  sql: Queryable,
  organisationId: string,
  limit: number,
): Promise<(QualityReportRow & { readonly campaignId: string; readonly campaign: string })[]> {
  return sql`
    select r.id, r.campaign_id as "campaignId", c.name as campaign, r.alpha::float8 as alpha, r.report,
      r.opened_at as "openedAt", r.closed_at as "closedAt"
    from quality_reports r join campaigns c on c.id = r.campaign_id and c.organisation_id = ${organisationId}
    where r.closed_at is null order by r.id desc limit ${limit}`;
}

/** The reports of a campaign, newest first. */
export async function reportsOf(sql: Queryable, campaignId: string, limit: number): Promise<QualityReportRow[]> {
  return sql<QualityReportRow[]>`
    select id, alpha::float8 as alpha, report, opened_at as "openedAt", closed_at as "closedAt"
    from quality_reports where campaign_id = ${campaignId} order by id desc limit ${limit}`;
}
