import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CampaignCache } from '../../api/campaign-cache.ts';
import { TaskChooser } from '../../api/next-task.ts';
import { connect, type Db } from '../../db/client.ts';
import { storeSubmissions } from '../../db/queries/annotations.ts';
import { findAnnotator } from '../../db/queries/annotators.ts';
import { findCandidates, LANES } from '../../db/queries/queue.ts';
import { explained } from '../support/explained.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';
import { fillQueue } from './slots.ts';

const SLOTS = 30_000;

let rig: Rig;
let campaignId: string;
let annotatorId: string;
let otherId: string;
beforeAll(async () => {
  rig = await startRig();
  const campaign = await runningCampaign(rig);
  campaignId = campaign.id;
  [annotatorId, otherId] = campaign.annotators.map(({ id }) => id) as [string, string];
  await fillQueue(rig.db, campaignId, SLOTS);
});
afterAll(() => rig.close());

const query = (after: number, limit = 32) => ({
  campaignId,
  workforce: 'internal',
  tier: 3,
  annotatorId,
  after: new Array<number>(LANES.priorities * LANES.tiers).fill(after),
  limit,
});

test("the candidates are read from the queue's index, a bounded number of pages, however long the queue", async () => {
  const { nodes, blocks } = await explained(rig.db, (sql) => findCandidates(sql, query(0)));
  const onSlots = nodes.filter((node) => node['Relation Name'] === 'slots');
  expect(onSlots.length).toBeGreaterThan(0);
  for (const node of onSlots) {
    expect(node['Node Type']).toMatch(/^Index/);
    expect(node['Index Name']).toBe('slots_queue');
  }
  expect(nodes.some((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'assignments')).toBe(false);
  expect(blocks).toBeLessThan(500);
});

test('an answer is stored without reading what others were given, though there was nothing when that was planned', async () => {
  const lease = (limit: number) => rig.db<{ assignmentId: string }[]>`
    with given as (
      insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, price_micros, expires_at)
      select gen_random_uuid(), task_id, slot_no, campaign_id, ${otherId}, 1, 0, 'infinity'
      from slots where campaign_id = ${campaignId} and slot_no = 3 and state = 'open' order by pos desc limit ${limit}
      returning id, task_id, slot_no
    ), held as (
      update slots s set state = 'leased', fence = 1, assignment_id = given.id, annotator_id = ${otherId}, lease_expires_at = 'infinity'
      from given where s.task_id = given.task_id and s.slot_no = given.slot_no
    )
    select id as "assignmentId" from given`;
  const hot = connect(rig.url, { max: 1, indexesOnly: true, plansOnce: true });
  const store = async ([given]: { assignmentId: string }[]) => {
    const assignmentId = given?.assignmentId ?? '';
    const answer = { label: 'spam', presentation: null, timeSpentS: 9, confidence: null };
    return hot.begin(async (tx) => {
      const { length } = await storeSubmissions(tx, [
        { annotationId: randomUUID(), assignmentId, annotatorId: otherId, ...answer },
      ]);
      expect(length).toBe(1);
      const [read] = await tx<{ rows: number }[]>`
        select idx_tup_fetch::int as rows from pg_stat_xact_user_tables where relname = 'assignments'`;
      return read?.rows;
    });
  };
  try {
    await rig.db`vacuum analyze assignments`;
    await store(await lease(1));
    expect(await store(await lease(3000))).toBeLessThan(10);
  } finally {
    await hot.end();
  }
});

test('what was answered before is not read again once the cursor is past it', async () => {
  await rig.db`
    insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, expires_at)
    select gen_random_uuid(), task_id, slot_no, campaign_id, ${annotatorId}, 1, 'submitted', 0, now()
    from slots where campaign_id = ${campaignId} and slot_no = 1 order by pos limit 5000`;
  await rig.db`analyze assignments`;
  const blocks = async (after: number) => (await explained(rig.db, (sql) => findCandidates(sql, query(after)))).blocks;
  const [first] = await findCandidates(rig.db, query(0, 1));
  const [fromStart, fromCursor] = [await blocks(0), await blocks((first?.pos ?? 0) - 1)];
  expect(fromCursor).toBeLessThan(500);
  expect(fromStart).toBeGreaterThan(5 * fromCursor);
  expect(await findCandidates(rig.db, query((first?.pos ?? 0) - 1, 1))).toEqual([first]);
});

test('who has answered most of what comes first is leased the next slot at once, not offered what they have met', async () => {
  let leases = 0;
  const counting = (parts: TemplateStringsArray, ...values: never[]) => {
    if (parts.join('').includes('skip locked')) leases += 1;
    return rig.db(parts, ...values);
  };
  const db = Object.assign(counting, rig.db) as Db;
  const nowMs = () => Date.now();
  const chooser = new TaskChooser({ db, campaigns: new CampaignCache(rig.db, nowMs), random: () => 0.99, nowMs });
  const annotator = await findAnnotator(rig.db, annotatorId);
  if (!annotator) throw new Error('The annotator is gone.');
  const ask = { campaignId, signal: new AbortController().signal, again: async () => annotator };
  expect((await chooser.next(annotator, ask))?.lease.campaignId).toBe(campaignId);
  leases = 0;
  expect((await chooser.next(annotator, ask))?.lease.campaignId).toBe(campaignId);
  expect(leases).toBe(1);
});

test('an answer is stored without reading whatever settings its campaign has had', async () => {
  const { id, annotators } = await runningCampaign(rig);
  await rig.db`
    with changed as (update campaigns set policy_version = 201 where id = ${id} returning settings)
    insert into policies (campaign_id, version, settings)
    select ${id}, 1 + n, settings || jsonb_build_object('instructions',
      (select string_agg(md5(part::text), '') from generate_series(1, 300) part))
    from changed, generate_series(1, 200) n`;
  const [who] = annotators;
  const { body } = await rig.call(who?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
  const one = connect(rig.url, { max: 1 });
  const pagesRead = async () => {
    await one`select pg_stat_force_next_flush()`;
    const [read] = await one<{ pages: number }[]>`
      select (toast_blks_hit + toast_blks_read)::int as pages from pg_statio_user_tables where relname = 'policies'`;
    return read?.pages ?? Number.NaN;
  };
  try {
    const before = await pagesRead();
    const answer = { label: 'spam', presentation: null, timeSpentS: 9, confidence: null };
    const given = {
      annotationId: randomUUID(),
      assignmentId: body.assignmentId,
      annotatorId: who?.id ?? '',
      ...answer,
    };
    expect(await storeSubmissions(one, [given])).toHaveLength(1);
    expect((await pagesRead()) - before).toBe(0);
  } finally {
    await one.end();
  }
});
