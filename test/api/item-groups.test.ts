import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import { newId } from '../../api/new-id.ts';
import { leaseSlots } from '../../db/queries/leases.ts';
import { findCandidates, LANES } from '../../db/queries/queue.ts';
import { explained } from '../support/explained.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';
import { fillQueue } from './slots.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const rows = (group: string | undefined, count: number) =>
  Array.from({ length: count }, (_, at) => ({ key: `${group} ${at}`, text: `Mail ${group} ${at}`, group }));
const limited = { maxPerGroup: 2, maxLeases: 50 };
const next = (apiKey = '', campaignId = '') => rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId });
const groupsGiven = async (annotatorId = '') =>
  rig.db<{ group: string; n: number }[]>`
    select i.item_group as "group", count(*)::int as n
    from assignments a join tasks t on t.id = a.task_id join items i on i.id = t.item_id
    where a.annotator_id = ${annotatorId} and i.item_group is not null group by 1 order by 1`;

describe('items of a group', () => {
  test('are given to one annotator up to the limit, whatever became of them; others count for themselves', async () => {
    const items = [...rows('a', 5), ...rows('b', 2), ...rows(undefined, 3)];
    const { id, annotators } = await runningCampaign(rig, { settings: limited, items });
    const [me, other] = annotators;
    const first = await next(me?.apiKey, id);
    await rig.call(me?.apiKey, 'POST', `/v1/assignments/${first.body.assignmentId}/skip`, {});
    let given = 1;
    while ((await next(me?.apiKey, id)).status === 200) given++;
    expect(given).toBe(2 + 2 + 3);
    expect(await groupsGiven(me?.id)).toEqual([
      { group: 'a', n: 2 },
      { group: 'b', n: 2 },
    ]);
    expect((await next(other?.apiKey, id)).status).toBe(200);
    const [task] = await rig.db<{ id: string }[]>`
      select t.id from tasks t join items i on i.id = t.item_id join assignments a on a.task_id = t.id
      where t.campaign_id = ${id} and i.item_group = 'b' and a.annotator_id = ${me?.id ?? ''} limit 1`;
    const { body } = await rig.call(rig.requester, 'GET', `/v1/tasks/${task?.id}`);
    expect(body.group).toBe('b');
    const mine = body.story.assignments.find((each: { annotatorId: string }) => each.annotatorId === me?.id);
    expect(mine.routing.why).toContain('2 of at most 2 items of the group b');
  });

  test('are not counted where the campaign sets no limit', async () => {
    const { id, annotators } = await runningCampaign(rig, { settings: { maxLeases: 50 }, items: rows('a', 4) });
    for (let at = 0; at < 4; at++) expect((await next(annotators[0]?.apiKey, id)).status).toBe(200);
    expect(await rig.db`select 1 from annotator_groups where campaign_id = ${id}`).toEqual([]);
  });

  test('stay within the limit when two processes are asked at once, as often as it takes', async () => {
    const { id, annotators } = await runningCampaign(rig, { settings: limited, items: rows('a', 12) });
    const [me] = annotators;
    const second = await createApp({ db: rig.db, temporal: rig.temporal.client });
    const ask = async (app: typeof second) => {
      const headers = { authorization: `Bearer ${me?.apiKey}`, 'content-type': 'application/json' };
      const payload = { campaignId: id };
      return (await app.inject({ method: 'POST', url: '/v1/assignments/next', headers, payload })).statusCode;
    };
    const statuses = await Promise.all(Array.from({ length: 12 }, (_, at) => ask(at % 2 === 0 ? rig.app : second)));
    await second.close();
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses.filter((status) => status === 204)).toHaveLength(10);
    expect(await groupsGiven(me?.id)).toEqual([{ group: 'a', n: 2 }]);
  });

  test('are kept to the limit by the lease itself, and by the database', async () => {
    const { id, taskIds, annotators } = await runningCampaign(rig, { settings: limited, items: rows('a', 3) });
    const annotatorId = annotators[0]?.id ?? '';
    const want = (taskId = '') => {
      return { assignmentId: newId(), annotatorId, taskId, slotNo: 1, leaseMs: 60_000, maxPerGroup: 2 };
    };
    expect(await leaseSlots(rig.db, [want(taskIds[0])])).toHaveLength(1);
    // Both at once would be one too many.
    expect(await leaseSlots(rig.db, [want(taskIds[1]), want(taskIds[2])])).toEqual([]);
    expect(await leaseSlots(rig.db, [want(taskIds[1])])).toHaveLength(1);
    expect(await leaseSlots(rig.db, [want(taskIds[2])])).toEqual([]);
    const more = rig.db`update annotator_groups set leased = leased + 1 where campaign_id = ${id}`;
    await expect(more).rejects.toThrow('annotator_groups_leased');
  });

  test('are part of what makes a row the same', async () => {
    const { id } = await runningCampaign(rig, { items: [{ key: 'x', text: 'one', group: 'a' }] });
    const send = (group: string) =>
      rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/items`, [{ key: 'x', text: 'one', group }]);
    expect((await send('a')).body).toMatchObject({ duplicates: 1 });
    expect((await send('b')).status).toBe(422);
    const long = await send('g'.repeat(201));
    expect(long.body.detail).toContain('group is longer than 200 characters');
  });
});

test('the queue and the lease find groups by index, however long the queue', async () => {
  const { id: campaignId, annotators } = await runningCampaign(rig, { settings: limited });
  const annotatorId = annotators[0]?.id ?? '';
  await fillQueue(rig.db, campaignId, 30_000);
  // What was there before the queue was filled is of a full group, too.
  await rig.db`
    update items set item_group = 'g' || case when key = 'one' then 1 else shuffle % 2000 end
    where campaign_id = ${campaignId}`;
  await rig.db`
    insert into annotator_groups (campaign_id, annotator_id, item_group, leased, most)
    select ${campaignId}, w.id, 'g' || n, 2, 2 from annotators w cross join generate_series(0, 400) n`;
  await rig.db`
    insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, expires_at)
    select gen_random_uuid(), task_id, slot_no, campaign_id, ${annotators[1]?.id ?? ''}, 1, 'submitted', 0, now()
    from slots where campaign_id = ${campaignId} and slot_no = 1 order by pos limit 5000`;
  for (const table of ['items', 'annotator_groups', 'assignments', 'slots', 'tasks'])
    await rig.db`analyze ${rig.db(table)}`;
  const after = new Array<number>(LANES.priorities * LANES.tiers).fill(0);
  const query = { campaignId, workforce: 'internal', tier: 3, annotatorId, after, limit: 32, maxPerGroup: 2 };
  const search = await explained(rig.db, (sql) => findCandidates(sql, query));
  const [found] = await findCandidates(rig.db, query);
  const past = { ...query, after: after.map(() => (found?.pos ?? 0) - 1) };
  const again = await explained(rig.db, (sql) => findCandidates(sql, past));
  const wanted = { assignmentId: newId(), annotatorId, leaseMs: 1000, maxPerGroup: 2 };
  const lease = await explained(rig.db, (sql) =>
    leaseSlots(sql, [{ ...wanted, taskId: found?.taskId ?? '', slotNo: found?.slotNo ?? 0 }]),
  );
  for (const { nodes } of [search, lease]) {
    const scanned = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
    for (const table of ['slots', 'tasks', 'items', 'annotator_groups', 'assignments'])
      expect(scanned).not.toContain(table);
  }
  // 1,200 slots of full groups are at the head: each is passed over once, by a few pages of indexes, and then behind the
  // annotator's cursor.
  expect(search.blocks).toBeLessThan(8 * 1200);
  expect(again.blocks).toBeLessThan(1200);
  expect(search.blocks).toBeGreaterThan(3 * again.blocks);
});
