import { afterEach, expect, test } from 'vitest';
import { createSurgeAi } from '../../vendors/surge-ai.ts';
import { readTask } from '../../vendors/surge-ai-answers.ts';
import type { Order } from '../../vendors/vendor.ts';
import { FakeServer } from './fake.ts';
import { surgeAiBench } from './fakes/surge-ai.ts';
import { orderOf } from './orders.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

test('a worker’s time is read, and texts are sent as they are', async () => {
  const bench = await surgeAiBench();
  stops.push(bench.stop);
  const order = orderOf('classification', { units: 1, answers: 1 });
  const placement = await bench.vendor.submit(order, { again: false });
  bench.work();
  expect((await bench.vendor.fetch(order, placement))[0]?.responses[0]?.timeSpentS).toBe(21);
  const made = bench.asked.find(({ path }) => path.endsWith('/create_tasks'));
  expect(made?.body).toMatchObject({ tasks: [{ text_0: 'win money <now> & "here"' }] });
});

test('callbacks are asked for with a secret alone, and their address is in no error', async () => {
  const asked: unknown[] = [];
  const server = new FakeServer({
    admit: () => undefined,
    answer: ({ body }) => {
      asked.push(body);
      return { status: 400, body: { error: (body as { callback_url?: string }).callback_url ?? 'no' } };
    },
  });
  const baseUrl = await server.start();
  stops.push(() => server.stop());
  const order = orderOf('classification', { key: 'our-order' });
  const callbackUrl = 'https://quorate.example/v1/vendors/surge_ai/webhook';
  const addressOf = async (given: Order, callbackSecret?: string) => {
    const secret = callbackSecret === undefined ? {} : { callbackSecret };
    const vendor = createSurgeAi({ baseUrl, apiKey: 'surge-key', ...secret });
    const error = await vendor.submit(given, { again: false }).catch((reason: unknown) => String(reason));
    const { callback_url } = asked.at(-1) as { callback_url?: string };
    return { news: vendor.capabilities.news, callback_url, error };
  };
  expect(await addressOf({ ...order, callbackUrl })).toMatchObject({ news: 'poll', callback_url: undefined });
  expect((await addressOf(order, 'planted')).callback_url).toBeUndefined();
  const [one, other] = [
    await addressOf({ ...order, callbackUrl }, 'planted'),
    await addressOf({ ...order, callbackUrl }, 'another'),
  ];
  expect(one.news).toBe('webhook_and_poll');
  expect(one.callback_url).toMatch(
    /^https:\/\/quorate\.example\/v1\/vendors\/surge_ai\/webhook\/our-order\.[\w-]{43}$/,
  );
  expect(other.callback_url).not.toBe(one.callback_url);
  expect(one.error).toContain('surge_ai/webhook/[secret]');
  expect(one.error).not.toContain(one.callback_url?.slice(-43));
});

test('lines are shown as lines', async () => {
  const bench = await surgeAiBench();
  stops.push(bench.stop);
  await bench.vendor.submit({ ...orderOf('classification'), instructions: 'one\ntwo' }, { again: false });
  const project = bench.asked.find(({ method }) => method === 'POST')?.body as Record<string, string>;
  expect(project.instructions).toBe('<p style="white-space:pre-wrap">one\ntwo</p>');
  expect(project.fields_template).toContain('<p style="white-space:pre-wrap">{{text_0}}</p>');
});

test('an answer costs what its project pays, also where that was changed there', async () => {
  const bench = await surgeAiBench();
  stops.push(bench.stop);
  const order = orderOf('classification', { units: 1, answers: 1 });
  const placement = await bench.vendor.submit(order, { again: false });
  bench.work();
  const cost = async () => (await bench.vendor.fetch(order, placement))[0]?.responses[0]?.costMicros;
  expect(await cost()).toBe(100_000n);
  for (const project of bench.projects) project.payment_per_response = 0.17;
  expect(await cost()).toBe(170_000n);
});

test('a response that a worker has begun is none yet', async () => {
  const order = orderOf('classification', { units: 1, answers: 2 });
  const [unit] = order.units;
  if (!unit) throw new Error('The order has no unit.');
  const given = { worker_id: 'w', completed_at: '2026-11-01', data: { [unit.form.questions[0]?.title ?? '']: 'spam' } };
  const task = {
    id: 't',
    is_complete: false,
    responses: [
      { ...given, id: 'begun', completed_at: null, data: {} },
      { ...given, id: 'kept for later', completed_at: null },
      { id: 'empty', worker_id: 'w', data: {} },
      { ...given, id: 'given' },
      { id: 'given, its time unsaid', worker_id: 'w', data: given.data },
    ],
  };
  const idsOf = (is_complete: boolean) =>
    readTask(unit, { ...task, is_complete }, { cancelled: false }).responses.map(({ id }) => id);
  expect(idsOf(false)).toEqual(['given', 'given, its time unsaid']);
  // What a finished task lists is for a person to see.
  expect(idsOf(true)).toHaveLength(5);
});

test('a draft that has tasks twice is left, and the order gets another', async () => {
  const bench = await surgeAiBench();
  stops.push(bench.stop);
  const order = orderOf('classification', { units: 3, answers: 1 });
  await bench.vendor.submit(order, { again: false });
  const [draft] = bench.projects;
  if (!draft) throw new Error('There is no project.');
  // As a slow request leaves it that was given up and done all the same.
  draft.status = 'unlaunched';
  draft.tasks.push(...draft.tasks.map((task) => ({ ...task, id: `${task.id}-again` })));
  for (let attempt = 0; attempt < 2; attempt++) {
    const placement = await bench.vendor.submit(order, { again: true });
    expect(placement.externalId).not.toBe(draft.id);
    expect(Object.keys(placement.units)).toHaveLength(3);
    expect(bench.projects.map(({ status, tasks }) => [status, tasks.length])).toEqual([
      ['unlaunched', 6],
      ['in_progress', 3],
    ]);
  }
});

test('a list that lags behind what was posted doubles nothing that is paid for', async () => {
  const posted: string[] = [];
  let name = '';
  let hidden = 0;
  const server = new FakeServer({
    admit: () => undefined,
    answer: ({ method, path, body, query }) => {
      if (path.endsWith('/create_tasks')) {
        const { tasks } = body as { tasks: { _ext_id: string }[] };
        posted.push(...tasks.map(({ _ext_id }) => _ext_id));
        // The first answer is lost.
        return posted.length <= 2 ? { status: 502, body: 'lost' } : { status: 200, body: {} };
      }
      if (method === 'POST') name = (body as { name: string }).name;
      const onPage = <T>(list: readonly T[]) => (query.get('page') === '1' ? list : []);
      const project = { id: 'p1', name, status: 'unlaunched', num_tasks: posted.length };
      if (path === '/api/projects' && method === 'GET') return { status: 200, body: { projects: onPage([project]) } };
      if (!path.endsWith('/tasks')) return { status: 200, body: project };
      const tasks = posted.map((_ext_id, at) => ({ id: `t${at}`, fields: { _ext_id } })).slice(hidden);
      return { status: 200, body: { tasks: onPage(tasks) } };
    },
  });
  stops.push(() => server.stop());
  const vendor = createSurgeAi({ baseUrl: await server.start(), apiKey: 'planted-key' });
  const order = orderOf('classification', { units: 2, answers: 1 });
  await expect(vendor.submit(order, { again: false })).rejects.toMatchObject({ kind: 'ambiguous' });
  // What was posted first is not listed yet, so that it is posted again; the project counts four, and is not launched.
  hidden = 2;
  const again = vendor.submit(order, { again: true });
  await expect(again).rejects.toMatchObject({ kind: 'ambiguous', message: expect.stringContaining('counts 4 tasks') });
  expect(posted).toHaveLength(4);
  expect(server.asked.some(({ path }) => path.endsWith('/launch'))).toBe(false);
});

test('a draft whose tasks are doubled only when it is filled is left, too', async () => {
  const bench = await surgeAiBench();
  stops.push(bench.stop);
  const order = orderOf('classification', { units: 2, answers: 1 });
  await bench.vendor.submit(order, { again: false });
  const [draft] = bench.projects;
  const [one, other] = draft?.tasks ?? [];
  if (!draft || !one || !other) throw new Error('There is no project.');
  draft.status = 'unlaunched';
  draft.tasks.splice(0, 2, one, { ...one, id: 'again' });
  const placement = await bench.vendor.submit(order, { again: true });
  expect(placement.externalId).not.toBe(draft.id);
  expect(draft.status).toBe('unlaunched');
});

/** A project with one task, as Surge would have it after these answers; pages beyond the last are refused. */
async function answered(order: Order, data: (asked: { text: string; options: string[] }) => object) {
  let question = { text: '', options: [] as string[] };
  const server = new FakeServer({
    admit: () => undefined,
    answer: ({ method, path, body, query }) => {
      if (method === 'POST' && path === '/api/projects') {
        [question = question] = (body as { questions: (typeof question)[] }).questions;
      }
      if (!path.endsWith('/tasks')) return { status: 200, body: { id: 'p1', status: 'in_progress' } };
      if (query.get('page') !== '1') return { status: 404, body: 'no such page' };
      const responses = [{ id: 'r1', worker_id: 'w', data: data(question) }];
      const task = { id: 't1', fields: { _ext_id: order.units[0]?.key }, is_complete: true, responses };
      return { status: 200, body: { tasks: [task] } };
    },
  });
  stops.push(() => server.stop());
  const vendor = createSurgeAi({ baseUrl: await server.start(), apiKey: 'k' });
  const placement = await vendor.submit(order, { again: false });
  const [unit] = await vendor.fetch(order, placement);
  return { question, answers: unit?.responses[0]?.answers };
}

const withQuestion = (question: Order['units'][number]['form']['questions'][number]): Order => {
  const order = orderOf('classification', { units: 1, answers: 1 });
  return { ...order, units: order.units.map((unit) => ({ ...unit, form: { blocks: [], questions: [question] } })) };
};

test('what would be a template in a text to mark is none, and marks are placed in our text', async () => {
  const text = 'Dear {{name}}, see Rome';
  const options = [{ value: 'place', label: 'place' }];
  const order = withQuestion({ id: 'spans', title: 'Mark', kind: 'spans', text, options, overlap: false });
  const { question, answers } = await answered(order, (asked) => {
    const start = asked.text.indexOf('Rome');
    return { [asked.text]: [{ start, end: start + 4, text: 'Rome', tag: 'place' }] };
  });
  expect(question.text).not.toContain('{{');
  const start = text.indexOf('Rome');
  expect(answers?.spans).toEqual([{ start, end: start + 4, text: 'Rome', tag: 'place' }]);
});

test('what would be a template in a question or an option is none, and its answer is ours', async () => {
  const options = [
    { value: 'a', label: 'say {{a}}' },
    { value: 'b', label: 'say {{b}}' },
  ];
  const order = withQuestion({ id: 'label', title: 'Which {{x}}?', kind: 'choice', options });
  const { question, answers } = await answered(order, ({ text, options: [first] }) => ({ [text]: first }));
  expect(JSON.stringify(question)).not.toContain('{{');
  expect(answers?.label).toBe('say {{a}}');
});
