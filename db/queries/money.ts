import { QuorateError } from '../../domain/failures.ts';
import { formatUsd, mostMicros } from '../../domain/money.ts';
import { type Db, only, type Queryable, sqlState, type Tx, violatedConstraint } from '../client.ts';
import { freeing, lockRooms, organisationOf, pacing } from './limits.ts';

export interface Budget {
  readonly capMicros: bigint;
  readonly reservedMicros: bigint;
  readonly spentMicros: bigint;
}

/** The balance of a campaign. */
export async function budgetOf(sql: Queryable, campaignId: string): Promise<Budget> {
  return only(
    await sql<Budget[]>`
      select cap_micros as "capMicros", reserved_micros as "reservedMicros", spent_micros as "spentMicros"
      from budgets where campaign_id = ${campaignId}`,
  );
}

/** As `budgetOf`; the row stays locked until the transaction ends, so what is free now stays free. */
export async function lockBudget(tx: Tx, campaignId: string): Promise<Budget> {
  return only(
    await tx<Budget[]>`
      select cap_micros as "capMicros", reserved_micros as "reservedMicros", spent_micros as "spentMicros"
      from budgets where campaign_id = ${campaignId} for update`,
  );
}

/** Throws budget_exceeded where less than a bonus is free under the campaign's cap and its organisation's, which it locks. */
export async function requireRoomForBonus(
  tx: Tx,
  { campaignId, amountMicros }: { campaignId: string; amountMicros: bigint },
): Promise<void> {
  const { cappedMicros } = await lockRooms(tx, campaignId);
  if (amountMicros <= cappedMicros) return;
  const free = formatUsd(mostMicros(0n, cappedMicros));
  const message = `The bonus is $${formatUsd(amountMicros)}, but only $${free} of the budget are free.`;
  throw new QuorateError('budget_exceeded', message, { field: 'amountUsd' });
}

/** Sets a new cap. Throws budget_below_spent when more than that is spent or reserved already. */
export async function setCap(sql: Queryable, change: { campaignId: string; capMicros: bigint }): Promise<void> {
  const set = await sql`
    update budgets set cap_micros = ${change.capMicros}
    where campaign_id = ${change.campaignId} and reserved_micros + spent_micros <= ${change.capMicros} returning 1`;
  if (set.length > 0) return;
  refuseCap(await budgetOf(sql, change.campaignId), change.capMicros);
  // What was in the way has been released meanwhile.
  await setCap(sql, change);
}

/** Throws where a cap is below what is spent and reserved. */
export function refuseCap(
  budget: { readonly reservedMicros: bigint; readonly spentMicros: bigint },
  capMicros: bigint,
): void {
  const committed = budget.reservedMicros + budget.spentMicros;
  if (capMicros >= committed) return;
  const message =
    `budgetUsd is ${formatUsd(capMicros)}, but $${formatUsd(budget.spentMicros)} are spent and ` +
    `$${formatUsd(budget.reservedMicros)} reserved for open tasks: the least budget now is $${formatUsd(committed)}.`;
  throw new QuorateError('budget_below_spent', message, { field: 'budgetUsd' });
}

const CAPS = ['budgets_within_cap', 'budget_limits_within_cap'];

/**
 * Pays one annotation outside its task's settlement: a gold answer (from the gold money, where its lease held the
 * price), or an honest late one (from what is free). Without free money it is `owed` until the cap is raised.
 */
export async function payAnnotation(
  db: Db,
  pay: { annotationId: string; from: 'gold' | 'free' },
): Promise<'paid' | 'owed' | 'already'> {
  try {
    return await db.begin(async (tx) => {
      // The budget before the answer, as opening its task again does. What another transaction is about to release may be the
      // room for this, which a statement of its own waits for.
      await tx`
        select 1 from budgets where campaign_id = (select campaign_id from annotations where id = ${pay.annotationId})
        for update`;
      const [due] = await tx<Due[]>`
        select n.campaign_id as "campaignId", n.annotator_id as "annotatorId", n.price_micros as "priceMicros",
          a.price_micros as "heldMicros"
        from annotations n join assignments a on a.id = n.assignment_id
        where n.id = ${pay.annotationId} and n.pay_state in ('pending', 'owed') for update of n`;
      if (!due) return 'already';
      await tx`update annotations set pay_state = 'paid' where id = ${pay.annotationId}`;
      if (pay.from === 'gold') await spendFromGold(tx, pay.annotationId, due);
      else if (due.priceMicros > 0n) await spendFromFree(tx, pay.annotationId, due);
      return 'paid';
    });
  } catch (error) {
    if (sqlState(error) !== '23514' || !CAPS.includes(violatedConstraint(error) ?? '')) throw error;
    await db`update annotations set pay_state = 'owed' where id = ${pay.annotationId} and pay_state = 'pending'`;
    return 'owed';
  }
}

/**
 * Settles an answer that came when no slot waited for it, once. A person's is paid or not by the campaign's policy; one that
 * was bought is paid in any case: its vendor has it as work done and charges for it, as tokens are.
 */
export async function settleLateAnswer(db: Db, annotationId: string): Promise<void> {
  const [unpaid] = await db`
    update annotations n set pay_state = 'unpaid_by_policy'
    from annotators w, campaigns c
    where n.id = ${annotationId} and n.pay_state = 'pending' and w.id = n.annotator_id and w.kind = 'person'
      and c.id = n.campaign_id and c.settings ->> 'lateAnswers' = 'keep_unpaid'
    returning 1`;
  if (!unpaid) await payAnnotation(db, { annotationId, from: 'free' });
}

/** `heldMicros`: what its lease promised at most, which gold money holds until it is answered. */
type Due = { campaignId: string; annotatorId: string; priceMicros: bigint; heldMicros: bigint };

/** Whose account an annotator `w` is paid into. */
export const payeeOf = (sql: Queryable) =>
  sql`case w.kind when 'vendor' then 'vendor' when 'llm' then 'judge' else 'annotator' end`;

/** The two parts of an answer's price, of annotator `w`: what is for who answered, and what the platform keeps. */
export const partsOf = (sql: Queryable) =>
  sql`(values ('spend', ${payeeOf(sql)}, price_micros - fee_micros), ('fee', 'platform', fee_micros)) as part(kind, payee, micros)`;

/** The purchase that an answer came of; null for a person's own. */
export const orderOf = (sql: Queryable, annotationId: string | ReturnType<Queryable>) =>
  sql`(select u.order_id from vendor_responses r join vendor_units u on u.id = r.unit_id where r.annotation_id = ${annotationId})`;

/** What an answer cost, as `kind`, `payee` and `micros` of a table `booked` with its annotator and purchase. */
const bookedFor = (sql: Queryable, annotationId: string) => sql`
  select part.*, n.id as annotation_id, n.annotator_id, case when w.kind <> 'person' then ${orderOf(sql, sql`n.id`)} end as order_id
  from annotations n join annotators w on w.id = n.annotator_id cross join lateral ${partsOf(sql)}
  where n.id = ${annotationId} and part.micros > 0`;

async function spendFromGold(tx: Tx, annotationId: string, due: Due): Promise<void> {
  // The budget is locked before the gold money, as planning a batch does: the other order would deadlock with it.
  const booked = await tx`
    with pot as (
      update authorizations set held_micros = held_micros - ${due.heldMicros}, committed_micros = committed_micros + ${due.priceMicros}
      where campaign_id = ${due.campaignId} and task_id is null
      returning id
    )
    insert into ledger (campaign_id, kind, payee, amount_micros, key, authorization_id, annotation_id, annotator_id, order_id)
    select ${due.campaignId}, kind, payee, micros, kind || ':' || annotation_id, pot.id, annotation_id, annotator_id, order_id
    from pot cross join (${bookedFor(tx, annotationId)}) booked
    returning id`;
  if (due.priceMicros > 0n && booked.length === 0) throw new Error(`There is no gold money for ${annotationId}.`);
  await tx`
    update budgets set reserved_micros = reserved_micros - ${due.priceMicros}, spent_micros = spent_micros + ${due.priceMicros}
    where campaign_id = ${due.campaignId}`;
}

async function spendFromFree(tx: Tx, annotationId: string, due: Due): Promise<void> {
  await tx`
    with booked as (${bookedFor(tx, annotationId)})
    insert into ledger (campaign_id, kind, payee, amount_micros, key, annotation_id, annotator_id, order_id)
    select ${due.campaignId}, kind, payee, micros, kind || ':' || annotation_id, annotation_id, annotator_id, order_id
    from (
      select 'reserve' as kind, payee, ${due.priceMicros}::bigint as micros, annotation_id, annotator_id, order_id
      from booked where kind = 'spend'
      union all select kind, payee, micros, annotation_id, annotator_id, order_id from booked
    ) entry order by kind = 'reserve' desc, kind desc`;
  await tx`
    update budgets set spent_micros = spent_micros + ${due.priceMicros}, ${pacing(tx, due.priceMicros)}
    where campaign_id = ${due.campaignId}`;
}

/** What is free of a budget `b` under its own cap and its organisation's. */
const freeOf = (sql: Queryable) => sql`least(b.cap_micros - b.reserved_micros - b.spent_micros, (
    select l.cap_micros - l.drawn_micros from budget_limits l
    where l.scope = 'organisation' and l.campaign_id is null and l.name = ${organisationOf(sql, sql`b.campaign_id`)}
  ))`;

/** Books a person's bonus that is stored. The caller has found room for it, and holds that. */
export async function bookBonus(
  tx: Tx,
  bonus: { id: string; campaignId: string; annotatorId: string; amountMicros: bigint },
): Promise<void> {
  const { id, campaignId, annotatorId, amountMicros } = bonus;
  await tx`
    insert into ledger (campaign_id, kind, amount_micros, key, adjustment_id, annotator_id)
    select ${campaignId}, kind, ${amountMicros}, kind || ':' || ${id}::text, ${id}, ${annotatorId}
    from unnest(array['reserve', 'bonus']) with ordinality as booked(kind, seq) order by seq`;
  await tx`
    update budgets set spent_micros = spent_micros + ${amountMicros}, ${pacing(tx, amountMicros)} where campaign_id = ${campaignId}`;
}

/** Whether an adjustment `j` is a person's bonus that waits for money; a vendor's waits for the vendor. */
export const isOwedBonus = (sql: Queryable) => sql`j.kind = 'bonus' and j.state = 'proposed'
  and not exists (select from vendor_bonuses v where v.id = j.id)`;

/** What waits for money, and since when: answers' pay, and bonuses. */
export const owing = (sql: Queryable) => sql`(
    select campaign_id, price_micros as micros, submitted_at as since from annotations where pay_state = 'owed'
    union all
    select j.campaign_id, j.amount_micros, j.created_at from pay_adjustments j where ${isOwedBonus(sql)}
  )`;

/** Campaigns (or one organisation's) with pay that waits for money, and room for some of it. */
export async function owingCampaigns(sql: Queryable, organisationId?: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select owing.campaign_id as id
    from (
      select campaign_id, min(micros) as least from ${owing(sql)} waiting group by campaign_id
    ) owing
    join budgets b on b.campaign_id = owing.campaign_id
    join campaigns c on c.id = owing.campaign_id
    where owing.least <= ${freeOf(sql)}
      and ${organisationId === undefined ? sql`true` : sql`c.organisation_id = ${organisationId}`}`;
  return rows.map(({ id }) => id);
}

/** So many answers are paid in a request, or in a campaign's turn of the sweeper. */
export const MOST_AT_ONCE = 200;

/**
 * Pays what waits for money, oldest first, each for which the caps have room: tried when one is raised, and as money is
 * released. One that is too dear just now does not keep those after it waiting. Of more than `most` answers and bonuses so
 * many, bonuses after the answers; says how many it looked at, and whether there may be more.
 */
export async function payOwed(
  db: Db,
  campaignId: string,
  most = MOST_AT_ONCE,
): Promise<{ readonly looked: number; readonly more: boolean }> {
  let free = await freeNow(db, campaignId);
  const rows = await db<{ id: string; priceMicros: bigint }[]>`
    select id, price_micros as "priceMicros" from annotations
    where campaign_id = ${campaignId} and pay_state = 'owed' and price_micros <= ${free} order by id limit ${most}`;
  for (const { id, priceMicros } of rows) {
    if (priceMicros > free) continue;
    const outcome = await payAnnotation(db, { annotationId: id, from: 'free' });
    // What else was reserved or released meanwhile shows at the latest here.
    free = outcome === 'paid' ? free - priceMicros : await freeNow(db, campaignId);
  }
  const bonuses = await db<{ id: string }[]>`
    select j.id from pay_adjustments j
    where j.campaign_id = ${campaignId} and ${isOwedBonus(db)} and j.amount_micros <= ${free}
    order by j.id limit ${most - rows.length}`;
  for (const { id } of bonuses) await payOwedBonus(db, id);
  const looked = rows.length + bonuses.length;
  return { looked, more: looked === most };
}

/** Pays a bonus that waits for money, where there is room now. */
async function payOwedBonus(db: Db, id: string): Promise<void> {
  await db.begin(async (tx) => {
    const [bonus] = await tx<{ id: string; campaignId: string; annotatorId: string; amountMicros: bigint }[]>`
      select j.id, j.campaign_id as "campaignId", j.annotator_id as "annotatorId", j.amount_micros as "amountMicros"
      from pay_adjustments j where j.id = ${id} and ${isOwedBonus(tx)} for update`;
    if (!bonus) return;
    const { cappedMicros } = await lockRooms(tx, bonus.campaignId);
    if (bonus.amountMicros > cappedMicros) return;
    await tx`update pay_adjustments set state = 'applied' where id = ${id}`;
    await bookBonus(tx, bonus);
  });
}

async function freeNow(sql: Queryable, campaignId: string): Promise<bigint> {
  return only(
    await sql<{ free: bigint }[]>`select ${freeOf(sql)} as free from budgets b where b.campaign_id = ${campaignId}`,
  ).free;
}

/** What answers and bonuses are owed that no cap had room for. */
export async function owedMicros(sql: Queryable, campaignId: string): Promise<bigint> {
  const rows = await sql<{ owed: bigint }[]>`
    select coalesce(sum(micros), 0)::bigint as owed from ${owing(sql)} waiting where campaign_id = ${campaignId}`;
  return only(rows).owed;
}

/** Releases what an ending campaign's gold money has left, but for what its last leases hold. */
export async function releaseGoldMoney(tx: Tx, campaignId: string): Promise<void> {
  await lockBudget(tx, campaignId);
  // As in settling: a lease that is given back may have changed it just now.
  await tx`select 1 from authorizations where campaign_id = ${campaignId} and task_id is null for update`;
  await tx`
    with pot as (
      select id, created_at, amount_micros - committed_micros - released_micros - held_micros as rest
      from authorizations where campaign_id = ${campaignId} and task_id is null and state = 'open' for update
    ), freed as (
      update authorizations a
      set released_micros = released_micros + pot.rest, state = case when held_micros = 0 then 'closed' else 'open' end
      from pot where a.id = pot.id
    ), booked as (
      insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
      select ${campaignId}, 'release', rest, 'release:' || id || ':' || gen_random_uuid(), id from pot where rest > 0
    )
    update budgets b set reserved_micros = reserved_micros - pot.rest, ${freeing(tx, tx`pot.rest`, tx`pot.created_at`)}
    from pot where b.campaign_id = ${campaignId}`;
}
