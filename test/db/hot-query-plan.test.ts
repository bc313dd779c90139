import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db, Queryable } from '../../db/client.ts';
import { payoutsTo } from '../../db/queries/adjustments.ts';
import { listAppeals } from '../../db/queries/appeals.ts';
import { expireAuthorizations } from '../../db/queries/authorizations.ts';
import { unpaidOf } from '../../db/queries/payables.ts';
import { itemViews, runViews } from '../../db/queries/payout-reports.ts';
import { taskStory } from '../../db/queries/stories.ts';
import { dispatchUnits, mentionedOrders, noteWebhook } from '../../db/queries/vendor-units.ts';
import { ordersOf } from '../../db/queries/vendor-views.ts';
import { createTestDatabase } from '../support/database.ts';
import { explained } from '../support/explained.ts';
import { scene } from '../workers/stage.ts';

/** Large enough that reading whole tables costs more than any index. */
const ROWS = 20_000;
const HOUR_MS = 3_600_000;

let server: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Db;
let campaignId: string;
let organisationId: string;
const [orderId, runId, annotatorId] = [randomUUID(), randomUUID(), randomUUID()];
const [taskId, authorizationId, annotationId] = [randomUUID(), randomUUID(), randomUUID()];

/** Years of the past of one campaign and organisation, and a little that is open. */
beforeAll(async () => {
  server = await createTestDatabase();
  db = server.db;
  campaignId = (await scene(db)).campaignId;
  const [campaign] = await db<{ id: string }[]>`select organisation_id as id from campaigns where id = ${campaignId}`;
  organisationId = campaign?.id ?? '';
  await db.begin(async (tx) => {
    // The tasks, annotations and people that these rows refer to are of no matter here.
    await tx`set local session_replication_role = replica`;
    await tx`
      insert into authorizations (id, campaign_id, task_id, state, amount_micros, released_micros, expires_at)
      select gen_random_uuid(), ${campaignId}, gen_random_uuid(), case when n % 1000 = 0 then 'open' else 'closed' end, 5, 
        case when n % 1000 = 0 then 0 else 5 end, now() + interval '1 hour'
      from generate_series(1, ${ROWS}::int) n`;
    await tx`
      insert into gold_appeals (id, annotation_id, campaign_id, annotator_id, reason, state, resolved_by, resolved_at)
      select gen_random_uuid(), gen_random_uuid(), case when n % 100 = 1 then ${campaignId}::uuid else gen_random_uuid() end, gen_random_uuid(), 'why',
        case when n > 5 then 'rejected' else 'open' end, case when n > 5 then 'key' end, case when n > 5 then now() end
      from generate_series(1, ${ROWS}::int) n`;
    await tx`
      insert into vendor_orders (id, campaign_id, vendor, key, state, policy_version, price_micros, placement, deadline_at)
      select case n when 1 then ${orderId}::uuid else gen_random_uuid() end, case when n % 1000 = 1 then ${campaignId}::uuid else gen_random_uuid() end,
        'scale_ai', 'key ' || n, case when n % 1000 = 1 then 'placed' else 'closed' end, 1, 5,
        jsonb_build_object('externalId', 'external ' || n, 'units', jsonb_build_object('u', 'unit ' || n)), now()
      from generate_series(1, ${ROWS}::int) n`;
    await tx`
      insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers, state, order_id)
      select gen_random_uuid(), gen_random_uuid(), ${campaignId}, 'scale_ai', 1, 1, case when n > 5 then 'complete' else 'waiting' end,
        case when n > 5 and n < 12 then ${orderId}::uuid when n >= 12 then gen_random_uuid() end
      from generate_series(1, ${ROWS}::int) n`;
    await tx`
      insert into payout_runs (id, organisation_id, period, ends_at, least_micros, started_by, state)
      select case n when 1 then ${runId}::uuid else gen_random_uuid() end, case n when 1 then ${organisationId}::uuid else gen_random_uuid() end,
        '2026-10', now(), 0, 'key', 'frozen'
      from generate_series(1, ${ROWS}::int) n`;
    await tx`
      insert into payout_items (id, run_id, organisation_id, period, recipient, channel, annotator_id, amount_micros, reference,
        holder, account)
      select gen_random_uuid(), case when n < 9 then ${runId}::uuid else gen_random_uuid() end, ${organisationId}, '2026-10', 'r' || n, 'bank',
        case n when 1 then ${annotatorId}::uuid else gen_random_uuid() end, 10000, 'ref ' || n, 'h', 'a'
      from generate_series(1, ${ROWS}::int) n`;
    // Of the oldest authorization and annotator a few entries, of all others one.
    await tx`
      insert into ledger (campaign_id, kind, amount_micros, key, authorization_id, annotation_id, annotator_id)
      select ${campaignId}, 'spend', 5, 'spend:' || case n when 1 then ${annotationId}::uuid else gen_random_uuid() end,
        case when n < 9 then ${authorizationId}::uuid else gen_random_uuid() end, gen_random_uuid(),
        case when n < 9 then ${annotatorId}::uuid else gen_random_uuid() end
      from generate_series(1, ${ROWS}::int) n`;
    await tx`
      insert into authorizations (id, campaign_id, task_id, amount_micros, expires_at)
      values (${authorizationId}, ${campaignId}, ${taskId}, 0, 'infinity')`;
  });
  await db`analyze`;
});
afterAll(() => server.drop());

type Query = (sql: Queryable) => Promise<unknown>;
const WAIT: Query = (sql) => dispatchUnits(sql as Db, { gatherMs: HOUR_MS });
const MENTIONED: Query = (sql) => mentionedOrders(sql, 'scale_ai', ['external 7', 'unit 7', randomUUID()]);
const NOT_MENTIONED: Query = (sql) => mentionedOrders(sql, 'scale_ai', ['unknown']);
const ANY_PLACED: Query = (sql) =>
  noteWebhook(sql as Db, { vendor: 'scale_ai', eventKey: randomUUID(), mentions: [], ofAny: true });
const BOOKED: Query = (sql) => taskStory(sql, { id: taskId, itemId: randomUUID() });
const UNPAID: Query = (sql) => unpaidOf(sql, { annotationId, annotatorId, campaignId });
const QUERIES: [what: string, index: string, Query, statement?: string][] = [
  ['what is forgotten', 'authorizations_expiry', (sql) => expireAuthorizations(sql as Db, 100), 'expires_at < now()'],
  ['open appeals', 'gold_appeals_open', (sql) => listAppeals(sql, { organisationId, state: 'open', limit: 50 })],
  [
    'appeals of a campaign',
    'gold_appeals_campaign',
    (sql) => listAppeals(sql, { organisationId, campaignId, limit: 50 }),
  ],
  ['what waits to be ordered', 'vendor_units_waiting', WAIT],
  ['what orders hold', 'vendor_units_order', (sql) => ordersOf(sql, campaignId, { limit: 50, before: null })],
  ['orders of a campaign', 'vendor_orders_campaign', (sql) => ordersOf(sql, campaignId, { limit: 50, before: null })],
  ['an order by its key', 'vendor_orders_key', MENTIONED],
  ['an order by the vendor’s id', 'vendor_orders_external', MENTIONED],
  ['open orders by their units', 'vendor_orders_open', MENTIONED],
  ['orders that were closed not long ago by their units', 'vendor_orders_closed', NOT_MENTIONED, 'closed_at >'],
  ['orders that wait for answers', 'vendor_orders_open', ANY_PLACED, 'order by o.submitted_at'],
  ['payout runs', 'payout_runs_organisation', (sql) => runViews(sql, { organisationId, limit: 50 })],
  ['payments of a run', 'payout_items_run', (sql) => itemViews(sql, runId)],
  ['what was booked for a task', 'ledger_authorization', BOOKED, 'join ledger'],
  ['what was booked for one', 'ledger_annotator', UNPAID],
  ['payments to one', 'payout_items_annotator', (sql) => payoutsTo(sql, { annotatorId, period: '2026-10' })],
];

test.each(QUERIES)('%s: read from %s', async (_, index, run, statement) => {
  const { nodes } = await explained(db, run, statement);
  expect(nodes.map((node) => node['Index Name'])).toContain(index);
});
