import type { Queryable } from '../client.ts';

/** An answer as an adjudicator sees it beside the others. */
export interface ContestedAnswer {
  readonly annotationId: string;
  readonly annotatorId: string;
  readonly annotator: string;
  readonly tier: string;
  readonly label: unknown;
  readonly confidence: number | null;
  readonly comment: string | null;
  readonly timeSpentS: number | null;
  /** The assessment, 0 to 1; 1 until there is one. */
  readonly score: number;
  readonly flags: string[];
  /** Of the annotator. */
  readonly qualityScore: number;
}

export interface ContestedTask {
  readonly id: string;
  readonly campaignId: string;
  /** The campaign's name. */
  readonly campaign: string;
  readonly key: string;
  readonly payload: unknown;
  readonly createdAt: Date;
  readonly waitingSince: Date | null;
  /** Null while its campaign is paused. */
  readonly rulingBy: Date | null;
  readonly answers: ContestedAnswer[];
}

/** What is left of the time for a ruling; paused, it stands. */
const timeLeft = (sql: Queryable) => sql`coalesce(t.ruling_by - coalesce(c.paused_at, now()), '0')`;

/**
 * An organisation's tasks that wait for an expert's ruling, after `cursor` (the id of the last one seen), with the answers that
 * count: first what is given up on first.
 */
export async function contestedTasks(
  sql: Queryable,
  page: { organisationId: string; campaignId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<ContestedTask[]> {
  return sql<ContestedTask[]>`
    select t.id, t.campaign_id as "campaignId", c.name as campaign, i.key, p.payload, t.created_at as "createdAt",
      t.adjudicating_since as "waitingSince", case when c.paused_at is null then t.ruling_by end as "rulingBy", coalesce((
      select jsonb_agg(jsonb_build_object('annotationId', n.id, 'annotatorId', w.id, 'annotator', w.name, 'tier', w.tier,
        'label', l.label, 'confidence', n.confidence, 'comment', n.comment, 'timeSpentS', n.time_spent_s,
        'score', coalesce(n.score, 1), 'flags', n.flags, 'qualityScore', coalesce(s.quality_score, w.quality_score)) order by n.id)
      from annotations n
      join annotation_labels l on l.annotation_id = n.id
      join annotators w on w.id = n.annotator_id
      left join annotator_standings s on s.annotator_id = w.id and s.task_type = c.settings ->> 'type'
      where n.task_id = t.id and n.counted and n.excluded_at is null
    ), '[]') as answers
    from tasks t
    join campaigns c on c.id = t.campaign_id and c.organisation_id = ${page.organisationId}
    join items i on i.id = t.item_id
    join item_payloads p on p.item_id = t.item_id
    where t.state = 'adjudicating' and t.kind = 'work'
      ${page.campaignId === undefined ? sql`` : sql`and t.campaign_id = ${page.campaignId}`}
      ${
        page.cursor === undefined
          ? sql``
          : sql`and (${timeLeft(sql)}, t.id) > (
        select ${timeLeft(sql)}, t.id from tasks t join campaigns c on c.id = t.campaign_id where t.id = ${page.cursor}
      )`
      }
    order by ${timeLeft(sql)}, t.id limit ${page.limit}`;
}
