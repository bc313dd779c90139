import { QuorateError } from '../../domain/failures.ts';
import { type Db, only, type Queryable, type Tx } from '../client.ts';
import { freeing, lockRooms, reserving } from './limits.ts';
import { lockBudget, orderOf, requireRoomForBonus } from './money.ts';
import { writeOutbox } from './outbox.ts';
import { reportIncident } from './vendor-orders.ts';

/** Something on top for an annotator, and who gives it. */
export interface Bonus {
  readonly campaignId: string;
  readonly annotatorId: string;
  readonly amountMicros: bigint;
  readonly reason: string;
  readonly by: string;
}

/**
 * Asks for a bonus to a vendor's worker: reserves it, and has the order of their newest answer in the campaign pay it
 * through the vendor. The caller holds the campaign's budget. Throws budget_exceeded without room, conflict where they have
 * answered nothing yet.
 */
export async function askVendorBonus(tx: Tx, given: Bonus & { readonly id: string }): Promise<string> {
  const { id, campaignId, annotatorId, amountMicros } = given;
  const [answer] = await tx<{ responseId: string; annotationId: string; orderId: string }[]>`
    select r.id as "responseId", n.id as "annotationId", u.order_id as "orderId"
    from annotations n join vendor_responses r on r.annotation_id = n.id join vendor_units u on u.id = r.unit_id
    where n.annotator_id = ${annotatorId} and n.campaign_id = ${campaignId} and r.state in ('counted', 'late')
    order by n.id desc limit 1`;
  if (!answer)
    throw new QuorateError('conflict', 'The worker has answered nothing in this campaign to be thanked for.');
  await requireRoomForBonus(tx, given);
  await tx`
    insert into pay_adjustments (id, campaign_id, annotator_id, annotation_id, kind, amount_micros, reason, state, proposed_by)
    values (${id}, ${campaignId}, ${annotatorId}, ${answer.annotationId}, 'bonus', ${amountMicros}, ${given.reason},
      'proposed', ${given.by})`;
  await book(tx, { id, campaignId, annotatorId, amountMicros }, 'reserve');
  await tx`update budgets set ${reserving(tx, amountMicros)} where campaign_id = ${campaignId}`;
  await tx`
    insert into vendor_bonuses (id, response_id, key, amount_micros, reason)
    values (${id}, ${answer.responseId}, ${`quorate-bonus-${id}`}, ${amountMicros}, ${given.reason})`;
  await writeOutbox(tx, [{ kind: 'signal_order', targetId: answer.orderId, message: 'orderChanged', payload: {} }]);
  return id;
}

export const VENDOR_BONUS_STATES = ['intent', 'sending', 'paid', 'refused', 'ambiguous'] as const;
export type VendorBonusState = (typeof VENDOR_BONUS_STATES)[number];

interface BonusRow {
  readonly id: string;
  readonly state: VendorBonusState;
  readonly key: string;
  readonly amountMicros: bigint;
  readonly reason: string;
  readonly unitId: string;
  readonly responseKey: string;
  readonly workerId: string;
}

/** Bonuses of an order that are still to be paid, or whose payment was begun and not noted. */
export async function openBonuses(sql: Queryable, orderId: string): Promise<BonusRow[]> {
  return sql<BonusRow[]>`
    select b.id, b.state, b.key, b.amount_micros as "amountMicros", b.reason, u.id as "unitId",
      r.response_key as "responseKey", r.worker_id as "workerId"
    from vendor_units u join vendor_responses r on r.unit_id = u.id join vendor_bonuses b on b.response_id = r.id
    where u.order_id = ${orderId} and b.state in ('intent', 'sending') order by b.id`;
}

/** How many other bonuses to the same answer, as large as this one, are paid or may be. */
export async function othersAlike(sql: Queryable, id: string): Promise<number> {
  const rows = await sql<{ others: number }[]>`
    select count(*)::int as others from vendor_bonuses b join vendor_bonuses o
      on o.response_id = b.response_id and o.amount_micros = b.amount_micros and o.id <> b.id
    where b.id = ${id} and o.state in ('paid', 'sending', 'ambiguous')`;
  return only(rows).others;
}

/**
 * Notes that a bonus is about to be sent, and reserves what the vendor charges on top of it, once: the fee stays what it was
 * at the first attempt. `known` where somebody has noted it before, `no_room` where the budget has none for the fee, `over` where it
 * was settled meanwhile.
 */
export async function beginBonus(
  db: Db,
  bonus: { id: string; feeMicros: bigint },
): Promise<'begun' | 'known' | 'no_room' | 'over'> {
  const { id, feeMicros } = bonus;
  return db.begin(async (tx) => {
    const row = await openBonus(tx, id);
    const [begun] = await tx<{ reserved: boolean }[]>`
      select fee_micros is not null as reserved from vendor_bonuses where id = ${id} and state = 'intent'`;
    if (!row) return 'over';
    if (!begun) return 'known';
    if (!begun.reserved && feeMicros > 0n) {
      const { cappedMicros } = await lockRooms(tx, row.campaignId);
      if (feeMicros > cappedMicros) return 'no_room';
      await book(tx, { ...row, amountMicros: feeMicros }, 'reserve', FEE);
      await tx`update budgets set ${reserving(tx, feeMicros)} where campaign_id = ${row.campaignId}`;
    }
    await tx`
      update vendor_bonuses set state = 'sending', fee_micros = coalesce(fee_micros, ${feeMicros}) where id = ${id}`;
    return 'begun';
  });
}

/** The vendor has done nothing with it: it may be sent again. */
export async function takeBackBonus(sql: Queryable, id: string): Promise<void> {
  await sql`update vendor_bonuses set state = 'intent' where id = ${id} and state = 'sending'`;
}

/** Books what became of a bonus: paid, or refused, which frees its money. Once; a repeat changes nothing. */
export async function settleBonus(
  tx: Tx,
  bonus: { id: string; outcome: 'paid' | 'refused'; detail: string; by?: string },
): Promise<void> {
  const row = await openBonus(tx, bonus.id);
  if (!row) return;
  const { outcome, detail } = bonus;
  const { campaignId, amountMicros } = row;
  await lockBudget(tx, campaignId);
  const { feeMicros } = only(
    await tx<{ feeMicros: bigint }[]>`
      select coalesce(fee_micros, 0)::bigint as "feeMicros" from vendor_bonuses where id = ${row.id}`,
  );
  await book(tx, row, outcome === 'paid' ? 'bonus' : 'release');
  if (feeMicros > 0n) await book(tx, { ...row, amountMicros: feeMicros }, outcome === 'paid' ? 'fee' : 'release', FEE);
  const held = amountMicros + feeMicros;
  const spent = outcome === 'paid' ? held : 0n;
  await tx`
    update budgets b set reserved_micros = reserved_micros - ${held}, spent_micros = spent_micros + ${spent},
      ${freeing(tx, tx`${held - spent}::bigint`, tx`j.created_at`)}
    from pay_adjustments j where j.id = ${row.id} and b.campaign_id = ${campaignId}`;
  await tx`
    update pay_adjustments set state = ${outcome === 'paid' ? 'applied' : 'dismissed'}, note = ${detail},
      reviewed_by = ${bonus.by ?? null}, reviewed_at = now()
    where id = ${row.id}`;
  await tx`update vendor_bonuses set state = ${outcome}, detail = ${detail} where id = ${row.id}`;
  // A later attempt may have asked a person by then.
  await tx`update vendor_incidents set resolved_at = now() where key = ${`bonus:${row.id}`} and resolved_at is null`;
}

/** Nobody knows whether a bonus was paid: it is never sent again, and a person finds out. */
export async function askAboutBonus(db: Db, bonus: BonusRow & { orderId: string; vendor: string }): Promise<void> {
  await db.begin(async (tx) => {
    const detail = `Whether ${bonus.vendor} has paid the bonus ${bonus.key} is not known; look there, and rule on the adjustment.`;
    const asked = await tx`
      update vendor_bonuses set state = 'ambiguous', detail = ${detail} where id = ${bonus.id} and state = 'sending' returning id`;
    if (asked.length === 0) return;
    const { orderId, workerId, responseKey, amountMicros, key } = bonus;
    const evidence = { adjustmentId: bonus.id, key, workerId, responseKey, amountMicros: `${amountMicros}` };
    await reportIncident(tx, { orderId, kind: 'bonus_ambiguous', key: `bonus:${bonus.id}`, detail, evidence });
  });
}

/** A person has found out what became of a bonus, or takes back one that was not sent yet. */
export async function ruleOnBonus(
  tx: Tx,
  ruling: { id: string; verdict: 'applied' | 'dismissed'; note: string; by: string },
): Promise<void> {
  // Whoever sends it locks the adjustment, too.
  await openBonus(tx, ruling.id);
  const [bonus] = await tx<{ state: string }[]>`select state from vendor_bonuses where id = ${ruling.id}`;
  if (!bonus) {
    throw new QuorateError('conflict', 'The bonus is owed, and paid as soon as the campaign has money for it.');
  }
  const unsent = bonus.state === 'intent' && ruling.verdict === 'dismissed';
  if (bonus.state !== 'ambiguous' && !unsent) {
    const message =
      bonus.state === 'intent'
        ? 'The bonus has not been sent to the vendor: it can be dismissed, and is not known to be paid.'
        : 'The bonus is on its way to the vendor; only one whose outcome is not known is ruled on.';
    throw new QuorateError('conflict', message);
  }
  const outcome = ruling.verdict === 'applied' ? 'paid' : 'refused';
  await settleBonus(tx, { id: ruling.id, outcome, detail: ruling.note, by: ruling.by });
}

interface OpenBonus {
  readonly id: string;
  readonly campaignId: string;
  readonly annotatorId: string;
  readonly amountMicros: bigint;
}

/** A bonus that nobody has settled, locked: before the budget, whoever takes both. */
async function openBonus(tx: Tx, id: string): Promise<OpenBonus | undefined> {
  const [row] = await tx<OpenBonus[]>`
    select id, campaign_id as "campaignId", annotator_id as "annotatorId", amount_micros as "amountMicros"
    from pay_adjustments where id = ${id} and kind = 'bonus' and state = 'proposed' for update`;
  return row;
}

/** Ends the key of what is reserved for the vendor's fee: entries of their own, as the worker gets the bonus alone. */
const FEE = ':fee';

async function book(
  tx: Tx,
  bonus: OpenBonus,
  kind: 'reserve' | 'bonus' | 'fee' | 'release',
  what: '' | typeof FEE = '',
): Promise<void> {
  const key = kind === 'fee' ? `fee:${bonus.id}` : `${kind}:${bonus.id}${what}`;
  await tx`
    insert into ledger (campaign_id, kind, payee, amount_micros, key, adjustment_id, annotator_id, order_id)
    select ${bonus.campaignId}, ${kind}, ${kind === 'fee' ? 'platform' : 'vendor'}, ${bonus.amountMicros}, ${key}, a.id,
      a.annotator_id, ${orderOf(tx, tx`a.annotation_id`)}
    from pay_adjustments a where a.id = ${bonus.id}`;
}
