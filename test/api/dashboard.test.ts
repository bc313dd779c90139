import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contestedTasks, newestWork } from '../../db/queries/dashboard.ts';
import { addAnnotators, nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
let campaignId: string;
let keys: string[];
beforeAll(async () => {
  rig = await startRig();
  const items = ['one', 'two', 'three'].map((text) => ({ key: text, text }));
  ({ id: campaignId } = await runningCampaign(rig, { items }));
  keys = (await addAnnotators(rig, 2)).map(({ apiKey }) => apiKey);
});
afterAll(() => rig.close());

const read = async (path: string, key = rig.requester) => (await rig.call(key, 'GET', path)).body;

describe('what an annotator holds', () => {
  test('is theirs alone, and looks like an offer', async () => {
    const [mine, other] = keys;
    const offer = (await rig.call(mine, 'POST', '/v1/assignments/next', { campaignId })).body;
    expect(await read('/v1/me/assignments', mine)).toEqual({ items: [offer] });
    expect(await read('/v1/me/assignments', other)).toEqual({ items: [] });
    expect((await rig.call(rig.requester, 'GET', '/v1/me/assignments')).status).toBe(403);
    await rig.call(mine, 'POST', `/v1/assignments/${offer.assignmentId}/release`);
    expect(await read('/v1/me/assignments', mine)).toEqual({ items: [] });
  });
});

describe('the dashboard', () => {
  test('says who answers how, and is no matter of annotators', async () => {
    const [mine] = keys;
    const offer = (await rig.call(mine, 'POST', '/v1/assignments/next', { campaignId })).body;
    const sent = { label: offer.task.config.labels[0], timeSpentS: 7.5 };
    expect((await rig.call(mine, 'POST', `/v1/assignments/${offer.assignmentId}/annotation`, sent)).status).toBe(201);
    const work = await read(`/v1/campaigns/${campaignId}/annotators`);
    expect(work).toMatchObject({
      answers: 1,
      items: [{ answers: 1, medianSeconds: 7.5, agreement: null, gold: null, bias: null }],
    });
    for (const part of ['annotators', 'contested', 'agreement', 'agreement/history', 'platforms']) {
      expect((await rig.call(mine, 'GET', `/v1/campaigns/${campaignId}/${part}`)).status).toBe(403);
      expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${campaignId}/${part}`)).status).toBe(200);
      expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${nobodysId()}/${part}`)).status).toBe(404);
    }
    expect(await read(`/v1/campaigns/${campaignId}/agreement`)).toEqual({
      metric: 'krippendorff_alpha',
      alpha: null,
      undefinedBecause: 'no task has two answers',
      interval: null,
      answers: 1,
    });
    expect(await read(`/v1/campaigns/${campaignId}/agreement/history`)).toEqual({ windows: [] });
    const { items } = await read(`/v1/campaigns/${campaignId}/platforms`);
    expect(items).toMatchObject([
      {
        ...{ platform: 'internal', kind: 'person', annotators: 1, answers: 1, goldShare: 0, accuracy: null },
        ...{ workSeconds: { p50: 7.5, p90: 7.5 }, agreement: null, nearDecisions: null },
      },
    ]);
    expect(items[0].answerMicros).toBe(items[0].spentMicros);
  });

  test('lists the least certain of the newest revisions first', async () => {
    const tasks = await rig.db<{ id: string }[]>`select id from tasks where campaign_id = ${campaignId} limit 3`;
    for (const [at, { id }] of tasks.entries()) {
      for (const revision of [1, 2]) {
        await rig.db`
          insert into decisions (id, task_id, campaign_id, revision, state, label, confidence, method, evidence, cost_micros)
          values (${nobodysId()}, ${id}, ${campaignId}, ${revision}, 'decided', '"spam"', ${revision === 1 ? 0.1 : 0.9 - at / 10},
            'weighted_vote', '{}', 0)`;
      }
    }
    const found = await contestedTasks(rig.db, { campaignId, window: 100, limit: 2 });
    expect(found.map(({ confidence, revision }) => [confidence, revision])).toEqual(
      [0.9, 0.8, 0.7]
        .slice(0, tasks.length)
        .sort()
        .slice(0, 2)
        .map((confidence) => [confidence, 2]),
    );
  });

  test('tells all labels of a round, where the model was fitted on a sample of them', async () => {
    await rig.db`
      insert into rounds (campaign_id, round, state, strategy, seed, task_count, reserved_micros, trained_on, labels)
      values (${campaignId}, 101, 'fitted', 'combined', 's', 50, 0, 700, null),
        (${campaignId}, 102, 'fitted', 'combined', 's', 50, 0, 20000, 26000),
        (${campaignId}, 103, 'selected', 'combined', 's', 50, 0, null, null)`;
    const { rounds } = await read(`/v1/campaigns/${campaignId}`);
    expect(rounds.slice(-3)).toMatchObject([
      { trainedOn: 700, labels: 700 },
      { trainedOn: 20_000, labels: 26_000 },
      { trainedOn: null, labels: null },
    ]);
  });

  test('reads a bounded window by index, however large the campaign is', async () => {
    const plan = async (text: string) => {
      const rows = await rig.db.begin(async (tx) => {
        await tx.unsafe('set local enable_seqscan = off');
        await tx.unsafe('set local enable_bitmapscan = off');
        await tx.unsafe('set local enable_sort = off');
        return tx.unsafe(`explain ${text}`);
      });
      return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
    };
    expect(
      await plan(`select task_id from decisions where campaign_id = '${campaignId}'
        order by task_id desc, revision desc limit 5000`),
    ).toMatch(/Index (Only )?Scan Backward using decisions_campaign/);
    expect(
      await plan(`select id from annotations where campaign_id = '${campaignId}' and counted
        order by submitted_at desc limit 5000`),
    ).toMatch(/Index Scan Backward using annotations_campaign/);
    expect((await newestWork(rig.db, campaignId, 1)).length).toBeLessThanOrEqual(1);
  });
});

describe('orders at vendors', () => {
  test('are listed newest first, with what has come in and the vendor’s circuit breaker', async () => {
    const [task] = await rig.db<{ id: string }[]>`select id from tasks where campaign_id = ${campaignId} limit 1`;
    const path = `/v1/campaigns/${campaignId}/vendor-orders`;
    expect(await read(path)).toEqual({ items: [], nextCursor: null, circuits: [] });
    const order = async (key: string, minute: number) => {
      const id = nobodysId();
      await rig.db`
        insert into vendor_orders (id, campaign_id, vendor, key, policy_version, price_micros, state, placement,
          deadline_at, created_at)
        values (${id}, ${campaignId}, 'prolific', ${key}, 1, 250000, 'placed', '{"externalId":"x","units":{}}',
          now() + interval '1 day', ${`2026-01-01T00:0${minute}:00Z`})`;
      return id;
    };
    const [older, newer] = [await order('older', 1), await order('newer', 2)];
    const unit = nobodysId();
    await rig.db`
      insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers, state, order_id)
      values (${unit}, ${task?.id ?? ''}, ${campaignId}, 'prolific', 1, 3, 'ordered', ${older})`;
    for (const [key, state] of [
      ['a', 'counted'],
      ['b', 'late'],
      ['c', 'invalid'],
    ] as const) {
      await rig.db`
        insert into vendor_responses (id, unit_id, response_key, worker_id, state, answers, hash)
        values (${nobodysId()}, ${unit}, ${key}, ${key}, ${state}, '{}', ${key})`;
    }
    await rig.db`
      insert into vendor_health (vendor, failures, open_until, last_error)
      values ('prolific', 5, '2026-01-02T00:00:00Z', 'They answered 503.')`;
    // Of another organisation's order: what the vendor said to it stays there.
    expect((await read(path, rig.viewer)).circuits).toMatchObject([{ failures: 5, lastError: null }]);
    await rig.db`update vendor_orders set last_error = 'They answered 503.' where id = ${older}`;
    const { items, circuits } = await read(path, rig.viewer);
    expect(items).toMatchObject([
      { id: newer, state: 'placed', tasks: 0, answersWanted: 0, answersIn: 0 },
      { id: older, vendor: 'prolific', priceUsd: '0.25', tasks: 1, answersWanted: 3, answersIn: 2, closedAt: null },
    ]);
    expect(circuits).toEqual([
      { vendor: 'prolific', failures: 5, openUntil: '2026-01-02T00:00:00.000Z', lastError: 'They answered 503.' },
    ]);
    // Page by page.
    const first = await read(`${path}?limit=1`);
    expect(first).toMatchObject({ items: [{ id: newer }], nextCursor: newer });
    expect(await read(`${path}?limit=1&cursor=${newer}`)).toMatchObject({ items: [{ id: older }], nextCursor: null });
    const figures = await read('/v1/vendors?limit=1');
    expect(figures).toMatchObject({ items: [{ vendor: 'prolific', circuit: { failures: 5 } }], nextCursor: null });
    expect(await read('/v1/vendors?cursor=prolific')).toEqual({ items: [], nextCursor: null });
    const id = nobodysId();
    await rig.db`
      insert into vendor_incidents (id, order_id, kind, key, detail, evidence)
      values (${id}, ${older}, 'short', 'short:1', 'Fewer answers.', '{"taskId":"t"}')`;
    const incidents = `/v1/campaigns/${campaignId}/vendor-incidents`;
    const second = nobodysId();
    await rig.db`
      insert into vendor_incidents (id, order_id, kind, key, detail, evidence, resolved_at, created_at)
      values (${second}, ${older}, 'short', 'short:2', 'Fewer again.', '{}', null, now() + interval '1 second')`;
    expect(await read(`${incidents}?limit=1`)).toMatchObject({ items: [{ id: second }], nextCursor: second });
    expect(await read(`${incidents}?limit=1&cursor=${second}`)).toMatchObject({ items: [{ id }], nextCursor: null });
    await rig.db`delete from vendor_incidents where id = ${second}`;
    expect((await read(incidents, rig.viewer)).items).toMatchObject([{ id, rulings: ['seen'], ruling: null }]);
    const rule = (key: string, ruling: string, of = campaignId) =>
      rig.call(key, 'POST', `/v1/campaigns/${of}/vendor-incidents/${id}/resolve`, { ruling, note: 'Two were sick.' });
    expect((await rule(rig.viewer, 'seen')).status).toBe(403);
    expect((await rule(rig.requester, 'seen', nobodysId())).status).toBe(404);
    expect((await rule(rig.requester, 'send_again')).body).toMatchObject({ code: 'invalid_input', field: 'ruling' });
    expect((await rule(rig.requester, 'seen')).body).toEqual({ resolved: true });
    expect((await rule(rig.requester, 'seen')).status).toBe(409);
    expect(await read(incidents)).toEqual({ items: [], nextCursor: null });
    expect((await read(`${incidents}?resolved=true`)).items).toMatchObject([
      { id, ruling: 'seen', note: 'Two were sick.' },
    ]);
  });
});
