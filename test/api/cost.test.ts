import { afterAll, beforeAll, expect, test } from 'vitest';
import { nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const ask = async (query: string) => rig.call(rig.viewer, 'GET', `/v1/cost?${query}`);

test('all platforms are compared, with the break-even and list prices of their date', async () => {
  const { status, body } = await ask('type=preference_ranking&tasks=10000&tier=trained&redundancy=3');
  expect(status).toBe(200);
  // By hand: 31,500 annotations x 25 x 60 / 3600, with the fee, and 1,000 reviews at twice the price.
  expect(
    body.estimates.map((each: { platform: string; totalCost: number }) => [each.platform, each.totalCost]),
  ).toEqual([
    ['scale_ai', 19_208.33],
    ['surge_ai', 17_895.83],
    ['mturk', 16_583.33],
    ['self_hosted', 14_614.58],
    ['other', 15_270.83],
  ]);
  expect(body.estimates[2]).toMatchObject({ totalAnnotations: 31_500, costPerAnnotation: 0.417, costPerTask: 1.658 });
  expect(body.breakEven).toMatchObject({ hostingUsd: '10000.00', hostingMicros: 10_000_000_000 });
  expect(body.breakEven.platforms).toContainEqual({ platform: 'mturk', tasksAMonth: 50_794 });
  expect(body.listPrices).toMatchObject({ recorded: '2026-11', annotations: 10_000 });
  expect(body.listPrices.rows).toContainEqual({
    platform: 'scale_ai',
    listUsd: 5250,
    formulaUsd: 4375,
    agreement: [0.72, 0.82],
    differs: 'list higher',
  });
  expect(body.listPrices.rows).toContainEqual(
    expect.objectContaining({ platform: 'llm_judge', listUsd: 50, formulaUsd: null, differs: null }),
  );
});

test('one platform with figures of its own; other work has no list prices', async () => {
  const { body } = await ask(
    'type=likert&tasks=100&redundancy=1&platform=self_hosted&hourlyUsd=36&seconds=10&gold=0&review=0',
  );
  // 100 answers at 36 / 3600 x 10 = 0.10 each, and a fee of 5%.
  expect(body.estimates).toEqual([
    expect.objectContaining({ platform: 'self_hosted', baseCost: 10, platformFee: 0.5, totalCost: 10.5 }),
  ]);
  expect(body.breakEven.platforms).toEqual([]);
  expect(body.listPrices).toBeNull();
});

test('what is wrong with a question is named', async () => {
  expect(await ask('type=likert')).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  expect((await ask('type=poem&tasks=5')).body.detail).toMatch(/type/);
  expect((await rig.call(undefined, 'GET', '/v1/cost?type=likert&tasks=5')).status).toBe(401);
});

test('a plan has every policy with its bands, and a recommendation', async () => {
  const plan = (body: unknown) => rig.call(rig.viewer, 'POST', '/v1/plan', body);
  const { status, body } = await plan({ tasks: 200, priceUsd: '0.05', goldRatio: 0, targetAccuracy: 0.8 });
  expect(status).toBe(200);
  const names = body.options.map(({ name }: { name: string }) => name);
  expect(names).toEqual(['fixed:1', 'fixed:3', 'fixed:5', 'adaptive']);
  expect(body.options[1].costUsd).toEqual({ p10: 30, p50: 30, p90: 30 });
  expect(names).toContain(body.recommended);
  expect(body.options[1].unresolved).toEqual({ p10: 0, p50: 0, p90: 0 });
  // Nor more at work than there are.
  for (const atWork of ['always', '9-17:21']) {
    expect((await plan({ tasks: 10, atWork })).body).toMatchObject({ code: 'invalid_input', field: 'atWork' });
  }
});

test('what a campaign has measured replaces the defaults, and what is asked for replaces that', async () => {
  const items = Array.from({ length: 20 }, (_, at) => ({ key: `k${at}`, text: `Mail ${at}` }));
  const made = await runningCampaign(rig, { settings: { redundancy: 1 }, items, annotators: 1 });
  const [who = { apiKey: '' }] = made.annotators;
  const query = `type=classification&tasks=1000&tier=expert&redundancy=1&review=0&campaignId=${made.id}`;
  for (let at = 0; at < items.length; at++) {
    if (at === 19) expect((await ask(query)).body.measured).toBeNull();
    const next = await rig.call(who.apiKey, 'POST', '/v1/assignments/next', { campaignId: made.id });
    const { assignmentId } = next.body;
    await rig.db`update assignments set leased_at = now() - interval '1 minute' where id = ${assignmentId}`;
    const path = `/v1/assignments/${assignmentId}/annotation`;
    expect((await rig.call(who.apiKey, 'POST', path, { label: 'spam', timeSpentS: 36 })).status).toBe(201);
  }
  const { body } = await ask(query);
  expect(body.measured).toEqual({
    ...{ answers: 20, endedTasks: 0, secondsEach: 36, goldRatio: 0 },
    ...{ priceUsd: '0.05', priceMicros: 50_000, hourlyUsd: '5.00', hourlyMicros: 5_000_000 },
    ...{ costPerTaskUsd: null, costPerTaskMicros: null },
  });
  // 1,000 at the five cents that were paid, whatever an expert costs by default; and the platform's fee.
  expect(body.estimates[3]).toMatchObject({ platform: 'self_hosted', costPerAnnotation: 0.05, totalCost: 52.5 });
  expect(body.estimates[2]).toMatchObject({ platform: 'mturk', totalCost: 60 });
  // Saved by hosting: 20% - 5% of five cents a task.
  expect(body.breakEven.platforms).toContainEqual({ platform: 'mturk', tasksAMonth: Math.ceil(10_000 / 0.0075) });
  expect((await ask(`${query}&seconds=72`)).body.estimates[3]).toMatchObject({ costPerAnnotation: 0.1 });
  expect((await ask(query.replace(made.id, nobodysId()))).status).toBe(404);
});
