import type { Queryable, Tx } from '../client.ts';

/**
 * Adds up to `count` golds of the campaign to an order, as units like any other: those the vendor has had least often
 * first. Their pay is held from the campaign's gold money; none left, no golds. A gold that was promoted from a task this
 * vendor has had is left out. Says how many were added.
 */
export async function addGoldUnits(
  tx: Tx,
  order: { id: string; campaignId: string; vendor: string; answers: number; priceMicros: bigint; count: number },
): Promise<number> {
  const { id, campaignId, vendor, answers, count } = order;
  if (count === 0) return 0;
  const eachMicros = BigInt(answers) * order.priceMicros;
  const made = await tx`
    with pot as (
      select id, case when ${eachMicros} = 0 then ${count}::bigint
        else (amount_micros - committed_micros - released_micros - held_micros) / greatest(1, ${eachMicros}) end as room
      from authorizations where campaign_id = ${campaignId} and task_id is null and state = 'open' for update
    ), known as (
      select t.id, count(u.id) as times, coalesce(max(u.generation), 0) as generation
      from tasks t left join vendor_units u on u.task_id = t.id and u.vendor = ${vendor}
      where t.campaign_id = ${campaignId} and t.kind in ('gold', 'honeypot') and t.state = 'open'
        and not exists (
          select from gold_answers g join vendor_units b on b.task_id = g.promoted_from and b.vendor = ${vendor}
          where g.item_id = t.item_id
        )
      group by t.id
    ), made as (
      insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers, state, order_id, gold_held_micros)
      select gen_random_uuid(), known.id, ${campaignId}, ${vendor}, 1 + generation, ${answers}, 'ordered', ${id}, ${eachMicros}
      from known order by times, hashtextextended(known.id::text || ${id}, 0)
      limit coalesce((select least(${count}::bigint, room) from pot), 0)
      returning id
    ), held as (
      update authorizations a set held_micros = held_micros + ${eachMicros} * (select count(*) from made)
      from pot where a.id = pot.id
    )
    select id from made`;
  return made.length;
}

/**
 * A slot of its own for a vendor's answer to a gold, which its unit holds the pay for; false where the unit is no gold or
 * holds none any more, or its campaign takes no answers. The caller holds the unit's row.
 */
export async function addGoldSlot(tx: Tx, answer: { unitId: string; priceMicros: bigint }): Promise<boolean> {
  const added = await tx`
    with unit as (
      update vendor_units u set gold_held_micros = gold_held_micros - ${answer.priceMicros}
      from tasks t join campaigns c on c.id = t.campaign_id
      where u.id = ${answer.unitId} and u.state = 'ordered' and u.gold_held_micros >= ${answer.priceMicros}
        and t.id = u.task_id and t.kind in ('gold', 'honeypot') and t.state = 'open' and c.state in ('running', 'stopping')
      returning t.id, t.campaign_id, t.workforce, t.priority, t.required_tier
    )
    insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier)
    select id, nextval('gold_slot_number'), campaign_id, workforce, priority, required_tier from unit
    returning slot_no`;
  return added.length > 0;
}

/** Golds measure an order's workers while they work on it: once no work of it is wanted any more, they are not either. */
export async function cancelLoneGolds(sql: Queryable, orderId: string): Promise<void> {
  await sql`
    update vendor_units g set cancel_wanted = true
    from tasks t
    where g.order_id = ${orderId} and g.state = 'ordered' and not g.cancel_wanted and t.id = g.task_id
      and t.kind in ('gold', 'honeypot')
      and not exists (
        select from vendor_units u join tasks w on w.id = u.task_id
        where u.order_id = ${orderId} and u.state = 'ordered' and not u.cancel_wanted and w.kind = 'work'
      )`;
}
