import type { Queryable } from '../client.ts';
import { owing } from './money.ts';

/** A campaign's balance twice: as the running balance has it, and as the ledger alone adds up to. Micro-dollars. */
export interface LedgerProof {
  readonly campaignId: string;
  readonly name: string;
  readonly capMicros: bigint;
  readonly reservedMicros: bigint;
  readonly spentMicros: bigint;
  readonly ledgerReservedMicros: bigint;
  readonly ledgerSpentMicros: bigint;
  /** Authorizations whose amount, committed or released sum is not what their ledger rows add up to. */
  readonly wrongAuthorizations: number;
  /** Annotations paid twice, at another price or fee, to another person, or not at all though their task has ended. */
  readonly wrongPayments: number;
  /** Pay of answers that no cap had room for, and since when the oldest waits; null where there is none. */
  readonly owedMicros: bigint;
  readonly owedSince: Date | null;
  /** Answers of a campaign that has ended whose message waits to be heard (a gold: to be graded), and since when; null where there are none. */
  readonly waiting: number;
  readonly waitingSince: Date | null;
  /** Everything above agrees, and nothing is above the cap. */
  readonly holds: boolean;
}

/**
 * Proves every campaign's balance (or one's) from the ledger alone, in one query and so at one moment:
 * reserved is what the account of that name holds; spent is what left it for a payee or a fee, less what came back to the
 * requester by a deduction; each authorization by its own rows, each answer paid once, to its annotator's kind of payee.
 * What is owed, or waits to be heard, is in no entry yet, and said beside it.
 */
export async function verifyLedger(sql: Queryable, campaignId?: string): Promise<LedgerProof[]> {
  const one = (column: 'campaign_id' | 'n.campaign_id' | 'id') =>
    campaignId === undefined ? sql`true` : sql`${sql(column)} = ${campaignId}`;
  return sql<LedgerProof[]>`
    with sums as (
      select campaign_id,
        sum(case when to_account = 'reserved' then amount_micros when from_account = 'reserved' then -amount_micros else 0 end)::bigint
          as reserved,
        sum(case when kind in ('spend', 'bonus', 'fee') then amount_micros when kind = 'deduction' then -amount_micros else 0 end)::bigint
          as spent
      from ledger where ${one('campaign_id')} group by campaign_id
    ), booked as (
      select authorization_id as id,
        coalesce(sum(amount_micros) filter (where kind = 'reserve'), 0) as reserved,
        coalesce(sum(amount_micros) filter (where kind in ('spend', 'bonus', 'fee')), 0) as spent,
        coalesce(sum(amount_micros) filter (where kind = 'release'), 0) as released
      from ledger where authorization_id is not null and ${one('campaign_id')} group by authorization_id
    ), wrong_authorizations as (
      select a.campaign_id, count(*)::int as n
      from (select * from authorizations where ${one('campaign_id')}) a left join booked b on b.id = a.id
      where (a.amount_micros, a.committed_micros, a.released_micros)
          <> (coalesce(b.reserved, 0), coalesce(b.spent, 0), coalesce(b.released, 0))
        or (a.state = 'closed' and a.committed_micros + a.released_micros <> a.amount_micros)
      group by a.campaign_id
    ), paid as (
      select annotation_id, count(*) filter (where kind = 'spend') as times, sum(amount_micros) as amount,
        coalesce(sum(amount_micros) filter (where kind = 'fee'), 0) as fee, min(annotator_id::text) as annotator,
        min(payee) filter (where kind = 'spend') as payee
      from ledger where kind in ('spend', 'fee') and annotation_id is not null and ${one('campaign_id')}
      group by annotation_id
    ), unpaid as (
      select n.id, n.campaign_id, n.submitted_at, n.counted and t.kind <> 'work' and n.assessed_at is null
        or n.id::text in (select payload ->> 'annotationId' from outbox where payload ? 'annotationId') as on_its_way
      from annotations n join tasks t on t.id = n.task_id join campaigns c on c.id = n.campaign_id
      where ${one('n.campaign_id')} and n.pay_state = 'pending'
        and c.ended_at < now() - interval '1 minute' and n.submitted_at < now() - interval '1 minute'
    ), waiting as (
      select campaign_id, count(*)::int as n, min(submitted_at) as since from unpaid where on_its_way group by campaign_id
    ), wrong_payments as (
      select n.campaign_id, count(*)::int as n
      from (select * from annotations where ${one('campaign_id')}) n
      join tasks t on t.id = n.task_id
      join annotators w on w.id = n.annotator_id
      left join paid p on p.annotation_id = n.id
      where coalesce(p.times, 0) > 1
        -- Paid means booked, and booked means paid, at the promised price and to the one who answered.
        or (n.pay_state = 'paid' and n.price_micros > 0) <> (p.times is not null)
        or (p.times = 1 and (p.amount <> n.price_micros or p.fee <> n.fee_micros or p.annotator <> n.annotator_id::text
          or p.payee <> case w.kind when 'vendor' then 'vendor' when 'llm' then 'judge' else 'annotator' end))
        -- Work is paid in the transaction that ends its task, or owed where that had no room for it.
        or (n.counted and t.kind = 'work' and n.pay_state not in ('paid', 'owed')
          and t.state in ('decided', 'adjudicated', 'unresolved', 'cancelled'))
        -- Gold and late answers are paid by message; a minute after the campaign's end none may be left without one.
        or n.id in (select id from unpaid where not on_its_way)
      group by n.campaign_id
    ), owed as (
      select campaign_id, sum(micros)::bigint as micros, min(since) as since
      from ${owing(sql)} each where ${one('campaign_id')} group by campaign_id
    )
    select c.id as "campaignId", c.name, b.cap_micros as "capMicros", b.reserved_micros as "reservedMicros",
      b.spent_micros as "spentMicros", coalesce(s.reserved, 0)::bigint as "ledgerReservedMicros",
      coalesce(s.spent, 0)::bigint as "ledgerSpentMicros", coalesce(wa.n, 0) as "wrongAuthorizations",
      coalesce(wp.n, 0) as "wrongPayments", coalesce(o.micros, 0)::bigint as "owedMicros", o.since as "owedSince",
      coalesce(w.n, 0) as waiting, w.since as "waitingSince",
      b.reserved_micros = coalesce(s.reserved, 0) and b.spent_micros = coalesce(s.spent, 0)
        and b.reserved_micros + b.spent_micros <= b.cap_micros
        and coalesce(s.reserved, 0) + coalesce(s.spent, 0) <= b.cap_micros
        and wa.n is null and wp.n is null as holds
    from (select id, name from campaigns where ${one('id')}) c
    join budgets b on b.campaign_id = c.id
    left join sums s on s.campaign_id = c.id
    left join wrong_authorizations wa on wa.campaign_id = c.id
    left join wrong_payments wp on wp.campaign_id = c.id
    left join owed o on o.campaign_id = c.id
    left join waiting w on w.campaign_id = c.id
    order by c.id`;
}
