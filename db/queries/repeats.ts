import { v7 as uuidv7 } from 'uuid';
import type { Db, Queryable, Tx } from '../client.ts';
import { fits, type Lease, type OwnSlotLease, ownSlot, type Room } from './leases.ts';

/** Of an annotator's answers that are old enough, so many of the newest are drawn from. */
const ANSWERS_NEAR = 200;

/**
 * Leases an item that this annotator answered at least `afterMs` ago, drawn from the newest of such answers, as a task
 * of its own kind: outside the first task's redundancy and its votes, and never twice. Undefined where none is due or
 * there is no money for it.
 */
export async function leaseRepeat(
  db: Db,
  lease: OwnSlotLease & { tier: number; afterMs: number; shuffle: number; room?: Room | undefined },
): Promise<Lease | undefined> {
  return db.begin(async (tx) => {
    const due = await dueRepeat(tx, lease);
    const repeatId = due && (due.repeatId ?? (await makeRepeat(tx, due.taskId, lease.shuffle)));
    if (repeatId === undefined) return undefined;
    const [room] = await tx<{ fits: boolean }[]>`select ${fits(tx, lease.annotatorId, lease.room)} as fits`;
    if (!room?.fits) return undefined;
    const [row] = await tx<Lease[]>`
      with picked as (
        select id, price_micros, workforce, priority, required_tier, item_id, instructions_version from tasks
        where id = ${repeatId} and state = 'open'
      ), ${ownSlot(tx, lease)}`;
    return row;
  });
}

async function dueRepeat(
  tx: Tx,
  lease: OwnSlotLease & { tier: number; afterMs: number },
): Promise<{ taskId: string; repeatId: string | null } | undefined> {
  const { annotatorId, campaignId } = lease;
  const [row] = await tx<{ taskId: string; repeatId: string | null }[]>`
    select t.id as "taskId", r.id as "repeatId"
    from (
      select task_id, assignment_id from annotations
      where annotator_id = ${annotatorId} and campaign_id = ${campaignId} and counted and excluded_at is null
        and submitted_at < now() - ${lease.afterMs} * interval '1 millisecond'
      order by submitted_at desc limit ${ANSWERS_NEAR}
    ) answered
    join tasks t on t.id = answered.task_id
    join assignments g on g.id = answered.assignment_id
    join campaigns c on c.id = t.campaign_id and c.state = 'running'
    left join tasks r on r.repeats = t.id
    where t.kind = 'work' and t.state <> 'cancelled' and t.required_tier <= ${lease.tier}
      -- Under other instructions another answer is no contradiction.
      and coalesce(g.instructions_version, t.instructions_version) = c.instructions_version
      and not exists (select from assignments a where a.task_id = r.id and a.annotator_id = ${annotatorId})
    order by hashtextextended(t.id::text || ${lease.assignmentId}::text, 0)
    limit 1`;
  return row;
}

/** Undefined where it is just being made for another annotator. */
async function makeRepeat(tx: Tx, taskId: string, shuffle: number): Promise<string | undefined> {
  const [made] = await tx<{ id: string }[]>`
    with source as (
      select t.*, i.key from tasks t join items i on i.id = t.item_id where t.id = ${taskId}
    ), added as (
      insert into items (id, campaign_id, key, state, domain, shuffle)
      select ${uuidv7()}::uuid, campaign_id, 'repeat:' || key, 'repeat', domain, ${shuffle}::int from source
      on conflict (campaign_id, key) do nothing
      returning id
    ), shown as (
      insert into item_payloads (item_id, payload, hash)
      select added.id, p.payload, p.hash from added, source join item_payloads p on p.item_id = source.item_id
    )
    insert into tasks (id, campaign_id, item_id, kind, state, round, redundancy, price_micros, priority, required_tier,
      workforce, domain, policy_version, instructions_version, repeats)
    select ${uuidv7()}::uuid, s.campaign_id, added.id, 'repeat', 'open', s.round, 0, s.price_micros, s.priority,
      s.required_tier, s.workforce, s.domain, s.policy_version, s.instructions_version, s.id
    from source s, added
    returning id`;
  return made?.id;
}

export interface RepeatedRow {
  readonly campaignId: string;
  readonly annotatorId: string;
  readonly first: unknown;
  readonly again: unknown;
}

/** What annotators answered twice, the newest repeats first: of one campaign, or of one annotator in all. */
export async function repeatedAnswers(
  sql: Queryable,
  query: { campaignId: string; limit: number } | { annotatorId: string; limit: number },
): Promise<RepeatedRow[]> {
  const whose =
    'campaignId' in query ? sql`t.campaign_id = ${query.campaignId}` : sql`n.annotator_id = ${query.annotatorId}`;
  return sql<RepeatedRow[]>`
    select n.campaign_id as "campaignId", n.annotator_id as "annotatorId", f.label as first, l.label as again
    from tasks t
    join annotations n on n.task_id = t.id and n.counted
    join annotation_labels l on l.annotation_id = n.id
    join annotations o on o.task_id = t.repeats and o.annotator_id = n.annotator_id
    join annotation_labels f on f.annotation_id = o.id
    where t.kind = 'repeat' and ${whose}
    order by n.submitted_at desc, n.id limit ${query.limit}`;
}
