import { v7 as uuidv7 } from 'uuid';
import { QuorateError } from '../../domain/failures.ts';
import { formatUsd } from '../../domain/money.ts';
import { refuseProposal, refuseReview } from '../../domain/payouts/four-eyes.ts';
import { type Db, only, type Queryable, type Tx } from '../client.ts';
import type { AdjustmentState, PayoutItemState, Role } from '../schema/states.ts';
import { signsIn } from './annotators.ts';
import { bookBonus, lockBudget, orderOf, requireRoomForBonus } from './money.ts';
import { floorIn, lockFloors } from './pay-floors.ts';
import { deductedParts, HELD_DAYS, unpaidOf } from './payables.ts';
import { isNobody, peopleWith } from './payout-acts.ts';
import { lockPay, sentOf } from './payouts.ts';
import type { Part } from './queue.ts';
import { askVendorBonus, type Bonus, ruleOnBonus, type VendorBonusState } from './vendor-bonuses.ts';

const DAY_MS = 24 * 3600 * 1000;

export interface AdjustmentRow {
  readonly id: string;
  readonly campaignId: string;
  readonly annotatorId: string;
  readonly annotationId: string | null;
  readonly kind: 'bonus' | 'deduction';
  readonly amountMicros: bigint;
  readonly reason: string;
  readonly state: AdjustmentState;
  readonly createdAt: Date;
  readonly disputableUntil: Date | null;
  readonly statement: string | null;
  readonly reviewedAt: Date | null;
  readonly note: string | null;
}

/** How a bonus to a vendor's worker stands there. */
export interface VendorBonus {
  readonly vendor: string;
  readonly state: VendorBonusState;
  /** Under which the vendor was asked to pay. */
  readonly key: string;
  /** The worker and the answer, as the vendor names them. */
  readonly workerId: string;
  readonly responseKey: string;
  readonly detail: string | null;
  /** What the vendor charges on top, in micro-dollars; null before it is first sent. */
  readonly feeMicros: number | null;
}

const columns = (sql: Queryable) => sql`
  a.id, a.campaign_id as "campaignId", a.annotator_id as "annotatorId", a.annotation_id as "annotationId", a.kind,
  a.amount_micros as "amountMicros", a.reason, a.state, a.created_at as "createdAt",
  a.disputable_until as "disputableUntil", a.statement, a.reviewed_at as "reviewedAt", a.note`;

/** An adjustment as it is listed: with whom, which campaign and which task it is about. */
export type ListedAdjustment = AdjustmentRow & {
  readonly annotator: string;
  readonly campaign: string;
  /** Of its answer; null of what is about none. */
  readonly taskId: string | null;
  readonly vendorBonus: VendorBonus | null;
};

/** Adjustments of an organisation, or of one annotator, newest first; bonuses to vendors' workers with what is known of them. */
export async function listAdjustments(
  sql: Queryable,
  of: {
    organisationId: string;
    annotatorId?: string | undefined;
    id?: string;
    cursor?: string | undefined;
    limit: number;
  },
): Promise<ListedAdjustment[]> {
  return sql<ListedAdjustment[]>`
    select ${columns(sql)}, w.name as annotator, c.settings ->> 'name' as campaign, n.task_id as "taskId", case when b.id is not null then jsonb_build_object('vendor', u.vendor, 'state', b.state,
      'key', b.key, 'feeMicros', b.fee_micros, 'workerId', r.worker_id, 'responseKey', r.response_key, 'detail', b.detail) end as "vendorBonus"
    from pay_adjustments a join campaigns c on c.id = a.campaign_id join annotators w on w.id = a.annotator_id
      left join annotations n on n.id = a.annotation_id left join vendor_bonuses b on b.id = a.id left join vendor_responses r on r.id = b.response_id
      left join vendor_units u on u.id = r.unit_id
    where c.organisation_id = ${of.organisationId}
      and ${of.annotatorId === undefined ? sql`true` : sql`a.annotator_id = ${of.annotatorId}`}
      and ${of.id === undefined ? sql`true` : sql`a.id = ${of.id}`}
      and ${of.cursor === undefined ? sql`true` : sql`a.id < ${of.cursor}`}
    order by a.id desc limit ${of.limit}`;
}

/**
 * Pays something on top, from what the campaign has free; to a vendor's worker through the vendor. Once for each `id`: a
 * repeat finds it done. Throws budget_exceeded where less is free.
 */
export async function giveBonus(db: Db, { id = uuidv7(), ...bonus }: Bonus & { id?: string }): Promise<string> {
  const given = { ...bonus, id };
  const { campaignId, annotatorId } = given;
  return db.begin(async (tx) => {
    const [annotator] = await tx<{ kind: string }[]>`
      select w.kind from annotators w join campaigns c on c.organisation_id = w.organisation_id
      where w.id = ${annotatorId} and c.id = ${campaignId}`;
    if (!annotator) throw new QuorateError('not_found', `There is no annotator ${annotatorId}.`);
    // Two of one id wait for each other here.
    await lockBudget(tx, campaignId);
    if ((await tx`select 1 from pay_adjustments where id = ${id}`).length > 0) return id;
    if (annotator.kind === 'vendor') return askVendorBonus(tx, given);
    if (annotator.kind !== 'person') throw new QuorateError('conflict', 'A bonus is for people; a judge gets none.');
    await requireRoomForBonus(tx, given);
    await storeBonus(tx, given);
    return id;
  });
}

/**
 * Stores a person's bonus, for an answer where there is one, and books it, or has it owed until there is room for it. The caller
 * knows which, and holds the room.
 */
export async function storeBonus(
  tx: Tx,
  bonus: Bonus & { id: string; annotationId?: string; isOwed?: boolean },
): Promise<void> {
  const { id, campaignId, annotatorId, annotationId = null, amountMicros, isOwed = false } = bonus;
  await tx`
    insert into pay_adjustments (id, campaign_id, annotator_id, annotation_id, kind, amount_micros, reason, state,
      proposed_by)
    values (${id}, ${campaignId}, ${annotatorId}, ${annotationId}, 'bonus', ${amountMicros}, ${bonus.reason},
      ${isOwed ? 'proposed' : 'applied'}, ${bonus.by})`;
  if (!isOwed) await bookBonus(tx, bonus);
}

/**
 * Proposes to take back (part of) what a person was paid for an answer, or all that is booked for one whose worker its
 * vendor does not pay. Nothing is taken before a second person has reviewed it. Once for each `id`.
 *
 * @param given `roles`: those that may review it
 */
export async function proposeDeduction(
  db: Db,
  given: {
    id?: string;
    annotationId: string;
    organisationId: string;
    amountMicros: bigint | undefined;
    reason: string;
    by: string;
    roles: readonly Role[];
    disputableUntil: Date;
  },
): Promise<string> {
  return db.begin(async (tx) => {
    const refusal = refuseProposal({ reviewers: await peopleWith(tx, given), personId: given.by });
    if (refusal !== undefined) throw new QuorateError('forbidden', refusal);
    // What a run that collects just now pays out has left when this goes on.
    await lockPay(tx, given.organisationId);
    const [answer] = await tx<
      {
        campaignId: string;
        annotatorId: string;
        priceMicros: bigint;
        payState: string;
        kind: string;
        refused: boolean;
      }[]
    >`
      select n.campaign_id as "campaignId", n.annotator_id as "annotatorId", n.price_micros as "priceMicros",
        n.pay_state as "payState", w.kind, ${isRefused(tx)} as refused
      from annotations n join campaigns c on c.id = n.campaign_id join annotators w on w.id = n.annotator_id
      where n.id = ${given.annotationId} and c.organisation_id = ${given.organisationId}`;
    if (!answer) throw new QuorateError('not_found', `There is no answer ${given.annotationId}.`);
    if ((answer.kind !== 'person' && !answer.refused) || answer.payState !== 'paid') {
      const message =
        'Only from what a person has been paid for an answer something can be taken, or where a vendor has refused to pay its worker.';
      throw new QuorateError('conflict', message);
    }
    const amountMicros = given.amountMicros ?? answer.priceMicros;
    if (answer.kind !== 'person' && amountMicros !== answer.priceMicros) {
      const message = `A vendor pays its worker for an answer or does not: the deduction is of all $${formatUsd(answer.priceMicros)}.`;
      throw new QuorateError('invalid_input', message, { field: 'amountUsd' });
    }
    if (amountMicros > answer.priceMicros || amountMicros <= 0n) {
      const message = `amountUsd is ${formatUsd(amountMicros)}; the answer was paid $${formatUsd(answer.priceMicros)}, and no more than that can be taken.`;
      throw new QuorateError('invalid_input', message, { field: 'amountUsd' });
    }
    const id = given.id ?? uuidv7();
    const known = () => tx`select 1 from pay_adjustments where id = ${id}`;
    // A repeat finds it done, whatever was paid out since.
    if ((await known()).length > 0) return id;
    const { ownMicros } = await unpaidOf(tx, { ...answer, annotationId: given.annotationId });
    if (ownMicros < amountMicros) throw new QuorateError('conflict', HAS_LEFT);
    await tx`
      insert into pay_adjustments (id, campaign_id, annotator_id, annotation_id, kind, amount_micros, reason, state,
        proposed_by, disputable_until)
      values (${id}, ${answer.campaignId}, ${answer.annotatorId}, ${given.annotationId}, 'deduction', ${amountMicros},
        ${given.reason}, 'proposed', ${given.by}, ${given.disputableUntil})
      on conflict do nothing`;
    if ((await known()).length === 0)
      throw new QuorateError('conflict', 'A deduction for this answer is on record already.');
    return id;
  });
}

/**
 * An annotator says why nothing should be taken. False when it is not theirs, or not open to that any more. Who signs in
 * does not say it by a key, which somebody else has made.
 */
export async function disputeDeduction(
  sql: Queryable,
  given: { id: string; annotatorId: string; statement: string; byKey?: boolean; now: Date },
): Promise<boolean> {
  if (given.byKey && (await signsIn(sql, given.annotatorId))) throw new QuorateError('forbidden', OWN_WORD);
  const rows = await sql`
    update pay_adjustments set statement = ${given.statement}, disputed_at = ${given.now}
    where id = ${given.id} and annotator_id = ${given.annotatorId} and state = 'proposed' and statement is null
      and ${given.now} < disputable_until
    returning 1`;
  return rows.length > 0;
}

/**
 * Rules on a proposed deduction, or on a vendor's bonus whose outcome is not known. A deduction that is applied is booked:
 * by another person than who proposed it, after the annotator had their say (signed in: a key is not sure to be theirs) or
 * the time for it, and only out of what has not been paid out.
 *
 * @param given `roles`: those that may review it
 */
export async function reviewDeduction(
  db: Db,
  given: {
    id: string;
    organisationId: string;
    verdict: 'applied' | 'dismissed';
    note: string;
    by: string;
    roles: readonly Role[];
    now: Date;
  },
): Promise<void> {
  await db.begin(async (tx) => {
    await lockPay(tx, given.organisationId);
    const [row] = await tx<(AdjustmentRow & { proposedBy: string; proposedByNobody: boolean })[]>`
      select ${columns(tx)}, a.proposed_by as "proposedBy",
        ${isNobody(tx, tx`a.proposed_by`)} as "proposedByNobody"
      from pay_adjustments a join campaigns c on c.id = a.campaign_id
      where a.id = ${given.id} and c.organisation_id = ${given.organisationId} for update of a`;
    if (!row) throw new QuorateError('not_found', `There is no adjustment ${given.id}.`);
    if (row.state !== 'proposed') throw new QuorateError('conflict', `The adjustment is ${row.state} already.`);
    if (row.kind === 'bonus') return ruleOnBonus(tx, given);
    if (given.verdict === 'applied') {
      const refusal = refuseReview({ ...row, reviewers: await peopleWith(tx, given), personId: given.by });
      if (refusal !== undefined) throw new QuorateError('conflict', refusal);
      const heard = row.statement !== null && (await signsIn(tx, row.annotatorId));
      if (!heard && row.disputableUntil && given.now < row.disputableUntil) {
        const until = row.disputableUntil.toISOString();
        throw new QuorateError(
          'conflict',
          `The annotator may say something until ${until}; before, it cannot be applied.`,
        );
      }
      await bookDeduction(tx, row, given.now);
    }
    await tx`
      update pay_adjustments set state = ${given.verdict}, reviewed_by = ${given.by}, reviewed_at = ${given.now},
        note = ${given.note}
      where id = ${given.id}`;
  });
}

/** Whether a vendor has refused to pay its worker for the answer `n`. */
const isRefused = (sql: Queryable) => sql`exists (
  select from vendor_responses r join payout_entries e on e.response_id = r.id and e.outcome = 'refused'
  where r.annotation_id = n.id
)`;

const HAS_LEFT = 'What the answer was paid has been paid out; money that has left is not taken back.';

async function bookDeduction(tx: Tx, row: AdjustmentRow, now: Date): Promise<void> {
  const { campaignId, annotatorId, annotationId, amountMicros, disputableUntil } = row;
  // Who pays out or deducts waits for the organisation's row; the budget, which answers wait for, is held only to book.
  const unpaid = await unpaidOf(tx, { annotationId: annotationId ?? '', annotatorId, campaignId });
  const isHeld = disputableUntil !== null && now.getTime() < disputableUntil.getTime() + HELD_DAYS * DAY_MS;
  // It was there when the deduction was proposed, and no run has paid it out while it was held back.
  if ((isHeld ? unpaid.owedMicros : unpaid.ownMicros) < amountMicros) throw new QuorateError('conflict', HAS_LEFT);
  await lockBudget(tx, campaignId);
  await tx`
    insert into ledger (campaign_id, kind, payee, amount_micros, key, adjustment_id, annotator_id, order_id)
    select a.campaign_id, 'deduction', part.payee, part.micros,
      'deduction:' || a.id || case part.payee when 'platform' then ':fee' else '' end, a.id, w.id, ${orderOf(tx, tx`n.id`)}
    from pay_adjustments a join annotators w on w.id = a.annotator_id join annotations n on n.id = a.annotation_id
      cross join lateral ${deductedParts(tx)}
    where a.id = ${row.id} and part.micros > 0`;
  await tx`update budgets set spent_micros = spent_micros - ${amountMicros} where campaign_id = ${campaignId}`;
}

export interface PayoutAccount {
  readonly holder: string;
  readonly account: string;
  readonly bic: string | null;
  /** The one whose floor holds. */
  readonly region: string | null;
  /** Another one, which an owner is to confirm. */
  readonly regionAsked: string | null;
}

/** Where an annotator's pay goes. */
export async function payoutAccountOf(sql: Queryable, annotatorId: string): Promise<PayoutAccount | undefined> {
  const [row] = await sql<PayoutAccount[]>`
    select p.holder, p.account, p.bic, w.region, w.region_asked as "regionAsked" from payout_accounts p join annotators w on w.id = p.annotator_id
    where p.annotator_id = ${annotatorId}`;
  return row;
}

const OWN_WORD = 'This annotator signs in: only they say this, signed in and not by an API key.';

/**
 * Says where an annotator's pay goes from the next run on, and in which region they work, which stays where nothing is
 * said of it. One with a higher floor than theirs, said by themselves, is only asked for: an owner confirms it (`ruleOnRegion`). A key of theirs, which somebody else has made, says it once; an owner (their `personId`) says it for those
 * who do not sign in.
 */
export async function setPayoutAccount(
  db: Db,
  annotatorId: string,
  given: Omit<PayoutAccount, 'region' | 'regionAsked'> & { readonly region?: string | null | undefined },
  by: 'themselves' | 'key' | { readonly personId: string } = 'themselves',
): Promise<PayoutAccount> {
  return db.begin(async (tx) => {
    await lockFloors(tx, tx`(select organisation_id from annotators where id = ${annotatorId})`, 'shared');
    const said = tx`${given.region ?? null}::text`;
    const floor = (region: Part) => tx`coalesce(${floorIn(tx, tx`w.organisation_id`, region)}, 0)`;
    const asks = typeof by === 'string' ? tx`${floor(said)} > ${floor(tx`w.region`)}` : tx`false`;
    const keeps = tx`${given.region === undefined}`;
    const { region, regionAsked } = only(
      await tx<{ region: string | null; regionAsked: string | null }[]>`
        update annotators w set region = case when ${keeps} or ${asks} then w.region else ${said} end,
          region_asked = case when ${keeps} then w.region_asked when ${asks} then ${said} end
        where id = ${annotatorId} returning region, region_asked as "regionAsked"`,
    );
    if (by !== 'themselves' && (await signsIn(tx, annotatorId))) throw new QuorateError('forbidden', OWN_WORD);
    if (by === 'key' && (await payoutAccountOf(tx, annotatorId))) {
      const message = 'An API key says where pay goes once, and this was said; an owner can change it.';
      throw new QuorateError('forbidden', message);
    }
    await tx`
      insert into payout_accounts (annotator_id, holder, account, bic)
      values (${annotatorId}, ${given.holder}, ${given.account}, ${given.bic})
      on conflict (annotator_id) do update set holder = excluded.holder, account = excluded.account, bic = excluded.bic,
        updated_at = now()`;
    await tx`
      insert into payout_account_changes (id, annotator_id, holder, account, bic, region, region_said, set_by)
      values (${uuidv7()}, ${annotatorId}, ${given.holder}, ${given.account}, ${given.bic}, ${region},
        ${given.region !== undefined}, ${typeof by === 'string' ? null : by.personId})`;
    return { holder: given.holder, account: given.account, bic: given.bic, region, regionAsked };
  });
}

export interface AskedRegion {
  /** The annotator's. */
  readonly id: string;
  readonly annotator: string;
  readonly region: string | null;
  readonly asked: string;
  readonly floorMicros: bigint | null;
  readonly askedFloorMicros: bigint | null;
}

/** Regions that annotators say they work in, with a higher floor than theirs, and that no owner has ruled on. */
export async function askedRegions(
  sql: Queryable,
  of: { organisationId: string; cursor?: string | undefined; limit: number },
): Promise<AskedRegion[]> {
  return sql<AskedRegion[]>`
    select w.id, w.name as annotator, w.region, w.region_asked as asked,
      ${floorIn(sql, sql`w.organisation_id`, sql`w.region`)} as "floorMicros",
      ${floorIn(sql, sql`w.organisation_id`, sql`w.region_asked`)} as "askedFloorMicros"
    from annotators w
    where w.organisation_id = ${of.organisationId} and w.region_asked is not null
      and ${of.cursor === undefined ? sql`true` : sql`w.id > ${of.cursor}`}
    order by w.id limit ${of.limit}`;
}

/** Confirms or refuses the region that an annotator asked for, as it was when that was read; false where it is another by now. */
export async function ruleOnRegion(
  db: Db,
  ruling: { annotatorId: string; region: string; confirmed: boolean; personId: string },
): Promise<boolean> {
  const { annotatorId, region, confirmed, personId } = ruling;
  return db.begin(async (tx) => {
    const done = await tx`
      update annotators set region = case when ${confirmed} then region_asked else region end, region_asked = null
      where id = ${annotatorId} and region_asked = ${region} returning id`;
    if (done.length === 0) return false;
    if (!confirmed) return true;
    await tx`
      insert into payout_account_changes (id, annotator_id, holder, account, bic, region, set_by)
      select ${uuidv7()}, annotator_id, holder, account, bic, ${region}, ${personId} from payout_accounts
      where annotator_id = ${annotatorId}`;
    return true;
  });
}

/** Where it was to go, newest first. */
export async function accountChanges(
  sql: Queryable,
  of: { annotatorId: string; cursor?: string | undefined; limit: number },
): Promise<(Omit<PayoutAccount, 'regionAsked'> & { readonly id: string; readonly at: Date })[]> {
  return sql<(Omit<PayoutAccount, 'regionAsked'> & { readonly id: string; readonly at: Date })[]>`
    select id, holder, account, bic, region, at from payout_account_changes
    where annotator_id = ${of.annotatorId} and ${of.cursor === undefined ? sql`true` : sql`id < ${of.cursor}`}
    order by id desc limit ${of.limit}`;
}

/** What a period's payout run sends an annotator, or has sent. */
export async function payoutsTo(
  sql: Queryable,
  of: { annotatorId: string; period: string },
): Promise<{ state: PayoutItemState; amountMicros: bigint; reference: string }[]> {
  return sql<{ state: PayoutItemState; amountMicros: bigint; reference: string }[]>`
    select state, ${sentOf(sql)} as "amountMicros", reference from payout_items i
    where annotator_id = ${of.annotatorId} and period = ${of.period} and state <> 'cancelled' order by id`;
}

/** Bonuses less deductions of an annotator that were booked in a period. */
export async function adjustedMicros(
  sql: Queryable,
  of: { annotatorId: string; startsAt: Date; endsAt: Date },
): Promise<bigint> {
  return only(
    await sql<{ micros: bigint }[]>`
      select coalesce(sum(case kind when 'bonus' then amount_micros else -amount_micros end), 0)::bigint as micros
      from ledger
      where annotator_id = ${of.annotatorId} and kind in ('bonus', 'deduction') and created_at >= ${of.startsAt}
        and created_at < ${of.endsAt}`,
  ).micros;
}
