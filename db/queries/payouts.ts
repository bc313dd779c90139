import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Period } from '../../domain/books/period.ts';
import { QuorateError } from '../../domain/failures.ts';
import { type BankLine, bankFile, referenceOf } from '../../domain/payouts/bank-file.ts';
import { collectPayments } from '../../domain/payouts/collect.ts';
import { refuseApproval, refuseBeginning, takesTwo } from '../../domain/payouts/four-eyes.ts';
import type { PayoutFacts } from '../../domain/payouts/steps.ts';
import { isPaidOnAcceptance } from '../../domain/vendors/paying.ts';
import { type Db, json, only, type Queryable, type Tx } from '../client.ts';
import type { PayoutRunState, Role } from '../schema/states.ts';
import { writeOutbox } from './outbox.ts';
import { heldBack, payableNow } from './payables.ts';
import { type Actor, isNobody, noteAct, peopleWith } from './payout-acts.ts';
import { linkEntries, releaseEntries } from './settlements.ts';

const VENDOR = 'vendor:';

/** Has the run's workflow look at it, starting it where it does not run. */
export const wakeRun = (tx: Tx, runId: string) =>
  writeOutbox(tx, [{ kind: 'signal_payout', targetId: runId, message: 'payoutChanged', payload: {} }]);

/**
 * Begins the run of a month that has ended; the same again finds the one that was begun.
 *
 * @param given `roles`: those that may approve it
 */
export async function startRun(
  db: Db,
  given: {
    organisationId: string;
    period: Period;
    leastMicros: bigint;
    by: Actor;
    roles: readonly Role[];
    now: Date;
  },
): Promise<{ id: string; fresh: boolean }> {
  const { organisationId, period, by } = given;
  if (period.endsAt > given.now) {
    throw new QuorateError('conflict', `${period.name} has not ended; what it comes to is not known yet.`, {
      field: 'period',
    });
  }
  return db.begin(async (tx) => {
    const id = uuidv7();
    const made = await tx`
      insert into payout_runs (id, organisation_id, period, ends_at, least_micros, started_by)
      values (${id}, ${organisationId}, ${period.name}, ${period.endsAt}, ${given.leastMicros}, ${by.personId})
      on conflict (organisation_id, period) where state <> 'cancelled' do nothing returning 1`;
    if (made.length > 0) {
      const refusal = refuseBeginning({ approvers: await peopleWith(tx, given), personId: by.personId });
      if (refusal !== undefined) throw new QuorateError('forbidden', refusal);
      await noteAct(tx, { runId: id, act: 'begun', by });
      await wakeRun(tx, id);
      return { id, fresh: true };
    }
    const known = await tx<{ id: string }[]>`
      select id from payout_runs
      where organisation_id = ${organisationId} and period = ${period.name} and state <> 'cancelled'`;
    return { id: only(known).id, fresh: false };
  });
}

/** What the run's workflow goes by. */
export async function payoutFacts(sql: Queryable, runId: string): Promise<PayoutFacts | undefined> {
  const [row] = await sql<PayoutFacts[]>`
    select r.state, (extract(epoch from r.frozen_at) * 1000)::float8 as "frozenAtMs",
      (extract(epoch from r.exported_at) * 1000)::float8 as "exportedAtMs", count(i.id)::int as items,
      count(i.id) filter (where i.state = 'sent')::int as sent,
      count(i.id) filter (where i.state = 'ambiguous')::int as ambiguous,
      coalesce(array_agg(i.id order by i.id) filter (where i.state = 'sent' and i.settles), '{}') as unsettled
    from payout_runs r left join payout_items i on i.run_id = r.id
    where r.id = ${runId} group by r.id`;
  return row;
}

/** Locks a run; no other act of it, and no other collection or deduction of its organisation, is under way meanwhile. */
async function lockRun(tx: Tx, runId: string): Promise<LockedRun | undefined> {
  const [row] = await tx<LockedRun[]>`
    select r.id, r.organisation_id as "organisationId", r.state, r.period, r.ends_at as "endsAt",
      r.least_micros as "leastMicros", r.started_by as "begunBy",
      ${isNobody(tx, tx`r.started_by`)} as "begunByNobody"
    from payout_runs r where r.id = ${runId} for update of r`;
  if (row) await lockPay(tx, row.organisationId);
  return row;
}

interface LockedRun {
  readonly id: string;
  readonly organisationId: string;
  readonly state: PayoutRunState;
  readonly period: string;
  readonly endsAt: Date;
  readonly leastMicros: bigint;
  readonly begunBy: string;
  /** With a key that stands for no person. */
  readonly begunByNobody: boolean;
}

/** Whoever takes money out of what an organisation owes does so one after the other. */
export async function lockPay(tx: Tx, organisationId: string): Promise<void> {
  await tx`select 1 from organisations where id = ${organisationId} for no key update`;
}

/**
 * Collects what is owed for the period and freezes it: each payment is stored and booked as paid out, in one transaction,
 * before anything leaves. Once; a repeat finds it done.
 */
export async function collectRun(db: Db, runId: string): Promise<void> {
  await db.begin(async (tx) => {
    // A month of a large organisation takes its time, in the statements and between them.
    await tx`select set_config('lock_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`;
    const run = await lockRun(tx, runId);
    if (run?.state !== 'collecting') return;
    const owed = await payableNow(tx, { organisationId: run.organisationId, before: run.endsAt });
    const accounts = await accountsOf(tx, run.organisationId);
    const held = await heldBack(tx, run.organisationId);
    const isPayable = (recipient: string) => recipient.startsWith(VENDOR) || accounts.has(recipient);
    const all = collectPayments(owed, held, run.leastMicros);
    const missing = all.filter(({ recipient }) => !isPayable(recipient));
    const items = all
      .filter(({ recipient }) => isPayable(recipient))
      .map(({ recipient, amountMicros, parts }) => {
        const id = uuidv7();
        const vendor = recipient.startsWith(VENDOR) ? recipient.slice(VENDOR.length) : undefined;
        const account = accounts.get(recipient);
        return {
          ...{ id, recipient, amount: String(amountMicros), reference: referenceOf(id) },
          ...{ channel: vendor ?? 'bank', annotator: vendor === undefined ? recipient : null },
          settles: vendor !== undefined && isPaidOnAcceptance(vendor),
          ...{ holder: account?.holder ?? null, account: account?.account ?? null, bic: account?.bic ?? null },
          parts: parts.map((part) => ({
            item: id,
            campaign: part.campaignId,
            payee: part.payee,
            amount: String(part.amountMicros),
          })),
        };
      });
    await tx`
      insert into payout_items (id, run_id, organisation_id, period, recipient, channel, settles, annotator_id,
        amount_micros, reference, holder, account, bic)
      select id, ${runId}, ${run.organisationId}, ${run.period}, recipient, channel, settles, annotator, amount, reference,
        holder, account, bic
      from jsonb_to_recordset(${json(tx, items)}) as g(id uuid, recipient text, channel text, settles boolean,
        annotator uuid, amount bigint, reference text, holder text, account text, bic text)`;
    const parts = items.flatMap((item) => item.parts);
    await tx`
      insert into ledger (campaign_id, kind, payee, amount_micros, key, payout_item_id, annotator_id)
      select g.campaign, 'payout', g.payee, g.amount,
        'payout:' || i.id || ':' || g.campaign || case g.payee when 'platform' then ':fee' else '' end, i.id, i.annotator_id
      from jsonb_to_recordset(${json(tx, parts)}) as g(item uuid, campaign uuid, payee text, amount bigint)
      join payout_items i on i.id = g.item`;
    await linkEntries(tx, run);
    const left = missing.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
    await tx`
      update payout_runs set state = 'frozen', frozen_at = now(), without_account = ${missing.length},
        without_account_micros = ${left}
      where id = ${runId}`;
  });
}

async function accountsOf(tx: Tx, organisationId: string) {
  const rows = await tx<{ id: string; holder: string; account: string; bic: string | null }[]>`
    select p.annotator_id as id, p.holder, p.account, p.bic
    from payout_accounts p join annotators w on w.id = p.annotator_id where w.organisation_id = ${organisationId}`;
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * A person lets a frozen run go out: another than who began it, where two or more may.
 *
 * @param given `roles`: those that may approve it
 */
export async function approveRun(db: Db, given: { runId: string; by: Actor; roles: readonly Role[] }): Promise<void> {
  const { runId, by, roles } = given;
  await db.begin(async (tx) => {
    const run = await lockRun(tx, runId);
    // Asked again, as it does not go on: its workflow may be gone.
    if (run?.state === 'approved') await wakeRun(tx, runId);
    if (run?.state === 'approved' || run?.state === 'exported' || run?.state === 'closed') return;
    if (run?.state !== 'frozen') throw wrongState('approved', run?.state, 'It has to be frozen.');
    const approvers = await peopleWith(tx, { organisationId: run.organisationId, roles });
    const refusal = refuseApproval({ ...run, approvers, personId: by.personId });
    if (refusal !== undefined) throw new QuorateError('conflict', refusal);
    await tx`
      update payout_runs set state = 'approved', approved_by = ${by.personId}, four_eyes = ${takesTwo(approvers)}
      where id = ${runId}`;
    await noteAct(tx, { runId, act: 'approved', by });
    await wakeRun(tx, runId);
  });
}

/** Marks all of an approved run as sent, and fixes the bank's file. Once; what comes after reads the same bytes. */
export async function exportRun(db: Db, runId: string): Promise<void> {
  await db.begin(async (tx) => {
    const run = await lockRun(tx, runId);
    if (run?.state !== 'approved') return;
    const digest = createHash('sha256')
      .update(bankFile(await bankLines(tx, runId), run.period))
      .digest('hex');
    await tx`update payout_items set state = 'sent', updated_at = now() where run_id = ${runId} and state = 'frozen'`;
    await tx`update payout_runs set state = 'exported', exported_at = now(), digest = ${digest} where id = ${runId}`;
  });
}

const bankLines = (sql: Queryable, runId: string) => sql<BankLine[]>`
  select reference, holder, account, bic, amount_micros as "amountMicros"
  from payout_items where run_id = ${runId} and channel = 'bank' order by reference`;

/** The bank's file of an exported run; the same bytes at every call, or an error. */
export async function bankFileOf(sql: Queryable, runId: string): Promise<{ text: string; period: string } | undefined> {
  const [run] = await sql<{ period: string; digest: string | null }[]>`
    select period, digest from payout_runs where id = ${runId}`;
  if (!run?.digest) return undefined;
  const text = bankFile(await bankLines(sql, runId), run.period);
  if (createHash('sha256').update(text).digest('hex') !== run.digest) {
    throw new Error(`The payments of run ${runId} are no longer those that were exported.`);
  }
  return { text, period: run.period };
}

/**
 * Takes a run back before it is approved: everything is owed again. Where no person does so but its time is over, an
 * approval that came first stands.
 */
export async function cancelRun(
  db: Db,
  given: { runId: string; reason: string } & ({ by: Actor } | { overdue: true }),
): Promise<void> {
  await db.begin(async (tx) => {
    const run = await lockRun(tx, given.runId);
    if (run?.state === 'cancelled') return;
    if ('overdue' in given && run && run.state !== 'frozen') return;
    if (run?.state !== 'frozen' && run?.state !== 'collecting') {
      throw wrongState('taken back', run?.state, 'Payments may be under way.');
    }
    const items = await tx<{ id: string }[]>`
      update payout_items set state = 'cancelled', updated_at = now() where run_id = ${given.runId} returning id`;
    await bookFailed(
      tx,
      items.map(({ id }) => id),
    );
    await tx`update payout_runs set state = 'cancelled', closed_at = now(), note = ${given.reason} where id = ${given.runId}`;
    if ('by' in given) await noteAct(tx, { runId: given.runId, act: 'cancelled', by: given.by, note: given.reason });
    await wakeRun(tx, given.runId);
  });
}

/** Books that payments did not arrive: what they were for, or what is left of it, is owed again. */
export async function bookFailed(tx: Tx, itemIds: readonly string[]): Promise<void> {
  if (itemIds.length === 0) return;
  await bookLacking(tx, itemIds, null);
  await releaseEntries(tx, itemIds);
}

/**
 * Books that so much of each payment did not arrive, or all that has not been booked so before (`null`): of its parts, the last
 * first.
 */
export async function bookLacking(tx: Tx, itemIds: readonly string[], lackingMicros: bigint | null): Promise<void> {
  await tx`
    with parts as (
      select l.*, coalesce(before.micros, 0) as failed_micros, coalesce(before.times, 0) as times
      from ledger l
      left join lateral (
        select sum(f.amount_micros) as micros, count(*) as times from ledger f
        where f.payout_item_id = l.payout_item_id and f.kind = 'payout_failed' and f.campaign_id = l.campaign_id
          and f.payee = l.payee
      ) before on true
      where l.payout_item_id = any(${itemIds as string[]}::uuid[]) and l.kind = 'payout'
    ), lacking as (
      select parts.*, least(amount_micros - failed_micros, ${lackingMicros}::bigint - coalesce(
        sum(amount_micros - failed_micros) over (partition by payout_item_id order by id desc rows between unbounded preceding and 1 preceding), 0)) as micros
      from parts
    )
    insert into ledger (campaign_id, kind, payee, amount_micros, key, payout_item_id, annotator_id)
    select campaign_id, 'payout_failed', payee, micros,
      replace(key, 'payout:', 'payout_failed:') || case times when 0 then '' else ':' || times + 1 end, payout_item_id, annotator_id
    from lacking where micros > 0 order by id`;
}

/** What no report has named in time, and no vendor could be asked about, is for a person to find out. */
export async function askPerson(db: Db, runId: string): Promise<void> {
  await db`
    update payout_items set state = 'ambiguous', updated_at = now(), note = case
      when settles then channel || ' could not be asked about all of its answers.' else 'No report has named it.' end
    where run_id = ${runId} and state = 'sent'`;
}

/** What of a payment `i` is booked as not arrived. */
export const failedOf = (sql: Queryable) => sql`(
  select coalesce(sum(l.amount_micros), 0) from ledger l where l.payout_item_id = i.id and l.kind = 'payout_failed'
)`;

/** What a payment `i` sends: of one that arrived in part that part, as the rest is owed again. */
export const sentOf = (sql: Queryable) =>
  sql`case i.state when 'paid' then coalesce(i.reported_micros, i.amount_micros) else i.amount_micros end`;

/** Ends a run whose payments all have an outcome, and whose report and books differ by nothing. */
export async function closeRun(db: Db, runId: string): Promise<void> {
  await db`
    update payout_runs r set state = 'closed', closed_at = now()
    where id = ${runId} and state in ('frozen', 'exported')
      and not exists (
        select from payout_items i where i.run_id = r.id and (i.state not in ('paid', 'failed', 'cancelled')
          or (i.state = 'paid' and i.reported_micros is distinct from i.amount_micros - ${failedOf(db)}))
      )`;
}

export function wrongState(what: string, state: string | undefined, why: string): QuorateError {
  if (state === undefined) return new QuorateError('not_found', 'There is no such payout run.');
  return new QuorateError('conflict', `The run is ${state} and cannot be ${what}. ${why}`);
}
