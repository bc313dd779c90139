import { v7 as uuidv7 } from 'uuid';
import { json, type Queryable } from '../client.ts';

/** Whose answers count towards a promotion: active annotators with a record on gold, at the task's type where they have one there. */
const TRUSTED = { golds: 10, qualityScore: 0.8 } as const;

export interface GoldCandidate {
  readonly id: string;
  readonly key: string;
  /** What they all said. */
  readonly label: unknown;
  /** What was decided: as they said, or near it, as of scores and of pairs with a strength; or a ruling. */
  readonly decided: unknown;
  readonly answers: number;
}

/** Decided tasks, in the order of their ids, that at least `minAnswers` trusted annotators and nobody else answered all alike. */
export async function goldCandidates(
  sql: Queryable,
  page: { campaignId: string; minAnswers: number; cursor?: string | undefined; limit: number },
): Promise<GoldCandidate[]> {
  return sql<GoldCandidate[]>`
    select t.id, i.key, votes.label, d.label as decided, votes.answers
    from tasks t
    join items i on i.id = t.item_id
    join campaigns c on c.id = t.campaign_id
    cross join lateral (
      select label from decisions where task_id = t.id order by revision desc limit 1
    ) d
    cross join lateral (
      select count(*)::int as answers, min(l.label::text)::jsonb as label,
        -- How strongly a choice is preferred is a matter of taste.
        count(distinct case c.settings ->> 'type' when 'pairwise' then l.label - 'strength' else l.label end) = 1 as alike, bool_and(
        coalesce(s.standing, w.standing) = 'active' and coalesce(s.gold_total, w.gold_total) >= ${TRUSTED.golds}
        and coalesce(s.quality_score, w.quality_score) >= ${TRUSTED.qualityScore}) as trusted
      from annotations n
      join annotation_labels l on l.annotation_id = n.id
      join annotators w on w.id = n.annotator_id
      left join annotator_standings s on s.annotator_id = w.id and s.task_type = c.settings ->> 'type'
      where n.task_id = t.id and n.counted and n.excluded_at is null
    ) votes
    where t.campaign_id = ${page.campaignId} and t.kind = 'work' and t.state in ('decided', 'adjudicated')
      and t.id > ${page.cursor ?? '00000000-0000-0000-0000-000000000000'}
      and votes.answers >= ${page.minAnswers} and votes.alike and votes.trusted
      and not exists (select from gold_answers g where g.promoted_from = t.id)
    order by t.id limit ${page.limit}`;
}

/** The different labels of a task's counted answers, at most two. */
export async function labelsGiven(sql: Queryable, taskId: string): Promise<unknown[]> {
  const rows = await sql<{ label: unknown }[]>`
    select distinct l.label from annotations n join annotation_labels l on l.annotation_id = n.id
    where n.task_id = ${taskId} and n.counted and n.excluded_at is null limit 2`;
  return rows.map(({ label }) => label);
}

/**
 * Makes a gold item of a decided task: a copy under a key of its own, whose task opens with the next batch. Undefined
 * when that was done before.
 */
export async function promoteTask(
  sql: Queryable,
  promotion: { taskId: string; label: unknown; by: string; note: string; shuffle: number },
): Promise<{ itemId: string; key: string } | undefined> {
  const [made] = await sql<{ itemId: string; key: string }[]>`
    with source as (
      select i.campaign_id, i.id as item_id, 'gold:' || i.key as key, i.domain
      from tasks t join items i on i.id = t.item_id where t.id = ${promotion.taskId}
    ), added as (
      insert into items (id, campaign_id, key, state, domain, shuffle)
      select ${uuidv7()}::uuid, campaign_id, key, 'gold', domain, ${promotion.shuffle}::int from source
      on conflict (campaign_id, key) do nothing
      returning id, key
    ), shown as (
      insert into item_payloads (item_id, payload, hash)
      select added.id, p.payload, p.hash from added, source join item_payloads p on p.item_id = source.item_id
    ), known as (
      insert into gold_answers (item_id, label, promoted_from, promoted_by, note, promoted_at)
      select added.id, ${json(sql, promotion.label)}, ${promotion.taskId}::uuid, ${promotion.by}, ${promotion.note}, now()
      from added
    )
    select id as "itemId", key from added`;
  return made;
}
