import type { Db } from '../../db/client.ts';

/** Fills a campaign with open slots (three a task) without workflows or money: for questions about the queue alone. */
export async function fillQueue(db: Db, campaignId: string, slots: number): Promise<void> {
  const tasks = Math.ceil(slots / 3);
  await db`
    with made as (
      insert into items (id, campaign_id, key, state, shuffle)
      select gen_random_uuid(), ${campaignId}, 'bulk ' || n, 'selected', n from generate_series(1, ${tasks}::int) n
      returning id
    ), shown as (
      insert into item_payloads (item_id, payload, hash) select id, '{"text":"mail"}', '' from made
    ), planned as (
      insert into tasks (id, campaign_id, item_id, state, round, redundancy, price_micros, required_tier, policy_version,
        instructions_version)
      select gen_random_uuid(), ${campaignId}, id, 'open', 1, 3, 50000, 0, 1, 1 from made
      returning id
    )
    insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier)
    select id, slot_no, ${campaignId}, 'internal', 1, 0 from planned cross join generate_series(1, 3) slot_no`;
  await db`analyze slots`;
  await db`analyze tasks`;
  await db`analyze items`;
}
