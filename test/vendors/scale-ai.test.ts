import { afterEach, describe, expect, test } from 'vitest';
import { basicAuth } from '../../vendors/http.ts';
import { createScaleAi } from '../../vendors/scale-ai.ts';
import type { Bench } from './bench.ts';
import { FakeServer } from './fake.ts';
import { type ScaleBenchOptions, scaleAiBench } from './fakes/scale-ai.ts';
import { orderOf } from './orders.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Something that a person has done there. */
async function post(bench: Bench, path: string, body: object): Promise<void> {
  const { SCALE_BASE_URL: base = '', SCALE_API_KEY: key = '' } = bench.env;
  const headers = { authorization: basicAuth(key), 'content-type': 'application/json' };
  const { status } = await fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(status).toBe(200);
}

async function start(options: ScaleBenchOptions = {}) {
  const bench = await scaleAiBench(options);
  stops.push(bench.stop);
  return bench;
}

test.each([false, true])('labels of marks are objects, or texts where these are wanted: %s', async (labelTexts) => {
  const bench = await start({ labelTexts });
  const order = orderOf('span', { units: 2, answers: 1 });
  const placement = await bench.vendor.submit(order, { again: false });
  expect(bench.allPurchases()).toBe(2);
  bench.work();
  const units = await bench.vendor.fetch(order, placement);
  expect(units.map(({ responses }) => responses[0]?.answers.spans)).toEqual([
    [{ start: 0, end: 3, label: 'name' }],
    [{ start: 0, end: 3, label: 'name' }],
  ]);
});

test('a Rapid project has the instructions, other ones are another project, and no task has its own', async () => {
  const bench = await start({ rapid: true, adapter: { rapid: true } });
  const order = orderOf('classification', { units: 2, answers: 1 });
  await bench.vendor.submit(order, { again: false });
  await bench.vendor.submit(order, { again: true });
  expect(bench.allPurchases()).toBe(2);
  const other = orderOf('classification', { key: 'other', units: 1 });
  await bench.vendor.submit({ ...other, instructions: 'Another way.' }, { again: false });
  const asked = bench.asked.filter(({ path }) => path === '/v1/projects').map(({ body }) => body as object);
  const told = (instruction: string) => expect.objectContaining({ rapid: true, params: { instruction } });
  expect(asked).toEqual([told(order.instructions), told(order.instructions), told('Another way.')]);
  expect(new Set(asked.map((body) => (body as { name: string }).name)).size).toBe(2);
});

test('a task’s own instructions are refused where a project has them: an order that fails, not one without instructions', async () => {
  const bench = await start({ rapid: true, adapter: { project: 'ours' } });
  await post(bench, '/v1/projects', { name: 'ours', rapid: true, params: { instruction: 'Choose.' } });
  const submit = bench.vendor.submit(orderOf('classification'), { again: false });
  await expect(submit).rejects.toMatchObject({ kind: 'permanent', message: expect.stringContaining('instruction') });
  const own = await start({ rapid: true, adapter: { project: 'ours', rapid: true } });
  await post(own, '/v1/projects', { name: 'ours', rapid: true, params: { instruction: 'Choose.' } });
  await own.vendor.submit(orderOf('classification'), { again: false });
  expect(own.allPurchases()).toBe(2);
});

test.each([(status: string) => status.toUpperCase(), (status: string) => (status === 'staging' ? 'open' : status)])(
  'a batch whose attempt ended before it began is begun, however its status is written',
  async (written) => {
    const bench = await start({ written });
    const order = orderOf('classification', { units: 1, answers: 1 });
    const placement = await bench.vendor.submit(order, { again: false });
    const finals = () => bench.asked.filter(({ path }) => path.endsWith('/finalize')).length;
    expect(finals()).toBe(1);
    expect(await bench.vendor.submit(order, { again: true })).toEqual(placement);
    bench.work();
    expect((await bench.vendor.fetch(order, placement))[0]?.state).toBe('done');
    expect(bench.allPurchases()).toBe(1);
  },
);

test.each([
  [{}, 'https://quorate.example/hook'],
  [{ callbackAuthKey: undefined }, undefined],
])('a callback is asked for only where it would be believed: %j', async (adapter, expected) => {
  const order = { ...orderOf('classification', { units: 1 }), callbackUrl: 'https://quorate.example/hook' };
  const bench = await start({ adapter: adapter as ScaleBenchOptions['adapter'] & object });
  await bench.vendor.submit(order, { again: false });
  const made = bench.asked.find(({ method, path }) => method === 'POST' && path.startsWith('/v1/task/'));
  expect((made?.body ?? {}) as object).toHaveProperty('unique_id');
  expect(((made?.body ?? {}) as { callback_url?: string }).callback_url).toBe(expected);
});

/** What a worker sees of a text of Markdown whose HTML is stripped, line by line; throws where something is left that means more. */
function seen(markdown: string): string[] {
  return markdown
    .replace(/<[a-z/!][^>]*>/gi, '')
    .split('  \n')
    .map((line) => {
      expect(line).not.toMatch(/[<>\\`*_[\]|~$\n]|^\s|^$| {2}|^([#+=-]|\d+[.)])|&(?!#\d+;|nbsp;)/);
      return line
        .replaceAll('&nbsp;', ' ')
        .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
    });
}

const made = (bench: Bench) => {
  const { body } = bench.asked.find(({ method, path }) => method === 'POST' && path.startsWith('/v1/task/')) ?? {};
  return body as { instruction: string; attachments?: { content: string }[] };
};

test('workers see a text as it is, though it is shown as Markdown', async () => {
  const text = [
    ...[
      'win money <now> & "here" &lt;b&gt; <b>bold</b>',
      '# no heading',
      '=====',
      '---',
      '',
      '',
      '1. first',
      '- second',
    ],
    ...[
      '    code  with   gaps',
      '\t* star *em* **strong** _under_ `tick`',
      '[a](http://b.c) ![i](j) https://d.e',
      '~~gone~~ a|b',
      '> quote',
    ],
    ...['C:\\dir\\ ends with a slash\\', '<!-- a comment -->', '| a | b |', '|---|---|', 'ends  '],
  ].join('\n');
  const order = orderOf('classification', { units: 1, answers: 1 });
  const units = order.units.map((unit) => ({ ...unit, form: { ...unit.form, blocks: [{ title: 'Text', text }] } }));
  const bench = await start();
  await bench.vendor.submit({ ...order, units }, { again: false });
  const [title, shown = ''] = made(bench).attachments?.[0]?.content.split('\n\n') ?? [];
  expect(title).toBe('### Text');
  // What is empty has the room of a space.
  expect(seen(shown)).toEqual(text.split('\n').map((line) => line.replace('\t', '    ') || ' '));
});

test('a task without instructions is shown the campaign’s name, and a text to mark what belongs to it', async () => {
  const plain = await start();
  const order = { ...orderOf('span', { units: 1, answers: 1 }), instructions: '' };
  await plain.vendor.submit(order, { again: false });
  expect(made(plain).instruction).toBe('A campaign');
  const titled = await start();
  const units = order.units.map((unit) => {
    const blocks = [{ title: 'Title', text: 'A letter' }, ...unit.form.blocks];
    return { ...unit, form: { ...unit.form, blocks } };
  });
  await titled.vendor.submit({ ...order, instructions: 'Mark.', units }, { again: false });
  expect(made(titled).instruction).toBe('Mark.\n\n### Title\n\nA letter');
});

test('callbacks without the time of a change are repeats of one another only where they say the same', async () => {
  const { vendor } = await start();
  const keyOf = (task: object) => {
    const body = Buffer.from(JSON.stringify({ task: { task_id: 't', status: 'completed', ...task } }));
    const headers = { 'scale-callback-auth': 'planted-scale-callback-auth' };
    return vendor.parseWebhook({ headers, body, nowMs: 0 }).eventKey;
  };
  expect(keyOf({ response: 1 })).toBe(keyOf({ response: 1 }));
  expect(keyOf({ response: 1 })).not.toBe(keyOf({ response: 2 }));
  expect(keyOf({ response: 1, updated_at: 'x' })).toBe(keyOf({ response: 2, updated_at: 'x' }));
});

describe('marks', () => {
  // "Ann 👋 lives in Rome": Rome is at 15 to 19.
  const rome = { start: 15, end: 19 };
  const place = { ...rome, label: 'place' };

  test.each([
    ['a list', { annotations: [{ ...rome, label: 'place' }] }, [place]],
    ['under another name', { entities: [{ ...rome, tag: 'place' }] }, [place]],
    ['within', { annotations: { spans: [{ ...rome, name: 'place' }] } }, [place]],
    ['by a key', { annotations: { x1: { ...rome, type: 'place' } } }, [place]],
    ['placed by their text', { annotations: [{ start: 16, end: 20, text: 'Rome', label: 'place' }] }, [place]],
    ['none', { annotations: [] }, []],
    ['nowhere', { outcome: 'fine' }, undefined],
  ])('%s', async (_what, response, expected) => {
    const order = orderOf('span', { units: 1, answers: 1 });
    const docs = [{ task_id: 't', unique_id: order.units[0]?.key, status: 'completed', response }];
    const server = new FakeServer({ admit: () => undefined, answer: () => ({ status: 200, body: { docs } }) });
    stops.push(() => server.stop());
    const vendor = createScaleAi({ baseUrl: await server.start(), apiKey: 'k' });
    const [unit] = await vendor.fetch(order, { externalId: order.key, units: {} });
    expect(unit?.responses[0]?.answers.spans).toEqual(expected);
  });
});

test.each([
  [1, 'done', 1],
  [2, { refused: expect.stringContaining('rule on this one there') }, 0],
] as const)(
  'of %i answers to a task one is rejected by an audit of the task where it is the only one',
  async (answers, said, audits) => {
    const bench = await start();
    const order = orderOf('classification', { units: 1, answers });
    const placement = await bench.vendor.submit(order, { again: false });
    bench.work({ workers: answers });
    const [unit] = await bench.vendor.fetch(order, placement);
    const act = {
      act: 'reject',
      unitKey: unit?.key ?? '',
      responseId: unit?.responses[0]?.id ?? '',
      reason: 'No.',
    } as const;
    expect(await bench.vendor.settle(order, placement, act)).toEqual(said);
    expect(bench.asked.filter(({ path }) => path.endsWith('/audit'))).toHaveLength(audits);
  },
);
