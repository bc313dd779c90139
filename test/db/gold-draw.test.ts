import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../db/client.ts';
import { leaseGold } from '../../db/queries/leases.ts';
import { openGoldTasks } from '../../db/queries/selection.ts';
import { type Rng, seededRng } from '../../domain/rng.ts';
import { createTestDatabase } from '../support/database.ts';
import { newAnnotator, openGolds, plan, scene } from '../workers/stage.ts';

let server: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Db;
beforeAll(async () => {
  server = await createTestDatabase();
  db = server.db;
});
afterAll(() => server.drop());

/** A campaign with 60 open golds, six of which are spam. */
async function golds(): Promise<string> {
  const { campaignId } = await scene(db, { gold: 60, settings: { goldRatio: 0.05 } });
  await db`
    update gold_answers g set label = case when i.shuffle % 10 = 0 then '"spam"'::jsonb else '"ham"' end
    from items i where i.id = g.item_id and i.campaign_id = ${campaignId}`;
  const policy = { priceMicros: 0n, requiredTier: 0, workforce: 'internal', policyVersion: 1, instructionsVersion: 1 };
  await openGoldTasks(db, { campaignId, ...policy });
  return campaignId;
}

/** Which class is drawn hangs on the assignment's id: it is drawn from `rng`, too, so that each run sees the same. */
async function draw(campaignId: string, annotatorId: string, rng: Rng): Promise<string | undefined> {
  const from = rng.int(61);
  const assignmentId = uuidv7({ random: Uint8Array.from({ length: 16 }, () => rng.int(256)), msecs: 0 });
  const lease = await leaseGold(db, { assignmentId, annotatorId, campaignId, tier: 3, leaseMs: 60_000, from });
  if (!lease) return undefined;
  const [row] = await db<{ label: string }[]>`
    select g.label from gold_answers g join tasks t on t.item_id = g.item_id where t.id = ${lease.taskId}`;
  return row?.label;
}

test('a class that is rare among the golds comes as often as a frequent one', async () => {
  const campaignId = await golds();
  const rng = seededRng('draw');
  let spam = 0;
  for (let at = 0; at < 60; at++) {
    if ((await draw(campaignId, await newAnnotator(db), rng)) === 'spam') spam++;
  }
  // 6 of 60 if drawn without regard to classes; 30 is even.
  expect(spam).toBeGreaterThan(18);
  expect(spam).toBeLessThan(42);
});

test('nobody gets a gold twice, and what is left comes when a class is used up', async () => {
  const campaignId = await golds();
  const annotatorId = await newAnnotator(db);
  const rng = seededRng('all');
  const labels = [];
  for (let at = 0; at < 60; at++) labels.push(await draw(campaignId, annotatorId, rng));
  expect(labels.filter((label) => label === 'spam')).toHaveLength(6);
  expect(labels.filter((label) => label === 'ham')).toHaveLength(54);
  expect(labels.slice(0, 20).filter((label) => label === 'spam').length).toBeGreaterThan(3);
  expect(await draw(campaignId, annotatorId, rng)).toBeUndefined();
  const seen = await db`select distinct task_id from assignments where annotator_id = ${annotatorId}`;
  expect(seen).toHaveLength(60);
});

test('a gold pays what the work does in whose place it comes, as far as the gold money goes', async () => {
  const made = await scene(db, { items: 1, gold: 3 });
  const { campaignId } = made;
  const [taskId = ''] = await plan(db, made, 1);
  await openGolds(db, made, 250_000n);
  await db`update tasks set price_micros = 125000 where id = ${taskId}`;
  const take = async (inPlaceOf?: string) => {
    const annotatorId = await newAnnotator(db);
    const wish = { assignmentId: uuidv7(), annotatorId, campaignId, tier: 3, leaseMs: 60_000, from: 0, inPlaceOf };
    return (await leaseGold(db, wish))?.priceMicros;
  };
  expect(await take(taskId)).toBe(125_000n);
  expect(await take()).toBe(100_000n);
  expect(await take(taskId)).toBeUndefined();
});

test('a gold is of the domain of the work in whose place it comes, while there is one', async () => {
  const campaignId = await golds();
  await db`
    update items set domain = case when shuffle % 20 = 0 then 'law' else 'mail' end where campaign_id = ${campaignId}`;
  const annotatorId = await newAnnotator(db);
  const seen: string[] = [];
  for (let at = 0; at < 5; at++) {
    const wish = { assignmentId: uuidv7(), annotatorId, campaignId, tier: 3, leaseMs: 60_000, from: 30, domain: 'law' };
    const lease = await leaseGold(db, wish);
    const [row] = await db<{ domain: string }[]>`
      select i.domain from items i join tasks t on t.item_id = i.id where t.id = ${lease?.taskId ?? ''}`;
    seen.push(row?.domain ?? '');
  }
  const law = await db`select 1 from items where campaign_id = ${campaignId} and domain = 'law' and state = 'gold'`;
  expect(law.length).toBeGreaterThan(1);
  expect(law.length).toBeLessThan(5);
  expect(seen).toEqual(seen.map((_, at) => (at < law.length ? 'law' : 'mail')));
});

test('a gold counts in its group, and is none where the group is full or there is no money', async () => {
  const made = await scene(db, { items: 1, gold: 6 });
  const { campaignId } = made;
  await openGolds(db, made, 350_000n);
  await db`update items set item_group = 'talk' where campaign_id = ${campaignId} and state = 'gold'`;
  const take = async (annotatorId: string) => {
    const wish = { assignmentId: uuidv7(), annotatorId, campaignId, tier: 3, leaseMs: 60_000, from: 0, maxPerGroup: 2 };
    return (await leaseGold(db, wish)) !== undefined;
  };
  const [first, second] = [await newAnnotator(db), await newAnnotator(db)];
  expect([await take(first), await take(first), await take(first)]).toEqual([true, true, false]);
  // Of 350,000 micro-dollars one more answer is left, and then none.
  expect([await take(second), await take(second)]).toEqual([true, false]);
  expect(
    await db`select annotator_id as id, leased from annotator_groups where campaign_id = ${campaignId} order by leased`,
  ).toEqual([
    { id: second, leased: 1 },
    { id: first, leased: 2 },
  ]);
});
