import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../../cli/client.ts';
import { freePort } from '../support/ports.ts';
import { quorate } from './run.ts';
import { type Answer, json, problem, startStub } from './stub-server.ts';

const ID = '0190a0a0-0000-7000-8000-000000000001';

const view = {
  id: ID,
  name: 'Spam\u001b[2J or ham',
  type: 'classification',
  strategy: 'combined',
  tier: 'crowd',
  state: 'running',
  stopReason: null,
  simulated: true,
  policyVersion: 2,
  round: 3,
  counts: {
    pool: 10,
    gold: 2,
    tasksOpen: 1,
    tasksDecided: 4,
    tasksUnresolved: 0,
    tasksCancelled: 0,
    annotations: 12,
    goldAnnotations: 3,
    expiredLeases: 1,
    windowsElapsed: 1,
  },
  budget: { capUsd: '50.00', reservedUsd: '0.15', spentUsd: '0.60' },
  rounds: [
    {
      heldOut: {
        accuracy: 0.9,
        low: 0.8,
        high: 0.95,
        count: 20,
        leftOut: { unresolved: 2, ties: 0, severalOrNone: 1 },
      },
    },
    { heldOut: null },
  ],
  agreement: { alpha: 0.71 },
  eligibleAnnotators: 5,
};

let folder: string;
let answer: Answer;
let stub: Awaited<ReturnType<typeof startStub>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
  answer = json(200, view);
  stub = await startStub((...args) => answer(...args));
});
afterEach(async () => {
  await stub.close();
  rmSync(folder, { recursive: true });
});

describe('exit codes', () => {
  it.each([
    [['--help'], 0],
    [['--version'], 0],
    [['campaign', 'create', '--help'], 0],
    [['frobnicate'], 2],
    [['campaign'], 2],
    [['campaign', 'show'], 2],
    [['campaign', 'show', ID, '--bogus'], 2],
    [['campaign', 'create', '--type', 'likert', '--budget', '5', '--redundancy', 'many'], 2],
    [['campaign', 'create', '--type', 'likert', '--budget', '5', '--gold-ratio', '2'], 2],
    [['serve', 'nothing'], 2],
  ])('%j ends with %d', async (args, code) => {
    expect((await quorate(stub.url, ...args)).code).toBe(code);
    expect(stub.seen).toEqual([]);
  });

  it.each([
    [400, 2],
    [404, 2],
    [413, 2],
    [415, 2],
    [422, 2],
    [401, 1],
    [403, 1],
    [409, 1],
    [500, 1],
  ])('status %d becomes %d, with the sentence of the problem alone', async (status, code) => {
    answer = problem(status, 'some_code', 'What was wrong, where, and what to do.');
    const ran = await quorate(stub.url, 'campaign', 'pause', ID);
    expect(ran).toEqual({ code, out: '', err: 'What was wrong, where, and what to do.\n' });
  });

  it('an amount that the state refuses is wrong input', async () => {
    answer = problem(409, 'budget_below_spent', 'The least budget now is $0.45.', { field: 'budgetUsd' });
    expect(await quorate(stub.url, 'campaign', 'budget', ID, '0.01')).toMatchObject({ code: 2 });
  });

  it('says how to start when nothing runs', async () => {
    const ran = await quorate(undefined, 'campaign', 'list');
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/No Quorate is running here\. Start it with `quorate up`.*QUORATE_URL/);
  });

  it('names the address that does not answer', async () => {
    const { url } = stub;
    await stub.close();
    const ran = await quorate(url, 'campaign', 'list');
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(`No Quorate answers at ${url} (ECONNREFUSED)`);
    expect(ran.err).not.toContain(' at async ');
  });

  it.each([['migrate'], ['ledger', 'verify'], ['ledger', 'export']])(
    'names the database that does not answer: %s %s',
    async (...words) => {
      vi.stubEnv('QUORATE_DATABASE_URL', `postgres://u:secret@127.0.0.1:${await freePort()}/d`);
      const ran = await quorate(undefined, ...words);
      expect(ran.err).toMatch(/^The database at postgres:\/\/u:\.\.\.@127\.0\.0\.1:\d+\/d does not answer: /);
      expect(ran.code).toBe(1);
    },
  );

  it('explains an answer it does not understand', async () => {
    answer = json(200, { set: {}, measuredElsewhere: [], measured: 'much' });
    const asked = ['cost', '--type', 'likert', '--tasks', '10', '--campaign', ID];
    expect((await quorate(stub.url, ...asked)).err).toMatch(/unexpected \(campaign: .*same version/);
    answer = json(200, { hello: 'world' });
    expect((await quorate(stub.url, 'campaign', 'show', ID)).err).toMatch(/unexpected \(id: .*same version/);
    answer = (_request, response) => void response.end('<html>');
    expect((await quorate(stub.url, 'campaign', 'show', ID)).err).toMatch(/no JSON\. Is it a Quorate server\?/);
  });
});

describe('requests', () => {
  it('carry the key, and a write its idempotency key', async () => {
    await quorate(stub.url, 'campaign', 'pause', ID);
    const [seen] = stub.seen;
    expect(seen).toMatchObject({ method: 'POST', url: `/v1/campaigns/${ID}/pause` });
    expect(seen?.headers).toMatchObject({ authorization: 'Bearer a-key-of-at-least-16-characters' });
    expect(seen?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('are tried again with the same idempotency key when the connection breaks', async () => {
    answer = (request, response, seen) => {
      if (stub.seen.length < 3) request.socket.destroy();
      else return json(200, view)(request, response, seen);
    };
    expect((await quorate(stub.url, 'campaign', 'pause', ID)).code).toBe(0);
    expect(stub.seen).toHaveLength(3);
    expect(new Set(stub.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  it('are given up after a few tries', async () => {
    answer = problem(503, 'unavailable', 'The database cannot be reached just now; try again shortly.');
    expect(await quorate(stub.url, 'campaign', 'show', ID)).toMatchObject({ code: 1 });
    expect(stub.seen).toHaveLength(4);
  });

  it('are not repeated where the server has waited itself', async () => {
    const away = problem(503, 'unavailable', 'The Temporal server cannot be reached; nothing was changed.');
    answer = (...args) => void setTimeout(() => void away(...args), 2000);
    const { code, err } = await quorate(stub.url, 'campaign', 'pause', ID);
    expect([code, err]).toEqual([1, expect.stringContaining('nothing was changed')]);
    expect(stub.seen).toHaveLength(1);
  });

  it('are answered late by a slow server, which is not told to be absent', async () => {
    answer = () => undefined;
    const client = new ApiClient({ url: stub.url, apiKey: 'key', timeoutMs: 500 });
    const asks = [() => client.get('/x'), () => client.post('/x'), () => client.download('/x')];
    for (const ask of asks) {
      await expect(ask()).rejects.toThrow(`Quorate at ${stub.url} has not answered within 0.5 seconds. It may be busy`);
    }
    expect(stub.seen).toHaveLength(3);
  });

  it('are tried again when the connection breaks while the answer is read, and it is told so in the end', async () => {
    let cut = 2;
    answer = (request, response, seen) => {
      if (--cut < 0) return json(200, view)(request, response, seen);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{"id":', () => request.socket.destroy());
    };
    expect((await quorate(stub.url, 'campaign', 'show', ID)).code).toBe(0);
    cut = 9;
    const ran = await quorate(stub.url, 'campaign', 'show', ID);
    expect(ran.err).toMatch(/^The connection to Quorate at .* broke off before its answer was complete\./);
    expect(ran.code).toBe(1);
  });

  it('cannot leave their path, whatever is given as an id', async () => {
    await quorate(stub.url, 'campaign', 'pause', '../annotators?x=1');
    expect(stub.seen[0]?.url).toBe('/v1/campaigns/..%2Fannotators%3Fx%3D1/pause');
  });
});

describe('campaign', () => {
  it('create sends flags over the file and prints the id alone on standard output', async () => {
    const file = join(folder, 'campaign.json');
    const prompt = join(folder, 'prompt.txt');
    writeFileSync(
      file,
      JSON.stringify({ type: 'classification', config: { allowMany: false }, redundancy: 5, mode: 'rounds' }),
    );
    writeFileSync(prompt, 'Is it spam?');
    const flags = ['--labels', 'spam, ham', '--redundancy', '3', '--budget', '50', '--instructions', `@${prompt}`];
    const ran = await quorate(stub.url, 'campaign', 'create', '-f', file, ...flags);
    expect(ran).toMatchObject({ code: 0, out: `${ID}\n` });
    expect(JSON.parse(String(stub.seen[0]?.body))).toEqual({
      type: 'classification',
      config: { allowMany: false, labels: ['spam', 'ham'] },
      redundancy: 3,
      mode: 'rounds',
      budgetUsd: '50',
      instructions: 'Is it spam?',
    });
  });

  it.each([
    ['{\n  "type": x\n}', /campaign\.json:2:11: not valid JSON: found "x" where a value belongs\./],
    ['{"type": "likert",}', /campaign\.json:1:19: not valid JSON/],
    ['[]', /must be one object/],
    ['', /it is empty/],
    ['{"type": "likert"}', /needs budgetUsd: give --budget/],
    [Buffer.from([0x7b, 0x0a, 0xff]), /campaign\.json:2: the text is not valid UTF-8/],
  ])('create refuses the file %j', async (content, message) => {
    const file = join(folder, 'campaign.json');
    writeFileSync(file, content);
    const ran = await quorate(stub.url, 'campaign', 'create', '-f', file);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(message);
    expect(stub.seen).toEqual([]);
  });

  it('create reads YAML, and says where it is wrong, or that a file is not there', async () => {
    const file = join(folder, 'campaign.yaml');
    writeFileSync(file, 'type: classification\nbudgetUsd: "5.00"\nconfig:\n  labels: [spam, ham]\n');
    expect((await quorate(stub.url, 'campaign', 'create', '-f', file, '--redundancy', '5')).code).toBe(0);
    expect(JSON.parse(String(stub.seen.at(-1)?.body))).toMatchObject({
      type: 'classification',
      budgetUsd: '5.00',
      config: { labels: ['spam', 'ham'] },
      redundancy: 5,
    });
    writeFileSync(file, 'type: classification\nconfig: [a\n');
    expect(await quorate(stub.url, 'campaign', 'create', '-f', file)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/campaign\.yaml:\d+:\d+: this is not valid YAML: (?!.* at line)/),
    });
    const missing = await quorate(stub.url, 'campaign', 'create', '-f', join(folder, 'none.json'));
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('none.json: there is no such file') });
  });

  it('show tells it plainly when the crowd is simulated, and lets no control characters through', async () => {
    const { out } = await quorate(stub.url, 'campaign', 'show', ID);
    expect(out).toMatch(/^Simulated crowd: these answers come from a program, not from people\.\n/);
    expect(out).toContain('$0.60 of $50.00 ($0.15 reserved)');
    expect(out).toContain(
      '90.0% (95% interval 80.0% to 95.0%), of 20 items: not of 2 unresolved, 0 ties, 1 with several labels or none',
    );
    expect(out).not.toContain('\u001b');
  });

  it('show says what a campaign waits for: money, a ruling, or somebody who resumes it', async () => {
    const counts = { ...view.counts, tasksOpen: 3, tasksAdjudicating: 2, tasksCancelled: 4 };
    let state = 'running';
    answer = (request, response, seen) => {
      const url = request.url ?? '';
      const items = [{ closedAt: null, report: { advice: ['Say what spam is.'] } }];
      const body = url.endsWith('/budget')
        ? { waiting: 'The day’s pace has no room.' }
        : url.endsWith('/reports')
          ? { items }
          : { ...view, counts, state };
      return json(200, body)(request, response, seen);
    };
    const shown = async () => (await quorate(stub.url, 'campaign', 'show', ID)).out;
    expect(await shown()).toMatch(/Waits for +The day’s pace has no room\.\n/);
    expect(await shown()).toMatch(/Tasks +4 decided, 3 open \(2 for a ruling\), 0 unresolved, 4 cancelled\n/);
    state = 'paused';
    expect(await shown()).toMatch(
      /Waits for +`quorate campaign resume`, as low agreement paused it: Say what spam is\.\n/,
    );
  });

  it('budget of a campaign that has ended says that it does not go on', async () => {
    answer = json(200, { ...view, state: 'finished', stopReason: 'budget' });
    const { code, err } = await quorate(stub.url, 'campaign', 'budget', ID, '500');
    expect([code, err]).toEqual([0, expect.stringMatching(/^It has ended and does not go on: .*copy of it\.\n$/)]);
  });

  it('show --json prints the document and nothing else', async () => {
    const { out, err } = await quorate(stub.url, 'campaign', 'show', ID, '--json');
    expect(JSON.parse(out)).toEqual(view);
    expect(err).toBe('');
  });

  it('list reads every page; with --json it is one document, of nothing too', async () => {
    const head = { id: ID, name: 'n', type: 't', state: 'draft', createdAt: '2026-01-01T00:00:00Z' };
    answer = (request, response, seen) => {
      const cursor = new URL(request.url ?? '', stub.url).searchParams.get('cursor');
      return json(200, {
        items: [{ ...head, name: cursor ?? 'first' }],
        nextCursor: cursor === null ? 'second' : null,
      })(request, response, seen);
    };
    const { out } = await quorate(stub.url, 'campaign', 'list', '--json');
    expect(JSON.parse(out)).toMatchObject([{ name: 'first' }, { name: 'second' }]);
    answer = json(200, { items: [], nextCursor: null });
    expect(JSON.parse((await quorate(stub.url, 'campaign', 'list', '--json')).out)).toEqual([]);
  });

  it('stop and budget send what they say', async () => {
    await quorate(stub.url, 'campaign', 'stop', ID, '--drain');
    await quorate(stub.url, 'campaign', 'budget', ID, '99.50');
    expect(stub.seen.map(({ method, url, body }) => [method, url, JSON.parse(String(body))])).toEqual([
      ['POST', `/v1/campaigns/${ID}/stop`, { drain: true }],
      ['PATCH', `/v1/campaigns/${ID}`, { budgetUsd: '99.50' }],
    ]);
  });
});

describe('campaign change', () => {
  it('sends what is given, of a file that begins with the type as well', async () => {
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, 'type: classification\ntier: expert\ndailyLimit: null\n');
    answer = json(200, { ...view, settings: { type: 'classification' } });
    const { code } = await quorate(stub.url, 'campaign', 'change', ID, '-f', file, '--batch-size', '20');
    expect(code).toBe(0);
    const { method, url, body } = stub.seen.at(-1) ?? {};
    expect([method, url, JSON.parse(String(body))]).toEqual([
      ...['PATCH', `/v1/campaigns/${ID}`],
      { tier: 'expert', dailyLimit: null, batchSize: 20 },
    ]);
    writeFileSync(file, 'type: span\ntier: expert\n');
    const other = await quorate(stub.url, 'campaign', 'change', ID, '-f', file);
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('type cannot be changed') });
    expect(stub.seen.at(-1)?.method).toBe('GET');
  });
});

describe('annotators add', () => {
  it('prints the key once, on standard output', async () => {
    const ann = {
      id: ID,
      name: 'Ann',
      tier: 'expert',
      standing: 'active',
      standingReason: null,
      goldTotal: 0,
      goldCorrect: 0,
    };
    answer = json(201, { ...ann, apiKey: 'qk_secret' });
    const args = ['annotators', 'add', '--name', 'Ann', '--tier', 'expert', '--specializations', 'law, medicine'];
    const { out } = await quorate(stub.url, ...args);
    expect(out).toContain('API key    qk_secret');
    expect(JSON.parse(String(stub.seen[0]?.body))).toEqual({
      name: 'Ann',
      tier: 'expert',
      specializations: ['law', 'medicine'],
      workforce: 'internal',
    });
  });

  it('and gives one another name', async () => {
    answer = json(200, { id: ID, name: 'Anna' });
    expect((await quorate(stub.url, 'annotators', 'rename', ID, 'Anna')).out).toContain('is called Anna now');
    const { method, url, body } = stub.seen[0] ?? {};
    expect([method, url, JSON.parse(String(body))]).toEqual(['PATCH', `/v1/annotators/${ID}`, { name: 'Anna' }]);
  });
});

describe('judges of a campaign', () => {
  const JUDGE = '0190a0a0-0000-7000-8000-000000000009';

  it('shows how far each is trusted, and why not', async () => {
    const half = { same: 5, of: 10 };
    const item = { judge: 'judge:m-1:v1', annotatorId: JUDGE, trust: 'distrusted', agrees: half, people: half };
    answer = json(200, {
      items: [{ ...item, cause: 'replaced', replacedBy: 'judge:m-2:v1' }],
      cards: [
        {
          ...{ judge: 'judge:m-1:v1', costUsd: '0.02', ordersDisagree: null },
          agreesWithPeople: { share: 0.5, low: 0.237, high: 0.763, n: 10 },
          biases: {
            ...{ length: { excess: 0.25, low: 0.1, high: 0.4, n: 10 }, ownStyle: null, ownWording: null },
            ...{ markdown: null, hedging: null, ties: null },
          },
          findings: ['It prefers the longer answer more often than people do.'],
          unknown: ['Whether it prefers answers worded like its own is not known: it has written nothing.'],
        },
      ],
      ...{ decidedAlone: 4, aloneUsd: '0.01', decidedWithPeople: 6, withPeopleUsd: '1.20', reopened: 2 },
    });
    const { out, code } = await quorate(stub.url, 'campaign', 'judges', ID);
    expect(code).toBe(0);
    expect(out).toMatch(/judge:m-1:v1 +\S+ +distrusted +replaced by judge:m-2:v1 +5 of 10/);
    expect(out).toMatch(/Decided alone +4 tasks for \$0\.01/);
    expect(out).toMatch(/Agrees with people +50\.0% \(23\.7% to 76\.3% of 10\)/);
    expect(out).toMatch(/Longer answers +\+25\.0 points \(\+10\.0 to \+40\.0 of 10\)/);
    expect(out).toContain('It prefers the longer answer more often than people do.');
    expect(out).toMatch(/Not known +Whether it prefers answers worded like its own/);
  });

  it('asks people only where a reason is given, and shows the cost before', async () => {
    const preview = {
      judge: 'j',
      replacedBy: null,
      tasks: 3,
      answers: 2,
      costUsd: '0.60',
      reserveUsd: '0.90',
      freeUsd: '9',
    };
    const reopened = { reopened: 2, overBudget: 0, left: 1, reservedUsd: '0.60' };
    answer = (...args) => json(200, args[2].url.endsWith('/preview') ? preview : reopened)(...args);
    const before = await quorate(stub.url, 'campaign', 're-ask-judge', ID, JUDGE);
    expect(before.out).toMatch(/Cost +\$0\.60/);
    const done = await quorate(
      stub.url,
      'campaign',
      're-ask-judge',
      ID,
      JUDGE,
      '--reason',
      'new version',
      '--limit',
      '2',
    );
    expect(done.out).toMatch(/Opened again +2 tasks/);
    expect(stub.seen.map(({ url }) => url)).toEqual([
      `/v1/campaigns/${ID}/judges/${JUDGE}/re-ask/preview`,
      `/v1/campaigns/${ID}/judges/${JUDGE}/re-ask`,
    ]);
  });
});

it('has a judge measured anew only where a reason is given', async () => {
  answer = json(200, { trust: 'learning' });
  const asked = ['campaign', 'measure-judge', ID, '0190a0a0-0000-7000-8000-000000000009'];
  expect((await quorate(stub.url, ...asked)).code).toBe(2);
  const { out } = await quorate(stub.url, ...asked, '--reason', 'The people were wrong.');
  expect(out).toContain('unknown again');
  expect(stub.seen.map(({ url }) => url)).toEqual([
    `/v1/campaigns/${ID}/judges/0190a0a0-0000-7000-8000-000000000009/measure-anew`,
  ]);
});

it('shows what each platform of a campaign costs and is worth', async () => {
  const figures = { answers: 40, answerUsd: '0.10', spentUsd: '4.00', goldShare: 0.25, nearDecisions: 0.9 };
  const item = { ...figures, secondsToAnswer: { p50: 60, p90: 600 } };
  const accuracy = { correct: 9, total: 10, low: 0.587, high: 0.977 };
  answer = json(200, {
    window: 5000,
    items: [
      { ...item, platform: 'surge_ai', accuracy, agreement: { alpha: 0.71, low: 0.6, high: 0.8, tasks: 30 } },
      { ...item, platform: 'llm', goldShare: 0, accuracy: null, agreement: null },
    ],
  });
  const { out, code } = await quorate(stub.url, 'campaign', 'platforms', ID);
  expect(code).toBe(0);
  expect(out).toMatch(
    /surge_ai +40 +\$0\.10 +\$4\.00 +60\.0 +600\.0 +25\.0% +90\.0% \(58\.7% to 97\.7% of 10\) +0\.710 \(0\.600/,
  );
  expect(out).toMatch(/llm +40 +\$0\.10/);
});

it('lists what a person has to look at, with its evidence, and resolves it with a ruling and a note', async () => {
  const incident = {
    ...{ id: ID, vendor: 'mturk', kind: 'order_ambiguous', detail: 'Whether mturk has the order is not known.' },
    ...{ evidence: { key: 'quorate-1' }, createdAt: '2026-11-30T00:00:00Z', rulings: ['send_again', 'not_bought'] },
    ...{ resolvedAt: null, ruling: null, note: null, rejectsAt: null },
  };
  answer = (...args) =>
    json(200, args[2].method === 'POST' ? { resolved: true } : { items: [incident], nextCursor: null })(...args);
  const { out } = await quorate(stub.url, 'campaign', 'incidents', ID);
  expect(out).toMatch(/Evidence +\{"key":"quorate-1"\}/);
  expect(out).toMatch(/Resolve by +send_again, not_bought/);
  const done = await quorate(
    ...([stub.url, 'campaign', 'resolve-incident', ID, ID, '--ruling', 'not_bought', '--note', 'looked'] as const),
  );
  expect(done.out).toBe('Resolved.\n');
  expect(stub.seen.at(-1)?.url).toBe(`/v1/campaigns/${ID}/vendor-incidents/${ID}/resolve`);
  const wrong = await quorate(
    ...([stub.url, 'campaign', 'resolve-incident', ID, ID, '--ruling', 'burn', '--note', 'x'] as const),
  );
  expect(wrong.code).toBe(2);
});

it('caps all campaigns together, and shows the cap with its warnings', async () => {
  const cap = { capUsd: '50.00', drawnUsd: '41.00' };
  const text = '80% of the cap of all campaigns together, $50.00, are spent or reserved.';
  answer = json(200, { cap, warnings: [{ text, at: '2026-11-30T03:00:00.000Z' }] });
  const { out, code } = await quorate(stub.url, 'budget', '50');
  expect([code, stub.seen[0]?.method, stub.seen[0]?.url, String(stub.seen[0]?.body)]).toEqual([
    ...[0, 'PUT', '/v1/budget', '{"capUsd":"50"}'],
  ]);
  expect(out).toMatch(/All campaigns together +\$41\.00 of \$50\.00/);
  expect(out).toContain(`Warned 2026-11-30`);
  expect(out).toContain(text);
  answer = json(200, { cap: null, warnings: [] });
  expect((await quorate(stub.url, 'budget')).out).toContain('no cap');
  expect(stub.seen.at(-1)?.method).toBe('GET');
  await quorate(stub.url, 'budget', 'none');
  expect(String(stub.seen.at(-1)?.body)).toBe('{"capUsd":null}');
});
