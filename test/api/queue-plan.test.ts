import { afterAll, beforeAll, expect, test } from 'vitest';
import { CampaignCache } from '../../api/campaign-cache.ts';
import { TaskChooser } from '../../api/next-task.ts';
import type { Db } from '../../db/client.ts';
import { findAnnotator } from '../../db/queries/annotators.ts';
import { findCandidates, LANES } from '../../db/queries/queue.ts';
import { explained } from '../support/explained.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';
import { fillQueue } from './slots.ts';

const SLOTS = 30_000;

let rig: Rig;
let campaignId: string;
let annotatorId: string;
beforeAll(async () => {
  rig = await startRig();
  const campaign = await runningCampaign(rig);
  campaignId = campaign.id;
  annotatorId = campaign.annotators[0]?.id ?? '';
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
