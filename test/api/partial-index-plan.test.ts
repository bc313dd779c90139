import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Queryable } from '../../db/client.ts';
import { earlyGoldsOf } from '../../db/queries/annotators.ts';
import { resumeCampaign } from '../../db/queries/campaigns.ts';
import { leaseLapsed } from '../../db/queries/lapsed-leases.ts';
import { allHeldLeases, expireLeases, heldLeases } from '../../db/queries/leases.ts';
import { owedMicros } from '../../db/queries/money.ts';
import { chosenItems, copiesOfChosen, poolAt, samplePool } from '../../db/queries/selection.ts';
import { campaignCounts, foldTallies, roundProgress } from '../../db/queries/tallies.ts';
import { extendLease } from '../../db/queries/workspace.ts';
import { explained } from '../support/explained.ts';
import { recounted } from '../support/recount.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';
import { fillQueue } from './slots.ts';

/** Large enough that reading whole tables costs more than any index. */
const TASKS = 10_000;
const POOL = 20_000;

let rig: Rig;
let campaignId: string;
let annotatorId: string;
let assignmentId: string;
let someIds: string[];
beforeAll(async () => {
  rig = await startRig();
  const campaign = await runningCampaign(rig);
  campaignId = campaign.id;
  const [first, second] = campaign.annotators;
  annotatorId = second?.id ?? '';
  await fillQueue(rig.db, campaignId, 3 * TASKS);
  await rig.db`
    insert into items (id, campaign_id, key, state, shuffle)
    select gen_random_uuid(), ${campaignId}, 'pool ' || n, case when n % 500 = 0 then 'gold' else 'pool' end, ${TASKS} + n
    from generate_series(1, ${POOL}::int) n`;
  // Most of a campaign's past: answered and paid; a few leases are held, or were lost, and a few answers are owed.
  await rig.db`
    with given as (
      insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, expires_at)
      select gen_random_uuid(), task_id, slot_no, ${campaignId}, ${first?.id ?? ''}, 1, 'submitted', 0, now()
      from slots where campaign_id = ${campaignId} and slot_no = 1
      returning id, task_id, annotator_id
    )
    insert into annotations (id, assignment_id, task_id, campaign_id, annotator_id, counted, time_spent_s, price_micros, pay_state)
    select gen_random_uuid(), id, task_id, ${campaignId}, annotator_id, true, 9, 0,
      case when row_number() over () % 1000 = 0 then 'owed' else 'paid' end
    from given`;
  await rig.db`
    insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, expires_at)
    select gen_random_uuid(), task_id, slot_no, ${campaignId}, ${annotatorId}, 1,
      case when row_number() over () % 2 = 0 then 'expired' else 'leased' end, 0, now() + interval '1 hour'
    from slots where campaign_id = ${campaignId} and slot_no = 2 limit 20`;
  const [held] = await rig.db<{ id: string }[]>`
    select id from assignments where annotator_id = ${annotatorId} and state = 'leased'`;
  assignmentId = held?.id ?? '';
  await rig.db`update items set content = md5(id::text)::uuid where state = 'selected'`;
  const some = await rig.db<{ id: string }[]>`select id from items where state = 'selected' limit 50`;
  someIds = some.map(({ id }) => id);
  for (const table of ['items', 'assignments', 'annotations']) await rig.db`analyze ${rig.db(table)}`;
});
afterAll(() => rig.close());

type Query = (sql: Queryable) => Promise<unknown>;
const resume: Query = async (sql) => {
  await sql`update campaigns set state = 'paused', paused_at = now() where id = ${campaignId}`;
  await resumeCampaign(sql as Rig['db'], { id: campaignId, to: 'running' });
};
const QUERIES: [what: string, index: string, Query, statement?: string][] = [
  ['a sample of the pool', 'items_pool', (sql) => samplePool(sql, { campaignId, from: TASKS, limit: 50 })],
  ['a part of the pool', 'items_pool', (sql) => poolAt(sql, campaignId, { from: TASKS, to: TASKS + 90 }, 50)],
  [
    'what was chosen, long ago, too',
    'items_chosen',
    (sql) => chosenItems(sql, { campaignId, from: 0.5, limit: 50 }),
    'order by content',
  ],
  ['copies of what was chosen', 'items_chosen', (sql) => copiesOfChosen(sql, campaignId, someIds)],
  ['leases past their time', 'assignments_expiry', (sql) => expireLeases(sql as Rig['db'], 100)],
  ['what one holds of a campaign', 'assignments_held', (sql) => heldLeases(sql, { annotatorId, campaignId, limit: 5 })],
  ['what one holds of all', 'assignments_held', (sql) => allHeldLeases(sql, annotatorId, 5)],
  [
    'what may be given again',
    'assignments_lapsed',
    (sql) =>
      leaseLapsed(sql, {
        ...{ annotatorId, campaignId, workforce: 'internal', tier: 3, leaseMs: 1, instructionsVersion: 1 },
        room: { campaignId, maxLeases: 0 },
      }),
  ],
  ['what is owed', 'annotations_owed', (sql) => owedMicros(sql, campaignId)],
  [
    'what newcomers met of golds, whatever else they have answered',
    'annotations_gold',
    (sql) => earlyGoldsOf(sql, { campaignId, workforces: ['internal'], tiers: ['crowd'], floor: 10, limit: 1000 }),
  ],
  ['slots whose clock goes on', 'slots_leased', resume, 'update slots'],
];

test.each(QUERIES)('%s is read from %s', async (_, index, run, statement) => {
  const { nodes } = await explained(rig.db, run, statement);
  expect(nodes.map((node) => node['Index Name'])).toContain(index);
});

test('a lease is extended without reading the slots of others', async () => {
  const extend: Query = (sql) => extendLease(sql, { assignmentId, annotatorId, leaseMs: 1, mostMs: 1 });
  const { nodes } = await explained(rig.db, extend);
  const reads = nodes.filter((node) => node['Relation Name'] === 'slots' && /Scan/.test(node['Node Type']));
  expect(reads.length).toBeGreaterThan(0);
  expect(reads.map((node) => node['Node Type'])).not.toContain('Seq Scan');
});

test('what a campaign has is read from its tallies, a few pages, however much that is', async () => {
  const before = await recounted(rig.db, campaignId);
  expect(before.tallied).toEqual(before.counted);
  expect(before.counted.counts).toMatchObject({ pool: POOL - POOL / 500, gold: POOL / 500, expiredLeases: 10 });
  expect(await foldTallies(rig.db, 1)).toBe(1);
  expect((await recounted(rig.db, campaignId)).tallied).toEqual(before.counted);
  while ((await foldTallies(rig.db, 1000)) > 0);
  expect((await recounted(rig.db, campaignId)).tallied).toEqual(before.counted);
  for (const look of [campaignCounts, roundProgress]) {
    const { nodes, blocks } = await explained(rig.db, (sql) => look(sql, campaignId, 0));
    const tables = new Set(nodes.flatMap((node) => node['Relation Name'] ?? []));
    expect([...tables].sort()).toEqual(['tallies', 'tally_changes']);
    expect(blocks).toBeLessThan(20);
  }
});
