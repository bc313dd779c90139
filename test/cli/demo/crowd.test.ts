import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { buildTruthIndex, type CrowdEvent, type CrowdOptions, runCrowd } from '../../../cli/demo/crowd.ts';
import { createPersonas, type Persona } from '../../../cli/demo/personas.ts';
import { preferencePairs } from '../../../cli/demo/preference-pairs.ts';

interface Call {
  path: string;
  key: string;
  body: Record<string, unknown> | undefined;
  raw: string;
}
interface Reply {
  status: number;
  body?: unknown;
  /** Break the connection: before anything is done, or after (the client cannot tell which). */
  drop?: boolean;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handle: (call: Call) => Reply): Promise<{ baseUrl: string; calls: Call[] }> {
  const calls: Call[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let raw = '';
    for await (const chunk of request) raw += String(chunk);
    const call: Call = {
      path: request.url ?? '',
      key: request.headers.authorization ?? '',
      body: raw === '' ? undefined : (JSON.parse(raw) as Record<string, unknown>),
      raw,
    };
    calls.push(call);
    const reply = handle(call);
    if (reply.drop) {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, calls };
}

const persona = (changes: Partial<Persona> = {}): Persona => ({
  name: 'Test Person',
  tier: 'crowd',
  specializations: [],
  kind: 'skilled',
  sensitivity: 0.98,
  specificity: 0.98,
  pairAccuracy: 0.98,
  seconds: { median: 10, sigma: 0.3 },
  leftBias: 0,
  longerBias: 0,
  walkAwayRate: 0,
  ...changes,
});

const mails = Array.from({ length: 40 }, (_, i) => ({ text: `mail ${i}`, truth: i % 2 ? 'spam' : 'ham' }));
const leaseOf = (i: number, more: Record<string, unknown> = {}) => ({
  status: 200,
  body: {
    assignmentId: `as-${i}`,
    task: { type: 'classification', payload: { text: `mail ${i}` }, config: { labels: ['spam', 'ham'] } },
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    ...more,
  },
});
const isNext = ({ path }: Call) => path === '/v1/assignments/next';
const assignmentOf = ({ path }: Call) => path.split('/')[3] ?? '';
const problem = (status: number, code: string) => ({
  status,
  body: { type: `/problems/${code}`, code, status, title: code },
});

/** `stopAfter`: stops the crowd once so many answers were acknowledged or refused. */
function start(
  baseUrl: string,
  people: Persona[],
  { stopAfter, ...changes }: Partial<CrowdOptions> & { stopAfter?: number } = {},
) {
  const abort = new AbortController();
  const events: CrowdEvent[] = [];
  const options: CrowdOptions = {
    baseUrl,
    personas: people,
    apiKeys: new Map(people.map(({ name }) => [name, `key of ${name}`])),
    truthOf: buildTruthIndex(mails),
    taskType: 'classification',
    timeScale: 0,
    seed: 1,
    signal: abort.signal,
    onEvent: (event) => {
      events.push(event);
      const settled = events.filter(({ type }) => type === 'answered' || type === 'refused');
      if (settled.length === stopAfter) abort.abort();
    },
    ...changes,
  };
  return { stop: () => abort.abort(), events, done: runCrowd(options) };
}

describe('the crowd over HTTP', () => {
  it('leases, submits with its key, and stops when nothing is left and it is told to', async () => {
    let given = 0;
    const { baseUrl, calls } = await serve((call) => {
      if (isNext(call)) return given === mails.length ? { status: 204 } : leaseOf(given++);
      return { status: 201, body: { annotationId: `an-${assignmentOf(call)}` } };
    });
    const crowd = start(baseUrl, [persona(), persona({ name: 'Other Person' })], { campaignId: 'c-1', stopAfter: 40 });
    const stats = await crowd.done;

    expect(stats.answers).toBe(40);
    expect(stats.acknowledged).toEqual(new Set(mails.map((_, i) => `an-as-${i}`)));
    expect(stats.perPersona['Test Person']?.answers).toBeGreaterThan(0);
    expect(stats.unknownItems).toBe(0);
    const correct = Object.values(stats.perPersona).reduce((sum, own) => sum + own.correct, 0);
    expect(correct).toBeGreaterThanOrEqual(34);
    const next = calls.find(isNext);
    expect(next?.body).toEqual({ campaignId: 'c-1', waitS: 5 });
    expect(next?.key).toMatch(/^Bearer key of (Test|Other) Person$/);
    const submitted = calls.find((call) => !isNext(call))?.body;
    expect(submitted).toEqual({
      label: expect.stringMatching(/^(spam|ham)$/),
      timeSpentS: expect.any(Number),
      confidence: expect.any(Number),
    });
    expect(crowd.events.filter(({ type }) => type === 'answered')).toHaveLength(40);
  });

  it('repeats a submission word for word until it is acknowledged, and counts it once', async () => {
    const stored = new Map<string, string>();
    let given = 0;
    let fault = 0;
    const { baseUrl, calls } = await serve((call) => {
      if (isNext(call)) {
        if (given > 0 && ++fault % 4 === 0) return { status: 0, drop: true };
        if (given === 12) {
          queueMicrotask(() => crowd.stop());
          return { status: 204 };
        }
        return leaseOf(given++);
      }
      const faults: Reply[] = [{ status: 0, drop: true }, { status: 503 }, { status: 500 }];
      const failure = ++fault % 3 === 0 ? undefined : faults[fault % faults.length];
      const known = stored.has(call.path);
      // A connection that breaks after the answer was stored looks the same as one that breaks before.
      if (!failure || failure.drop) stored.set(call.path, `an-${assignmentOf(call)}`);
      return failure ?? { status: known ? 200 : 201, body: { annotationId: stored.get(call.path) } };
    });
    const crowd = start(baseUrl, [persona()]);
    const stats = await crowd.done;

    expect(stats.answers).toBe(12);
    expect(stats.acknowledged).toEqual(new Set(stored.values()));
    expect(stats.retries).toBeGreaterThan(5);
    expect(stats.unacknowledged).toBe(0);
    const bodies = new Map<string, Set<string>>();
    for (const { path, raw } of calls.filter((call) => !isNext(call))) {
      bodies.set(path, (bodies.get(path) ?? new Set()).add(raw));
    }
    expect([...bodies.values()].map((variants) => variants.size)).toEqual(Array(12).fill(1));
  });

  it('goes on after an expired lease, and stops a suspended persona only', async () => {
    let given = 0;
    const { baseUrl } = await serve((call) => {
      if (isNext(call)) return given === 10 ? { status: 204 } : leaseOf(given++);
      if (call.key.includes('Suspended')) return problem(403, 'suspended');
      return assignmentOf(call) === 'as-3' || assignmentOf(call) === 'as-4'
        ? problem(409, 'lease_expired')
        : { status: 201, body: { annotationId: `an-${assignmentOf(call)}` } };
    });
    const crowd = start(baseUrl, [persona(), persona({ name: 'Suspended Person' })], { stopAfter: 10 });
    const stats = await crowd.done;

    expect(stats.stoppedPersonas).toEqual([{ persona: 'Suspended Person', code: 'suspended', message: 'suspended' }]);
    expect(stats.refused.suspended).toBe(1);
    expect(stats.answers + (stats.refused.lease_expired ?? 0)).toBe(9);
    expect(stats.perPersona['Suspended Person']).toMatchObject({ answers: 0, refused: 1 });
  });

  it('ends by itself once the server has turned everybody away', async () => {
    const { baseUrl } = await serve((call) =>
      call.key.includes('Test') ? problem(401, 'unauthorized') : problem(403, 'suspended'),
    );
    const { done } = start(baseUrl, [persona(), persona({ name: 'Other' })]);
    expect((await done).stoppedPersonas.map(({ code }) => code).sort()).toEqual(['suspended', 'unauthorized']);
  });

  it('stops a persona whose answers are refused again and again', async () => {
    let given = 0;
    const { baseUrl } = await serve((call) => (isNext(call) ? leaseOf(given++ % 40) : problem(422, 'invalid_input')));
    const stats = await start(baseUrl, [persona()]).done;
    expect(stats.refused).toEqual({ invalid_input: 5 });
    expect(stats.stoppedPersonas).toHaveLength(1);
  });

  it('waits while a campaign is paused', async () => {
    let asked = 0;
    const { baseUrl } = await serve((call) => {
      if (!isNext(call)) {
        queueMicrotask(() => crowd.stop());
        return { status: 201, body: { annotationId: 'an-1' } };
      }
      return ++asked < 4 ? problem(409, 'conflict') : leaseOf(1);
    });
    const crowd = start(baseUrl, [persona()]);
    expect((await crowd.done).answers).toBe(1);
  });

  it('leaves assignments unanswered, and comes back late with some', async () => {
    let given = 0;
    const leftFirst = new Set<string>();
    const { baseUrl } = await serve((call) => {
      if (isNext(call))
        return leaseOf(given++ % 40, { assignmentId: `as-${given}`, expiresAt: new Date().toISOString() });
      return problem(409, 'lease_expired');
    });
    const crowd = start(baseUrl, [persona({ kind: 'walks_away', walkAwayRate: 0.6 })], {
      onEvent: (event) => {
        if (event.type === 'walked_away') leftFirst.add(event.assignmentId);
        if (event.type === 'refused' && leftFirst.has(event.assignmentId)) crowd.stop();
      },
    });
    const stats = await crowd.done;
    expect(stats.walkAways).toBeGreaterThan(0);
    expect(stats.lateSubmissions).toBeGreaterThan(0);
    const { walkAways, lateSubmissions } = stats;
    expect(stats.perPersona['Test Person']).toMatchObject({ walkAways, lateSubmissions });
    expect(stats.refused.lease_expired).toBeGreaterThan(0);
  });

  it('may take up an assignment it has left when it is offered again, and then submits it once', async () => {
    const { baseUrl, calls } = await serve((call) =>
      isNext(call) ? leaseOf(1) : { status: 201, body: { annotationId: 'an-1' } },
    );
    const leaver = persona({ kind: 'walks_away', walkAwayRate: 0.9 });
    const stats = await start(baseUrl, [leaver], { stopAfter: 1 }).done;
    expect(stats.walkAways).toBeGreaterThan(0);
    expect(stats).toMatchObject({ answers: 1, lateSubmissions: 0 });
    expect(calls.filter((call) => !isNext(call))).toHaveLength(1);
  });

  it('answers for the order shown, with the pair form of a label', async () => {
    const pair = preferencePairs.find(({ key }) => key === 'kill-process');
    if (pair === undefined) throw new Error('the pair is missing');
    const shown = { prompt: pair.prompt, a: pair.b, b: pair.a };
    let given = 0;
    const { baseUrl, calls } = await serve((call) => {
      if (!isNext(call)) return { status: 201, body: { annotationId: `an-${assignmentOf(call)}` } };
      if (given === 20) return { status: 204 };
      const payload = given % 2 ? shown : { prompt: pair.prompt, a: pair.a, b: pair.b };
      return leaseOf(given++, { task: { type: 'pairwise', payload, config: { allowTie: true, allowBothBad: false } } });
    });
    const people = Array.from({ length: 10 }, (_, i) => persona({ name: `Person ${i}` }));
    const truthOf = buildTruthIndex(preferencePairs);
    const crowd = start(baseUrl, people, { truthOf, taskType: 'pairwise', stopAfter: 20 });
    const stats = await crowd.done;
    const correct = Object.values(stats.perPersona).reduce((sum, own) => sum + own.correct, 0);
    expect(correct).toBeGreaterThanOrEqual(18);
    const labels = calls.filter((call) => !isNext(call)).map(({ body }) => body?.label);
    expect(labels).toContainEqual({ choice: 'a' });
    expect(labels).toContainEqual({ choice: 'b' });
  });

  it('gives the same answers to the same tasks again', async () => {
    const run = async () => {
      let given = 0;
      const { baseUrl, calls } = await serve((call) => {
        if (!isNext(call)) return { status: 201, body: { annotationId: `an-${assignmentOf(call)}` } };
        if (given < 30) return leaseOf(given++);
        queueMicrotask(() => crowd.stop());
        return { status: 204 };
      });
      const crowd = start(baseUrl, [persona({ sensitivity: 0.6, specificity: 0.6 })]);
      await crowd.done;
      return calls.filter((call) => !isNext(call)).map(({ raw }) => raw);
    };
    const first = await run();
    expect(first).toHaveLength(30);
    expect(await run()).toEqual(first);
  });

  it('stops at once while a persona is thinking, and reports answers nobody acknowledged', async () => {
    const thinking = await serve((call) => {
      setImmediate(() => crowd.stop());
      return isNext(call) ? leaseOf(1) : { status: 201, body: { annotationId: 'never' } };
    });
    const crowd = start(thinking.baseUrl, [persona()], { timeScale: 1000 });
    expect((await crowd.done).answers).toBe(0);

    let refused = 0;
    const failing = await serve((call) => {
      if (isNext(call)) return leaseOf(1);
      if (++refused === 2) setImmediate(() => other.stop());
      return { status: 503 };
    });
    const other = start(failing.baseUrl, [persona()]);
    expect(await other.done).toMatchObject({ answers: 0, unacknowledged: 1 });
  });

  it('refuses to start for a persona without a key', async () => {
    const { done } = start('http://127.0.0.1:9', createPersonas(1), { apiKeys: new Map() });
    await expect(done).rejects.toThrow('There is no API key for Amara Okafor; create the annotator first.');
  });
});
