import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import { connect } from '../../db/client.ts';
import { freePort } from '../support/ports.ts';
import { nobodysId, type Rig, runningCampaign, spam, startRig } from './rig.ts';

let rig: Rig;
let campaignId: string;
let key: string;
let otherKey: string;
let assignmentId: string;

beforeAll(async () => {
  rig = await startRig();
  const campaign = await runningCampaign(rig);
  campaignId = campaign.id;
  key = campaign.annotators[0]?.apiKey ?? '';
  otherKey = campaign.annotators[1]?.apiKey ?? '';
  assignmentId = (await rig.call(key, 'POST', '/v1/assignments/next')).body.assignmentId;
});
afterAll(() => rig.close());

/** Everything that a refused request must leave alone. */
async function everything() {
  const [row] = await rig.db`
    select (select count(*) from campaigns) as campaigns, (select count(*) from items) as items,
      (select count(*) from annotators) as annotators, (select count(*) from annotations) as annotations,
      (select count(*) from outbox) as outbox, (select count(*) from rulings) as rulings,
      (select count(*) from idempotency_keys) as keys, (select sum(cap_micros) from budgets) as caps,
      (select string_agg(id::text || state, ',' order by id) from assignments) as assignments,
      (select string_agg(id::text || state || policy_version, ',' order by id) from campaigns) as states`;
  return row;
}

async function refused(
  call: () => ReturnType<Rig['call']>,
  expected: { status: number; code: string; field?: string; detail?: RegExp },
) {
  const before = await everything();
  const answer = await call();
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ status: expected.status, code: expected.code });
  expect(answer.status).toBe(expected.status);
  if (expected.field !== undefined) expect(answer.body.field).toBe(expected.field);
  if (expected.detail) expect(answer.body.detail).toMatch(expected.detail);
  expect(answer.body.detail).toMatch(/[.!?]$/);
  expect(answer.text).not.toMatch(/node_modules|\bat .*\.ts:\d+/);
  expect(await everything()).toEqual(before);
  return answer;
}

describe('paths', () => {
  test('that are no paths, or longer than any, are answered as every other error', async () => {
    await refused(() => rig.call(rig.requester, 'GET', '/v1/campaigns/%zz'), {
      status: 400,
      code: 'malformed_request',
    });
    const answer = await rig.call(undefined, 'GET', '/v1/campaigns/%zz');
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    const long = `/v1/campaigns/${'x'.repeat(5000)}`;
    const { body } = await refused(() => rig.call(rig.requester, 'GET', long), { status: 404, code: 'not_found' });
    expect(body.detail.length).toBeLessThan(200);
  });
});

describe('what cannot be reached', () => {
  test('is the database only where it is the database', async () => {
    const dead = connect(`postgres://nobody@127.0.0.1:${await freePort()}/none`, { max: 1 });
    const app = await createApp({ db: dead, temporal: rig.temporal.client });
    try {
      const headers = { authorization: `Bearer ${rig.requester}` };
      const answer = await app.inject({ method: 'GET', url: '/v1/campaigns', headers });
      expect(answer.json()).toMatchObject({
        status: 503,
        code: 'unavailable',
        detail: expect.stringContaining('database'),
      });
    } finally {
      await app.close();
      await dead.end({ timeout: 1 });
    }
    rig.temporal.answer = async () => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    const other = await rig.call(rig.requester, 'POST', `/v1/campaigns/${campaignId}/pause`);
    rig.temporal.answer = async () => ({});
    expect(other.status).toBeGreaterThanOrEqual(500);
    expect(other.body.detail).not.toContain('database');
  });
});

describe('bodies', () => {
  const json = { 'content-type': 'application/json' };
  const create =
    (body: unknown, headers = json) =>
    () =>
      rig.call(rig.requester, 'POST', '/v1/campaigns', body, headers);

  test('malformed JSON is named with line and column', () =>
    refused(create('{\n  "name": "x",\n  oops\n}'), {
      status: 400,
      code: 'malformed_request',
      detail: /line 3, column 3/,
    }));

  test('JSON deeper than any value is', () =>
    refused(create(`{"config": ${'['.repeat(5000)}${']'.repeat(5000)}}`), {
      status: 422,
      code: 'invalid_input',
      detail: /more than 100 levels deep/,
    }));

  test('thousands of fields that there are not', async () => {
    const body = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`x${at}`, 1]));
    const answer = await create(JSON.stringify(body))();
    expect(answer.status).toBe(422);
    expect(answer.body.details.length).toBeLessThanOrEqual(20);
  });

  test('JSON that ends too early', () =>
    refused(create('{"name": "x"'), { status: 400, code: 'malformed_request', detail: /not valid JSON/ }));

  test('NaN is no JSON', () =>
    refused(
      () =>
        rig.call(key, 'POST', `/v1/assignments/${assignmentId}/annotation`, '{"label":"spam","timeSpentS":NaN}', json),
      {
        status: 400,
        code: 'malformed_request',
        detail: /line 1, column 30: found "N"/,
      },
    ));

  test('invalid UTF-8', () =>
    refused(create(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), {
      status: 400,
      code: 'malformed_request',
      detail: /UTF-8/,
    }));

  test('an empty body', () => refused(create(''), { status: 422, code: 'invalid_input' }));

  test('another content type', () =>
    refused(create('name=x', { 'content-type': 'application/x-www-form-urlencoded' }), {
      status: 415,
      code: 'unsupported_media_type',
    }));

  test('a body beyond the limit', () =>
    refused(create(JSON.stringify({ ...spam, instructions: 'x'.repeat(2_000_000) })), {
      status: 413,
      code: 'payload_too_large',
    }));

  test('the NUL character, which PostgreSQL cannot hold', () =>
    refused(create(JSON.stringify({ ...spam, instructions: 'a\u0000b' })), {
      status: 422,
      code: 'invalid_input',
      field: 'instructions',
      detail: /\\u0000/,
    }));

  test('half a surrogate pair', () =>
    refused(create(`{"name":"\\ud83d","type":"classification"}`), {
      status: 422,
      code: 'invalid_input',
      field: 'name',
    }));
});

describe('campaigns', () => {
  test.each([
    ['an unknown type', { type: 'poetry' }, 'type', /classification/],
    ['an unknown field', { redundency: 3 }, 'redundency', /not a field/],
    ['a label list of one', { config: { labels: ['spam'] } }, 'config.labels', /at least 2/],
    ['a negative budget', { budgetUsd: '-1' }, 'budgetUsd', /negative/],
    ['a budget in words', { budgetUsd: 'ten' }, 'budgetUsd', /dollars/],
    ['a redundancy of zero', { redundancy: 0 }, 'redundancy', /redundancy/],
    ['maxRedundancy below redundancy', { redundancy: 3, maxRedundancy: 2 }, 'maxRedundancy', /at least the redundancy/],
    ['a gold ratio above one', { goldRatio: 1.5 }, 'goldRatio', /goldRatio/],
    ['an unknown tier', { tier: 'novice' }, 'tier', /crowd/],
  ])('%s', async (_name, change, field, detail) => {
    const expected = { status: 422, code: 'invalid_input', field, detail };
    await refused(() => rig.call(rig.requester, 'POST', '/v1/campaigns', { ...spam, ...change }), expected);
  });

  test('ids that are none, or of nothing', async () => {
    for (const id of ['42', 'not-a-uuid', `${nobodysId()}x`, nobodysId()]) {
      await refused(() => rig.call(rig.requester, 'GET', `/v1/campaigns/${id}`), { status: 404, code: 'not_found' });
    }
    await refused(() => rig.call(rig.requester, 'GET', '/v1/campaigns?cursor=abc'), {
      status: 422,
      code: 'invalid_input',
      field: 'cursor',
    });
    await refused(() => rig.call(rig.requester, 'GET', '/v1/campaigns?limit=0'), {
      status: 422,
      code: 'invalid_input',
      field: 'limit',
    });
    await refused(() => rig.call(rig.requester, 'GET', '/v1/nowhere'), { status: 404, code: 'not_found' });
  });

  test('starting what cannot work says which knobs to turn', async () => {
    const { body } = await rig.call(rig.requester, 'POST', '/v1/campaigns', {
      ...spam,
      budgetUsd: '0.10',
      redundancy: 25,
      tier: 'expert',
    });
    const answer = await refused(() => rig.call(rig.requester, 'POST', `/v1/campaigns/${body.id}/start`), {
      status: 409,
      code: 'not_startable',
    });
    expect(answer.body.details.reasons).toEqual([
      expect.stringContaining('import items'),
      expect.stringContaining('add annotators, lower the tier, or lower the redundancy'),
    ]);
    await rig.call(rig.requester, 'POST', `/v1/campaigns/${body.id}/items`, [{ text: 'x' }]);
    const poor = await rig.call(rig.requester, 'POST', `/v1/campaigns/${body.id}/start`);
    expect(poor.body.details.reasons.at(-1)).toMatch(/could cost \$1\.25,.* raise budgetUsd/);
    expect(poor.body.details.needsUsd).toBe('1.25');
    const limits = { workforces: { internal: '1.24' } };
    await rig.call(rig.requester, 'PUT', `/v1/campaigns/${body.id}/limits`, limits);
    await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${body.id}`, { budgetUsd: '2' });
    const capped = await rig.call(rig.requester, 'POST', `/v1/campaigns/${body.id}/start`);
    expect(capped.body.details.reasons.at(-1)).toMatch(/the cap of the workforce internal leaves \$1\.24: raise it/);
    expect(capped.body.details).not.toHaveProperty('needsUsd');
    const over = { ...spam, stop: { deadline: '2020-01-01T00:00:00Z' } };
    const past = await rig.call(rig.requester, 'POST', '/v1/campaigns', over);
    const late = await rig.call(rig.requester, 'POST', `/v1/campaigns/${past.body.id}/start`);
    expect(late.body.details.reasons.at(-1)).toMatch(/^It would stop at once: its stop.deadline 2020-.* is past/);
  });

  test('a budget below what is spent and reserved', async () => {
    const { body } = await rig.call(rig.requester, 'POST', '/v1/campaigns', spam);
    await rig.db`update budgets set reserved_micros = 3000000, spent_micros = 2000000 where campaign_id = ${body.id}`;
    await refused(() => rig.call(rig.requester, 'PATCH', `/v1/campaigns/${body.id}`, { budgetUsd: '4.99' }), {
      status: 409,
      code: 'budget_below_spent',
      field: 'budgetUsd',
      detail: /least budget now is \$5\.00/,
    });
    expect((await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${body.id}`, { budgetUsd: '5' })).status).toBe(200);
    await rig.db`update budgets set reserved_micros = 0, spent_micros = 0 where campaign_id = ${body.id}`;
  });

  test('an hour that pays nothing; with pay, and without again, it is taken', async () => {
    const { body } = await rig.call(rig.requester, 'POST', '/v1/campaigns', spam);
    const change = (hourlyUsd: string | null) =>
      rig.call(rig.requester, 'PATCH', `/v1/campaigns/${body.id}`, { hourlyUsd });
    await refused(() => change('0'), {
      status: 422,
      code: 'invalid_input',
      field: 'hourlyUsd',
      detail: /an hour must pay something/,
    });
    expect((await change('18.50')).body).toMatchObject({ policyVersion: 2, settings: { hourlyUsd: '18.50' } });
    expect((await change(null)).body.settings).not.toHaveProperty('hourlyUsd');
  });

  test('a closed campaign takes no items, no start and no change', async () => {
    const { body } = await rig.call(rig.requester, 'POST', '/v1/campaigns', spam);
    await rig.db`update campaigns set state = 'finished', ended_at = now() where id = ${body.id}`;
    const closed = { status: 409, code: 'campaign_closed' };
    const path = `/v1/campaigns/${body.id}`;
    await refused(() => rig.call(rig.requester, 'POST', `${path}/items`, [{ text: 'x' }]), closed);
    await refused(() => rig.call(rig.requester, 'POST', `${path}/start`), closed);
    await refused(() => rig.call(rig.requester, 'PATCH', path, { redundancy: 2 }), closed);
  });
});

describe('answers', () => {
  const answer =
    (body: unknown, as = () => key, id = () => assignmentId) =>
    () =>
      rig.call(as(), 'POST', `/v1/assignments/${id()}/annotation`, body);
  const good = { label: 'spam', timeSpentS: 3 };

  test.each([
    ['an unknown choice', { ...good, label: 'eggs' }, 'label', /"spam", "ham"/],
    ['a wrong label shape', { ...good, label: { choice: 'spam' } }, 'label', /"spam", "ham"/],
    ['no label', { timeSpentS: 3 }, 'label', /"spam", "ham"/],
    ['negative time', { ...good, timeSpentS: -1 }, 'timeSpentS', /timeSpentS/],
    ['time as text', { ...good, timeSpentS: 'NaN' }, 'timeSpentS', /number/],
    ['no time', { label: 'spam' }, 'timeSpentS', /timeSpentS/],
    ['more than a day', { ...good, timeSpentS: 86_401 }, 'timeSpentS', /86400/],
    ['confidence above one', { ...good, confidence: 1.01 }, 'confidence', /confidence/],
    ['an unknown field', { ...good, labl: 1 }, 'labl', /not a field/],
  ])('%s', async (_name, body, field, detail) => {
    await refused(answer(body), { status: 422, code: 'invalid_input', field, detail });
  });

  test('infinite time', () =>
    refused(
      () =>
        rig.call(key, 'POST', `/v1/assignments/${assignmentId}/annotation`, '{"label":"spam","timeSpentS":1e999}', {
          'content-type': 'application/json',
        }),
      {
        status: 422,
        code: 'invalid_input',
        field: 'timeSpentS',
      },
    ));

  test("another annotator's assignment", () =>
    refused(
      answer(good, () => otherKey),
      { status: 403, code: 'lease_foreign' },
    ));

  test('an assignment that is not there', () =>
    refused(
      answer(
        good,
        () => key,
        () => nobodysId(),
      ),
      { status: 404, code: 'not_found' },
    ));

  test('next with a campaign id that is none', () =>
    refused(() => rig.call(key, 'POST', '/v1/assignments/next', { campaignId: 'x' }), {
      status: 422,
      code: 'invalid_input',
      field: 'campaignId',
    }));
});

describe('imports', () => {
  const items =
    (body: unknown, type = 'application/x-ndjson') =>
    () =>
      rig.call(rig.requester, 'POST', `/v1/campaigns/${campaignId}/items`, body, { 'content-type': type });

  test.each([
    ['an empty file', ''],
    ['blank lines', '\n\n \n'],
  ])('%s', async (_name, body) => {
    await refused(items(body), { status: 400, code: 'malformed_request', detail: /no rows/ });
  });

  test('a CSV of nothing but a header', () =>
    refused(items('key,text\n', 'text/csv'), { status: 400, code: 'malformed_request' }));

  test.each([
    ['a malformed line', '{"text": oops}', /Line 1: the line is not valid JSON at column 10/],
    ['a row that is no object', '42', /Line 1: The row is not an object/],
    ['a payload without its text', '{"key": "x"}', /Line 1: payload\.text is missing/],
    [
      'a payload of ten megabytes',
      JSON.stringify({ text: 'x'.repeat(10_000_000) }),
      /Line 1: the line is longer than 4194304 bytes/,
    ],
    ['a payload of two million characters', JSON.stringify({ text: 'x'.repeat(2_000_000) }), /at most 1,000,000/],
    ['a gold that is no choice', '{"text": "a", "gold": "eggs"}', /gold: "eggs" is not one of "spam", "ham"/],
    ['a gold that is no choice but a number', '{"text": "a", "gold": "2.0"}', /Line 1: gold: "2.0" is not one of/],
    ['a honeypot without gold', '{"text": "a", "honeypot": true}', /honeypot/],
    ['NUL in the payload', '{"text": "a\\u0000b"}', /payload\.text contains a NUL/],
    ['NUL in the key', '{"text": "a", "key": "a\\u0000b"}', /key contains/],
    ['a key that stands for other content', '{"key": "one", "text": "Something else"}', /key "one" is taken/],
  ])('%s', async (_name, body, detail) => {
    const answer = await refused(items(body), { status: 422, code: 'invalid_input', detail });
    expect(answer.body).toMatchObject({ accepted: 0, duplicates: 0, rejectedCount: 1, rejected: [{ line: 1 }] });
  });

  test('invalid UTF-8 is named by line', async () => {
    const bytes = Buffer.concat([Buffer.from('\n{"text": "'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    await refused(items(bytes), { status: 422, code: 'invalid_input', detail: /Line 2: the line is not valid UTF-8/ });
  });

  test('ragged CSV rows', () =>
    refused(items('key,text\na,b,c\nd\n', 'text/csv'), {
      status: 422,
      code: 'invalid_input',
      detail: /Line 2: the row has 3 columns, but the header has 2/,
    }));

  test.each([
    ['semicolons', 'key;text\na;b, c\n', /Commas must separate the columns, not ";"/],
    ['tabs', 'key\ttext\na\tb\n', /Commas must separate the columns, not tabs/],
    ['line ends of CR alone', 'key,text\ra,b\r', /lines end with carriage returns alone/],
  ])('a CSV of %s', async (_name, body, detail) => {
    await refused(items(body, 'text/csv'), { status: 400, code: 'malformed_request', detail });
  });

  test('a CSV header that names a column twice', () =>
    refused(items('text,text\na,b\n', 'text/csv'), { status: 422, code: 'invalid_input', detail: /"text" twice/ }));

  test('a CSV header of more columns than any table has', () => {
    const header = Array.from({ length: 100_000 }, (_, at) => `c${at}`).join(',');
    return refused(items(`${header}\n`, 'text/csv'), { status: 422, code: 'invalid_input', detail: /100000 columns/ });
  });

  test('an array that is malformed, or none, or no JSON type', async () => {
    await refused(items('[{"text": "a"},', 'application/json'), { status: 400, code: 'malformed_request' });
    await refused(items('{"text": "a"}', 'application/json'), { status: 422, code: 'invalid_input', detail: /array/ });
    await refused(items('<items/>', 'application/xml'), { status: 415, code: 'unsupported_media_type' });
    await refused(items('', 'application/json'), { status: 400, code: 'malformed_request' });
  });
});
