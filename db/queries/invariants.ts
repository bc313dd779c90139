import { canonicalJson } from '../../domain/aggregation/canonical-json.ts';
import { recomputes } from '../../domain/aggregation/decide.ts';
import { type Db, only, type Queryable } from '../client.ts';
import { type LedgerProof, verifyLedger } from './ledger-proof.ts';

export { type LedgerProof, verifyLedger } from './ledger-proof.ts';

export const INVARIANTS = [
  'annotations_stored_once',
  'redundancy_exact',
  'one_answer_per_annotator',
  'budget_within_cap',
  'ledger_adds_up',
  'paid_exactly_once',
  'tasks_end_once',
  'decisions_recompute',
  'outbox_drained',
] as const;
export type InvariantName = (typeof INVARIANTS)[number];

/** Whether each invariant holds in the database now, for one campaign or for all. Read-only; safe while work goes on. */
export async function checkInvariants(db: Db, campaignId?: string): Promise<Record<InvariantName, boolean>> {
  const violations = await countViolations(db, campaignId);
  const entries = INVARIANTS.map((name) => [name, violations[name] === 0] as const);
  return Object.fromEntries(entries) as Record<InvariantName, boolean>;
}

/** As `checkInvariants`, with how many rows break each one. */
export async function countViolations(db: Db, campaignId?: string): Promise<Record<InvariantName, number>> {
  // In one snapshot: rows that move between two queries must not look like a fault.
  return db.begin('isolation level repeatable read read only', async (tx) => {
    const proofs = await verifyLedger(tx, campaignId);
    const broken = (test: (proof: LedgerProof) => boolean) => proofs.filter(test).length;
    const overCap = (reserved: bigint, spent: bigint, cap: bigint) =>
      reserved < 0n || spent < 0n || reserved + spent > cap;
    return {
      annotations_stored_once: await storedOtherThanOnce(tx, campaignId),
      redundancy_exact: await redundancyBroken(tx, campaignId),
      one_answer_per_annotator: await answeredTwice(tx, campaignId),
      budget_within_cap: broken(
        (p) =>
          overCap(p.reservedMicros, p.spentMicros, p.capMicros) ||
          overCap(p.ledgerReservedMicros, p.ledgerSpentMicros, p.capMicros),
      ),
      ledger_adds_up: broken(
        (p) =>
          p.reservedMicros !== p.ledgerReservedMicros ||
          p.spentMicros !== p.ledgerSpentMicros ||
          p.wrongAuthorizations > 0,
      ),
      paid_exactly_once: proofs.reduce((sum, proof) => sum + proof.wrongPayments, 0),
      tasks_end_once: await endedOtherThanOnce(tx, campaignId),
      decisions_recompute: await decidedOtherwise(tx, campaignId),
      outbox_drained: await waitingTooLong(tx),
    };
  });
}

const within = (sql: Queryable, campaignId: string | undefined) =>
  campaignId === undefined ? sql`true` : sql`campaign_id = ${campaignId}`;

type Count = { n: number };

/** Answers without exactly one label, or that disagree with their assignment; assignments that lost their answer. */
async function storedOtherThanOnce(sql: Queryable, campaignId?: string): Promise<number> {
  return only(
    await sql<Count[]>`
      select count(*)::int as n
      from (select * from assignments where ${within(sql, campaignId)}) a
      full join (select * from annotations where ${within(sql, campaignId)}) n on n.assignment_id = a.id
      left join annotation_labels l on l.annotation_id = n.id
      where (n.id is null and a.state in ('submitted', 'late'))
        or (n.id is not null and (l.annotation_id is null
          or (a.state, a.task_id, a.annotator_id) is distinct from
            (case when n.counted then 'submitted' else 'late' end, n.task_id, n.annotator_id)))`,
  ).n;
}

/** Tasks with more live plus submitted leases than they allow, and slots that disagree with their one answer. */
async function redundancyBroken(sql: Queryable, campaignId?: string): Promise<number> {
  return only(
    await sql<Count[]>`
      select ((
        select count(*) from (
          select t.id from tasks t join assignments a on a.task_id = t.id and a.state in ('leased', 'submitted')
          where t.kind = 'work' and ${campaignId === undefined ? sql`true` : sql`t.campaign_id = ${campaignId}`}
          group by t.id, t.redundancy having count(*) > t.redundancy
        ) crowded
      ) + (
        select count(*) from (
          select s.task_id, s.slot_no from (select * from slots where ${within(sql, campaignId)}) s
          left join assignments a on a.task_id = s.task_id and a.slot_no = s.slot_no
          left join annotations n on n.assignment_id = a.id and n.counted
          group by s.task_id, s.slot_no, s.state, s.assignment_id, s.fence
          having count(n.id) <> case s.state when 'submitted' then 1 else 0 end
            or (s.state = 'leased' and count(*) filter (
              where a.id = s.assignment_id and a.fence = s.fence and a.state = 'leased') <> 1)
        ) mismatched
      ))::int as n`,
  ).n;
}

/** Tasks that one annotator holds or has answered more than once. */
async function answeredTwice(sql: Queryable, campaignId?: string): Promise<number> {
  return only(
    await sql<Count[]>`
      select ((
        select count(*) from (
          select from assignments where ${within(sql, campaignId)} group by task_id, annotator_id having count(*) > 1) a
      ) + (
        select count(*) from (
          select from annotations where ${within(sql, campaignId)} group by task_id, annotator_id having count(*) > 1) n
      ))::int as n`,
  ).n;
}

/**
 * Ended tasks without exactly one first decision, with a revision missing or in another state than their newest one;
 * open ones with a decision, unless they were opened again, which are without one otherwise; a first decision of
 * another state where a task never was; and campaigns that left some open.
 */
async function endedOtherThanOnce(sql: Queryable, campaignId?: string): Promise<number> {
  return only(
    await sql<Count[]>`
      select count(*)::int as n from (
        select t.id
        from (select * from tasks where kind = 'work' and ${within(sql, campaignId)}) t
        join campaigns c on c.id = t.campaign_id
        left join decisions d on d.task_id = t.id
        group by t.id, t.state, t.closed_at, t.reopened, c.state
        having case when t.state in ('planned', 'open', 'adjudicating')
          then (count(d.id) > 0) <> (t.reopened > 0) or t.closed_at is not null or c.state in ('finished', 'stopped')
          else count(d.id) filter (where d.revision = 1) <> 1 or count(d.id) <> max(d.revision)
            or t.closed_at is null or (t.reopened = 0 and bool_or(d.revision = 1 and d.state <> t.state))
            or (array_agg(d.state order by d.revision desc))[1] <> t.state
          end
      ) wrong`,
  ).n;
}

/** Decisions whose stored evidence does not lead to the stored result again, byte for byte. */
async function decidedOtherwise(sql: Queryable, campaignId?: string): Promise<number> {
  let wrong = 0;
  const rows = sql<{ state: string; label: unknown; confidence: number; evidence: Evidence }[]>`
    select state, label, confidence::float8 as confidence, evidence
    from decisions where ${within(sql, campaignId)} order by id`.cursor(500);
  for await (const batch of rows) wrong += batch.filter((row) => !asStored(row)).length;
  return wrong;
}

type Evidence = { result?: { label?: unknown; confidence?: number } };

function asStored(row: { state: string; label: unknown; confidence: number; evidence: Evidence }): boolean {
  if (!recomputes(row.evidence)) return false;
  // The other states have their label from a ruling, or none.
  if (row.state !== 'decided') return true;
  const { label, confidence } = row.evidence.result ?? {};
  return confidence === row.confidence && canonicalJson(label ?? null) === canonicalJson(row.label);
}

/** Messages that wait for longer than a minute. */
async function waitingTooLong(sql: Queryable): Promise<number> {
  return only(await sql<Count[]>`select count(*)::int as n from outbox where created_at < now() - interval '1 minute'`)
    .n;
}
