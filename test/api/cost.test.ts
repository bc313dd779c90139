import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { setPayFloors } from '../../db/queries/pay-floors.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { quorate } from '../cli/run.ts';
import { json, startStub } from '../cli/stub-server.ts';
import { insertKey } from '../support/keys.ts';
import { addAnnotators, nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

/** An answer to a gold, taken in and graded. */
async function answerGold(taskId: string, { annotatorId, right }: { annotatorId: string; right: boolean }) {
  const [assignmentId, annotationId] = [uuidv7(), uuidv7()];
  await rig.db`
    insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, state, annotator_id, assignment_id)
    select id, 1, campaign_id, 'own', 0, 0, 'submitted', ${annotatorId}, ${assignmentId} from tasks where id = ${taskId}`;
  await rig.db`
    insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, leased_at, expires_at, closed_at)
    select ${assignmentId}, id, 1, campaign_id, ${annotatorId}, 1, 'submitted', 70000, now() - interval '1 minute', now(), now()
    from tasks where id = ${taskId}`;
  await rig.db`
    insert into annotations (id, assignment_id, task_id, campaign_id, annotator_id, counted, time_spent_s, price_micros,
      score, flags, assessed_at)
    select ${annotationId}, ${assignmentId}, id, campaign_id, ${annotatorId}, true, 40, 70000, 1,
      ${right ? [] : ['gold_incorrect']}, now()
    from tasks where id = ${taskId}`;
  await rig.db`
    insert into annotation_labels (annotation_id, label) values (${annotationId}, ${rig.db.json(right ? 'spam' : 'ham')})`;
}

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

test('a price for one replaces rate and seconds', async () => {
  const { body } = await ask('type=span&tasks=100&redundancy=3&gold=0&review=0&platform=mturk&priceUsd=0.07');
  // 300 at seven cents, and a fifth.
  expect(body.estimates).toEqual([expect.objectContaining({ costPerAnnotation: 0.07, baseCost: 21, totalCost: 25.2 })]);
});

test('figures that an owner sets hold for costs, plans, and the usual prices of new campaigns', async () => {
  const path = '/v1/cost/settings';
  const owner = newApiKey();
  await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'owner' });
  const set = { hourlyUsd: { crowd: '36' }, seconds: { likert: 10 }, fee: { mturk: 0.25 }, gold: 0, review: 0 };
  try {
    expect((await rig.call(rig.requester, 'PUT', path, set)).status).toBe(403);
    const { status, body } = await rig.call(owner, 'PUT', path, set);
    expect([status, body.set]).toEqual([200, { ...set, hourlyUsd: { crowd: '36.00' } }]);
    expect(body.figures).toContainEqual({ name: 'fee.mturk', value: 0.25, usual: 0.2 });
    // 300 answers at 36 / 3600 x 10 = 0.10 each; a fourth at MTurk, and 5% at home.
    const { body: cost } = await ask('type=likert&tier=crowd&tasks=100');
    const totals = cost.estimates.map((each: { platform: string; totalCost: number }) => [
      each.platform,
      each.totalCost,
    ]);
    expect(Object.fromEntries(totals)).toMatchObject({ mturk: 37.5, self_hosted: 31.5 });
    expect(cost.unusual).toContainEqual({ name: 'hourlyUsd.crowd', value: 36, usual: 12 });
    const { assumptions } = (await plan({ tasks: 20, type: 'likert', tier: 'crowd' })).body;
    expect(assumptions).toMatchObject({ priceUsd: '0.10', secondsMedian: 10, goldRatio: 0 });
    const campaign = {
      name: 'likert',
      type: 'likert',
      config: { criteria: [{ name: 'clear' }], min: 1, max: 5 },
      budgetUsd: '5',
      tier: 'crowd',
    };
    const made = await rig.call(rig.requester, 'POST', '/v1/campaigns', { ...campaign, instructions: 'Rate it.' });
    expect([made.status, made.body.settings?.priceUsd ?? made.body.priceUsd]).toEqual([201, '0.10']);
    for (const [wrong, field] of [
      [{ fee: { mturk: 11 } }, 'fee.mturk'],
      [{ hourlyUsd: { crowd: '0' } }, 'hourlyUsd.crowd'],
      [{ seconds: { poem: 5 } }, 'seconds.poem'],
    ] as const) {
      expect(await rig.call(owner, 'PUT', path, wrong)).toMatchObject({ status: 422, body: { field } });
    }
  } finally {
    await rig.call(owner, 'PUT', path, {});
  }
  expect((await rig.call(rig.viewer, 'GET', path)).body.set).toEqual({});
  expect((await ask('type=likert&tier=crowd&tasks=100')).body.unusual).toEqual([]);
});

test('what is wrong with a question is named', async () => {
  expect((await ask('tasks=5')).body).toMatchObject({ code: 'invalid_input', field: 'type' });
  expect(await ask('type=likert')).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  expect((await ask('type=poem&tasks=5')).body.detail).toMatch(/type/);
  expect((await rig.call(undefined, 'GET', '/v1/cost?type=likert&tasks=5')).status).toBe(401);
});

const plan = (body: unknown) => rig.call(rig.viewer, 'POST', '/v1/plan', body);

test('a plan has every policy with its bands, a recommendation, and what was assumed', async () => {
  const startAt = '2026-12-01T00:00:00Z';
  const { status, body } = await plan({ tasks: 200, priceUsd: '0.05', goldRatio: 0, targetAccuracy: 0.8, startAt });
  expect(status).toBe(200);
  const names = body.options.map(({ name }: { name: string }) => name);
  expect(names).toEqual(['fixed:1', 'fixed:3', 'fixed:5', 'adaptive']);
  expect(body.options[1].costUsd).toEqual({ p10: 30, p50: 30, p90: 30 });
  expect(body.options[1].costMicros).toEqual({ p10: 30_000_000, p50: 30_000_000, p90: 30_000_000 });
  const { hours, finishAt } = body.options[1];
  expect(Date.parse(finishAt.p50) / 3_600_000).toBeCloseTo(Date.parse(startAt) / 3_600_000 + hours.p50, 3);
  expect(names).toContain(body.recommended);
  expect(names).toEqual(expect.arrayContaining(body.frontier));
  expect(body.options[1].unresolved).toEqual({ p10: 0, p50: 0, p90: 0 });
  expect(body.assumptions).toMatchObject({
    ...{ source: 'as stated', accuracy: 0.8, choices: 2, annotators: 20, secondsMedian: 15 },
    ...{ priceUsd: '0.05', priceMicros: 50_000, judge: null },
  });
  expect(body.assumptions.atWork.slice(8, 10)).toEqual([0, 10]);
  // Nor more at work than there are.
  for (const atWork of ['always', '9-17:21']) {
    expect((await plan({ tasks: 10, atWork })).body).toMatchObject({ code: 'invalid_input', field: 'atWork' });
  }
});

test('a campaign that is not made yet is planned as it is set, beside the usual policies', async () => {
  const campaign = {
    ...{ type: 'classification', config: { labels: ['a', 'b', 'c', 'd'] }, budgetUsd: '50', priceUsd: '0.10' },
    ...{ redundancy: 2, goldRatio: 0, tier: 'trained', stop: { maxTasks: 60 } },
  };
  const { status, body } = await plan({ tasks: 200, campaign });
  expect(status).toBe(200);
  const ownOf = (plan: typeof body) => plan.options.find(({ name }: { name: string }) => name === plan.own);
  const own = ownOf(body);
  expect(own).toMatchObject({ name: 'fixed:2', costUsd: { p10: 12, p50: 12, p90: 12 }, answersPerTask: { p50: 2 } });
  expect(body).toMatchObject({ cap: { usd: '50.00', micros: 50_000_000 }, notes: [] });
  expect(own.cap).toEqual({ enough: 1, tasks: { p10: 60, p50: 60, p90: 60 } });
  // A budget that is too small ends it: two answers at ten cents are 30 tasks for six dollars.
  const poor = (await plan({ tasks: 200, campaign: { ...campaign, budgetUsd: '6' } })).body;
  expect(ownOf(poor).cap).toEqual({ enough: 0, tasks: { p10: 30, p50: 30, p90: 30 } });
  expect(poor.recommended).toBe('fixed:1');
  // Judges of whom nothing is said are not played, and the campaign as it stands is none of the policies.
  const judged = { ...campaign, workforces: ['llm', 'internal'], judge: {} };
  const unsaid = (await plan({ tasks: 200, campaign: judged })).body;
  expect(unsaid).toMatchObject({ own: null, notes: [expect.stringMatching(/^Its judges are not played/)] });
  const said = (await plan({ tasks: 200, campaign: judged, judge: { accuracy: 0.9 } })).body;
  expect(said).toMatchObject({ own: 'fixed:2+judge', notes: [expect.stringMatching(/decide some tasks alone/)] });
  expect(body.options).toHaveLength(5);
  expect(body.assumptions).toMatchObject({ tasks: 60, choices: 4, priceMicros: 100_000 });
  // Each setting counts: more answers where they disagree, and a price of its own.
  const asking = { ...campaign, onDisagreement: 'extend', maxRedundancy: 6, minConfidence: 0.9 };
  const asked = ownOf((await plan({ tasks: 200, campaign: asking })).body);
  expect(asked.answersPerTask.p50).toBeGreaterThan(2.2);
  expect(asked.accuracy.p50).toBeGreaterThan(own.accuracy.p50);
  // By the hour an answer earns its time, at most twice the usual: 15 s of a log-normal spread of 0.6 are $0.17 on average.
  const byTheHour = (await plan({ tasks: 200, campaign: { ...campaign, priceUsd: undefined, hourlyUsd: '36' } })).body;
  expect(byTheHour.assumptions).toMatchObject({ priceUsd: '0.30', hourlyUsd: '36.00' });
  expect(Math.abs(ownOf(byTheHour).costUsd.p50 / (120 * 0.17) - 1)).toBeLessThan(0.1);
  // What has no golds pays for none.
  const golden = { ...campaign, goldRatio: 0.5 };
  const costOf = async (more: object) =>
    ownOf((await plan({ tasks: 200, campaign: golden, ...more })).body).costUsd.p50;
  expect(await costOf({ golds: 0 })).toBe(12);
  expect(await costOf({ golds: 2 })).toBeGreaterThan(12);
  // What the campaign could not be made with it is not planned with.
  const wrong = { ...campaign, redundancy: 5, maxRedundancy: 2 };
  expect(await plan({ tasks: 200, campaign: wrong })).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
});

test('a plan by the hour pays the floors of whoever may work on it, as its campaign would', async () => {
  const campaign = {
    ...{ type: 'classification', config: { labels: ['a', 'b'] }, budgetUsd: '50', redundancy: 1, goldRatio: 0 },
    ...{ hourlyUsd: '10', workforces: ['floored'] },
  };
  const floors = new Map([
    ['', 15_000_000n],
    ['CH', 30_000_000n],
    ['KE', 4_000_000n],
  ]);
  await setPayFloors(rig.db, DEFAULT_ORGANISATION, floors);
  const paid = async () => (await plan({ tasks: 50, campaign })).body;
  // Nobody yet: the greatest, and the price is twice what it comes to in the usual time, as the campaign's would be.
  const alone = await paid();
  expect(alone.assumptions).toMatchObject({ hourlyUsd: '30.00', priceUsd: '0.25' });
  expect(alone.notes).toContainEqual(expect.stringContaining('above its rate of $10.00'));
  const people = await addAnnotators(rig, 2);
  for (const [at, region] of ['KE', null].entries()) {
    await rig.db`update annotators set workforce = 'floored', simulated = false, region = ${region} where id = ${people[at]?.id ?? ''}`;
  }
  expect((await paid()).assumptions).toMatchObject({ hourlyUsd: '12.50' });
  await setPayFloors(rig.db, DEFAULT_ORGANISATION, new Map());
  const free = await paid();
  expect([free.assumptions.hourlyUsd, free.notes]).toEqual(['10.00', []]);
});

test('a plan has a judge for half a cent where nobody says otherwise, and leaves out what it has too few people for', async () => {
  const { body } = await plan({ tasks: 50, annotators: 2, judge: { accuracy: 0.9 } });
  expect(body.assumptions.judge).toEqual({ accuracy: 0.9, priceUsd: '0.005', priceMicros: 5000 });
  expect(body.options.map(({ name }: { name: string }) => name)).toContain('fixed:3+judge');
  expect(body.leftOut).toContainEqual({ name: 'fixed:3', reason: 'needs 3 annotators; there are 2' });
});

test('a plan learns from answers with known labels', async () => {
  const tasks = Array.from({ length: 40 }, (_, at) => `t${at}`);
  // Each of five is wrong about every fifth task, no two of them about the same.
  const answers = tasks.flatMap((task, at) =>
    [0, 1, 2, 3, 4].map((worker) => ({ task, worker: `w${worker}`, label: at % 5 === worker ? 'no' : 'yes' })),
  );
  const pilot = { answers, gold: tasks.map((task) => ({ task, label: 'yes' })) };
  const { status, body } = await plan({ tasks: 50, pilot });
  expect(status).toBe(200);
  expect(body.assumptions).toMatchObject({ source: 'a pilot of 40 tasks with 200 answers', accuracy: 0.8, skillSd: 0 });
  const few = { answers, gold: pilot.gold.slice(0, 19) };
  expect((await plan({ tasks: 50, pilot: few })).body).toMatchObject({ code: 'invalid_input', field: 'pilot' });
  expect((await plan({ tasks: 50, pilot, campaignId: nobodysId() })).status).toBe(404);
});

test("a campaign's graded golds are a pilot, with the times they took and what it pays", async () => {
  const items = [
    ...Array.from({ length: 25 }, (_, at) => ({ key: `g${at}`, text: `Mail ${at}`, gold: 'spam' })),
    { key: 'work', text: 'Mail' },
  ];
  const made = await runningCampaign(rig, {
    settings: { redundancy: 1, goldRatio: 0.5, priceUsd: '0.07' },
    items,
    annotators: 1,
  });
  const [who = { id: '', apiKey: '' }] = made.annotators;
  expect((await plan({ tasks: 50, campaignId: made.id })).body).toMatchObject({
    code: 'invalid_input',
    field: 'accuracy',
  });
  const golds = await rig.db<{ id: string }[]>`
    select id from tasks where campaign_id = ${made.id} and kind = 'gold' order by id`;
  expect(golds).toHaveLength(25);
  for (const [at, { id }] of golds.entries()) await answerGold(id, { annotatorId: who.id, right: at % 5 !== 0 });
  const { body } = await plan({ tasks: 50, campaignId: made.id });
  expect(body.assumptions).toMatchObject({
    ...{ source: 'a pilot of 25 tasks with 25 answers', accuracy: 0.8, choices: 2, goldRatio: 0.5 },
    ...{ secondsMedian: 40, secondsLogSd: expect.closeTo(0), priceUsd: '0.07' },
    // Who may work on it, and as many golds as there are.
    ...{ annotators: 1, goldFloor: 10 },
  });
  expect(body).toMatchObject({ own: 'fixed:1', played: { by: 'simulation', tasks: 50 } });
  expect((await plan({ tasks: 50, campaignId: made.id, priceUsd: '0.01' })).body.assumptions.priceUsd).toBe('0.01');
  // Of an answer that was taken out nothing is learnt.
  await rig.db`update annotations set excluded_at = now() where 'gold_incorrect' = any(flags)`;
  const rest = (await plan({ tasks: 50, campaignId: made.id })).body.assumptions;
  expect(rest.source).toBe('a pilot of 20 tasks with 20 answers');
});

test('a campaign that nobody has answered is planned by its own rules, with a crowd that is stated', async () => {
  const asking = { redundancy: 2, maxRedundancy: 7, onDisagreement: 'extend', minConfidence: 0.9, goldFloor: 4 };
  const settings = { ...asking, stop: { maxTasks: 30 } };
  const items = Array.from({ length: 40 }, (_, at) => ({ key: `k${at}`, text: `Mail ${at}` }));
  const { id } = await runningCampaign(rig, { settings, items, annotators: 9 });
  const { eligibleAnnotators: annotators } = (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`)).body;
  expect(annotators).toBeGreaterThanOrEqual(9);
  const { body } = await plan({ campaignId: id, accuracy: 0.7, goldRatio: 0 });
  expect(body).toMatchObject({ own: 'fixed:2', assumptions: { source: 'as stated', tasks: 30, annotators } });
  const asks = Object.fromEntries(
    body.options.map(({ name, asks: of }: { name: string; asks: unknown }) => [name, of]),
  );
  expect(asks).toEqual({
    'fixed:1': { least: 1, most: 7, minConfidence: 0.9 },
    'fixed:2': { least: 2, most: 7, minConfidence: 0.9 },
    'fixed:3': { least: 3, most: 7, minConfidence: 0.9 },
    'fixed:5': { least: 5, most: 7, minConfidence: 0.9 },
    adaptive: { least: 2, most: 5, minConfidence: 0.95 },
  });
  // Its two answers disagree too often for as few.
  const own = body.options.find(({ name }: { name: string }) => name === 'fixed:2');
  expect(own.answersPerTask.p50).toBeGreaterThan(2.5);
  expect((await plan({ accuracy: 0.7 })).body).toMatchObject({ code: 'invalid_input', field: 'tasks' });
  const stub = await startStub(json(200, body));
  try {
    const flags = ['--campaign', id, '--accuracy', '0.7', '--at-work', '9-17:4'];
    expect((await quorate(stub.url, 'plan', ...flags)).out).toMatch(/\nfixed:2 \* /);
    const [asked] = stub.seen;
    expect(asked?.url).toBe('/v1/plan');
    expect(Object.keys(JSON.parse(String(asked?.body)))).toEqual(['campaignId', 'accuracy', 'atWork', 'seed']);
    expect(JSON.parse((await quorate(stub.url, 'plan', ...flags, '--json')).out)).toEqual(body);
  } finally {
    await stub.close();
  }
});

test('other requests do not wait for a plan', async () => {
  let planned = false;
  const planning = plan({ tasks: 1000, annotators: 200 }).then((answer) => {
    planned = true;
    return answer;
  });
  for (let at = 0; at < 5; at++) {
    expect((await ask('type=likert&tasks=5')).status).toBe(200);
    expect(planned).toBe(false);
  }
  expect((await planning).status).toBe(200);
});

test("what a campaign's vendors and judges cost replaces what is usual there", async () => {
  const items = Array.from({ length: 20 }, (_, at) => ({ key: `v${at}`, text: `Mail ${at}` }));
  const { id } = await runningCampaign(rig, { settings: { redundancy: 2 }, items, annotators: 2 });
  const [mturk = '', judge = ''] = [uuidv7(), uuidv7()];
  await rig.db`
    insert into annotators (id, organisation_id, name, kind, workforce)
    select a.id::uuid, c.organisation_id, a.kind, a.kind, a.workforce
    from campaigns c cross join (values (${mturk}, 'vendor', 'mturk'), (${judge}, 'llm', 'llm')) as a(id, kind, workforce)
    where c.id = ${id}`;
  const given = (count: number, by: string, priceMicros: number, feeMicros: number, slot: number) => rig.db`
    with work as (select id, campaign_id from tasks where campaign_id = ${id} and kind = 'work' order by id limit ${count}),
    held as (
      insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, leased_at, expires_at, closed_at)
      select gen_random_uuid(), id, ${slot}, campaign_id, ${by}, 9, 'submitted', ${priceMicros}, now(), now(), now() from work
      returning *
    )
    insert into annotations (id, assignment_id, task_id, campaign_id, annotator_id, counted, time_spent_s, price_micros, fee_micros)
    select gen_random_uuid(), id, task_id, campaign_id, annotator_id, true, ${by === mturk ? 30 : null}, ${priceMicros}, ${feeMicros}
    from held`;
  const query = `type=pairwise&tasks=100&tier=crowd&redundancy=1&review=0&gold=0&campaignId=${id}`;
  await given(20, mturk, 96_000, 16_000, 1);
  await given(20, judge, 1200, 0, 2);
  const { body } = await ask(query);
  expect(body.measured).toBeNull();
  expect(body.measuredElsewhere).toEqual([
    {
      platform: 'mturk',
      answers: 20,
      secondsEach: 30,
      priceUsd: '0.096',
      priceMicros: 96_000,
      feeUsd: '0.016',
      feeMicros: 16_000,
    },
    {
      platform: 'llm_judge',
      answers: 20,
      secondsEach: null,
      priceUsd: '0.0012',
      priceMicros: 1200,
      feeUsd: '0.00',
      feeMicros: 0,
    },
  ]);
  // 100 at 8 cents and a fifth of it; the others by their formula: 45 s at 12 dollars an hour, and 5%.
  const totals = Object.fromEntries(
    body.estimates.map(({ platform, totalCost }: { platform: string; totalCost: number }) => [platform, totalCost]),
  );
  expect(totals).toMatchObject({ mturk: 9.6, self_hosted: 15.75 });
  expect(body.listPrices.rows).toContainEqual(
    expect.objectContaining({ platform: 'llm_judge', listUsd: 50, formulaUsd: 12, differs: 'list higher' }),
  );
  expect((await ask(`${query}&seconds=45`)).body.estimates[2].totalCost).toBe(18);
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
  expect(body.campaign).toEqual({ type: 'classification', tier: 'crowd', goldRatio: 0 });
  expect((await ask(`${query}&fee=0.5&platform=other`)).body.estimates[0]).toMatchObject({ totalCost: 75 });
  expect((await ask(`${query}&fee=0.5`)).body).toMatchObject({ code: 'invalid_input', field: 'platform' });
  // Its type and tier, where none are said.
  const own = (await ask(`tasks=1000&redundancy=1&review=0&campaignId=${made.id}`)).body;
  expect(own.estimates[3]).toMatchObject({ costPerAnnotation: 0.05, totalCost: 52.5 });
  expect((await ask(`${query}&seconds=72`)).body.estimates[3]).toMatchObject({ costPerAnnotation: 0.1 });
  expect((await ask(query.replace(made.id, nobodysId()))).status).toBe(404);
});
