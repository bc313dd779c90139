import { afterEach, describe, expect, test } from 'vitest';
import { placeOf } from '../../vendors/llm-endpoint.ts';
import { createLlmJudge } from '../../vendors/llm-judge.ts';
import { readAnswer } from '../../vendors/llm-reading.ts';
import { loadVendors } from '../../vendors/registry.ts';
import type { FakeServer } from './fake.ts';
import { judgeStandIn, nowhere, obliging, orderOfTexts, type Say, type StandInOptions } from './judge-stand-in.ts';
import { orderOf } from './orders.ts';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function standIn(say: Say, options?: StandInOptions) {
  const made = await judgeStandIn(say, options);
  server = made.server;
  return made;
}

type Body = Readonly<Record<string, unknown>>;

const refusal = (error: object | string, status = 400) => ({ status, body: { error } });
const formatOf = (body: Body) => (body.response_format as { type: string } | undefined)?.type ?? 'none';

describe('an endpoint that refuses how it is asked', () => {
  const cases: Readonly<Record<string, (body: Body) => unknown>> = {
    'knows no schema': (body) =>
      formatOf(body) === 'json_schema' && refusal({ message: 'This response_format type is unavailable now' }),
    'knows no format at all': (body) =>
      formatOf(body) !== 'none' && refusal('structured output is not supported by this model', 422),
    'takes another name for the most tokens': (body) =>
      'max_tokens' in body &&
      refusal({
        message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        param: 'max_tokens',
      }),
    'takes no bound of tokens': (body) =>
      ('max_tokens' in body || 'max_completion_tokens' in body) && refusal({ message: 'max_tokens: unknown field' }),
    'takes no temperature': (body) =>
      'temperature' in body &&
      refusal({ message: "'temperature' does not support 0 with this model.", param: 'temperature' }),
    'forbids a member, as FastAPI does': (body) =>
      'seed' in body && {
        status: 422,
        body: { detail: [{ type: 'extra_forbidden', loc: ['body', 'seed'], msg: 'Extra inputs are not permitted' }] },
      },
    'knows no system role': (body) =>
      (body.messages as { role: string }[]).some(({ role }) => role === 'system') &&
      refusal({ message: "'messages[0].role' does not support 'system' with this model", param: 'messages[0].role' }),
    'says not why it wants none of it': (body) =>
      (formatOf(body) !== 'none' || 'seed' in body) && { status: 400, body: 'Bad Request' },
    'fails over a grammar': (body) => formatOf(body) !== 'none' && refusal({ message: 'Failed to parse grammar' }, 500),
    'takes the bare question alone': (body) => {
      const odd = Object.keys(body).find((name) => name !== 'model' && name !== 'messages');
      return odd !== undefined && refusal({ message: `Unrecognized request argument supplied: ${odd}` });
    },
  };

  test.each(Object.entries(cases))('%s is asked otherwise, at once from then on', async (_what, refuses) => {
    const { vendor, asked, cache } = await standIn((prompt, body) => refuses(body) || obliging(prompt), {
      concurrency: 1,
    });
    const found = await vendor.fetch(orderOfTexts('one', 'two'), nowhere);
    expect(found.map(({ state }) => state)).toEqual(['done', 'done']);
    const accepted = asked.filter(({ body }) => !refuses(body as Body));
    // Only what came before the first question that was taken was refused.
    expect(accepted).toEqual(asked.slice(-2));
    expect(cache.spent()).toBe(2400n);
    const { body } = asked.at(-1) ?? {};
    if (formatOf(body as Body) !== 'json_schema') expect(JSON.stringify(body)).toContain('JSON Schema');
  });

  test('a question that is refused does not change how the next one is asked', async () => {
    const { vendor, asked } = await standIn(
      (prompt) => (prompt.includes('evil') ? refusal({ message: 'seed is bad' }) : obliging(prompt)),
      { concurrency: 1 },
    );
    await vendor.fetch(orderOfTexts('good', 'evil', 'fine'), nowhere);
    const [first, last] = [asked.at(0), asked.at(-1)].map((each) => Object.keys(each?.body as Body));
    expect(last).toEqual(first);
  });

  test('how it is asked is no part of what is known, and where it is asked is', async () => {
    let plain = false;
    const { vendor, options, asked } = await standIn((prompt, body) =>
      plain && 'seed' in body ? refusal('seed?') : obliging(prompt),
    );
    const look = (more = {}) => createLlmJudge({ ...options, ...more }).fetch(orderOfTexts('one'), nowhere);
    await vendor.fetch(orderOfTexts('one'), nowhere);
    plain = true;
    await look();
    await look({ baseUrl: `${options.baseUrl}/v1/chat/completions?tier=slow` });
    expect(asked).toHaveLength(1);
    await look({ baseUrl: `${options.baseUrl}/another` });
    expect(asked.at(-1)?.path).toBe('/another/chat/completions');
  });
});

describe('an endpoint', () => {
  const one = orderOfTexts('one');

  test.each([
    ['', '/v1/chat/completions'],
    ['/', '/v1/chat/completions'],
    ['/v1/', '/v1/chat/completions'],
    ['/api/v3', '/api/v3/chat/completions'],
    ['/v1/chat/completions', '/v1/chat/completions'],
    ['/openai/deployments/m?api-version=2024-10-21', '/openai/deployments/m/chat/completions'],
  ])('whose base URL ends in "%s" is asked at %s', async (given, path) => {
    const { options, asked } = await standIn(obliging);
    await createLlmJudge({ ...options, baseUrl: options.baseUrl + given }).fetch(one, nowhere);
    expect(asked.map((each) => each.path)).toEqual([path]);
    if (given.includes('?')) expect(asked[0]?.query.get('api-version')).toBe('2024-10-21');
  });

  test.each([
    ['http://127.0.0.1:11434', 'http://localhost:11434/v1/'],
    ['http://[::1]:11434/v1', 'http://LOCALHOST:11434/v1/chat/completions?x=1'],
    ['https://api.example:443/v1', 'https://api.example./v1'],
  ])('is one place, be it called %s or %s', (one, other) => {
    expect(placeOf(one)).toBe(placeOf(other));
    expect(placeOf(`${one}/else`)).not.toBe(placeOf(one));
  });

  test('of Azure takes the key in a header of its own', async () => {
    const { options, asked } = await standIn(obliging);
    for (const query of ['', '?api-version=2024-10-21'])
      await createLlmJudge({ ...options, baseUrl: `${options.baseUrl}/v1${query}` }).fetch(
        orderOfTexts(query),
        nowhere,
      );
    expect(asked.map(({ headers }) => headers['api-key'])).toEqual([undefined, options.apiKey]);
  });

  const spam = '{"label":"spam"}';
  const choice = (message: object, finish_reason = 'stop') => ({ choices: [{ message, finish_reason }] });
  const usage = { prompt_tokens: 1000, completion_tokens: 100 };
  test.each([
    ['numbers as texts', { ...choice({ content: spam }), usage: { prompt_tokens: '1000', completion_tokens: '100' } }],
    ['tokens by other names', { ...choice({ content: spam }), usage: { input_tokens: 1000, output_tokens: 100 } }],
    ['a time as a text', { ...choice({ content: spam }), usage, created: '2024' }],
    ['another role', { ...choice({ role: 'model', content: spam }), usage }],
    ['an object', { ...choice({ content: { label: 'spam' } }), usage }],
    [
      'parts',
      {
        ...choice({
          content: [
            { type: 'thinking', thinking: [] },
            { type: 'output_text', text: spam },
          ],
        }),
        usage,
      },
    ],
    [
      'the call of a tool',
      {
        ...choice({ content: null, tool_calls: [{ function: { name: 'answer', arguments: spam } }] }, 'tool_calls'),
        usage,
      },
    ],
    ['a completion', { choices: [{ text: spam, finish_reason: 'stop' }], usage }],
  ])('that answers with %s is understood, and paid', async (_what, body) => {
    const { vendor, asked, cache } = await standIn(() => ({ status: 200, body }));
    expect(await vendor.fetch(one, nowhere)).toMatchObject([
      { state: 'done', responses: [{ answers: { label: 'spam' }, costMicros: 1200n }] },
    ]);
    expect([asked.length, cache.spent()]).toEqual([1, 1200n]);
  });

  test('that answers with nothing is asked once more and then no more, and both are paid', async () => {
    const { vendor, asked, cache } = await standIn(() => ({ status: 200, body: { choices: [], usage } }));
    for (let look = 0; look < 2; look++) {
      expect(await vendor.fetch(one, nowhere)).toMatchObject([
        { state: 'failed', unanswered: [{ costMicros: 2400n }] },
      ]);
    }
    expect([asked.length, cache.spent()]).toEqual([2, 2400n]);
  });

  test.each([
    ['a page of a proxy', '<html>We are upgrading.</html>'],
    ['half an answer', '{"choices":[{"message":{"content":"{\\"label'],
    ['nothing at all', ''],
  ])('that sends %s may be paid, is asked once more at the next look, and then no more', async (_what, body) => {
    const { vendor, asked, cache } = await standIn(() => ({ status: 200, body }));
    await expect(vendor.fetch(one, nowhere)).rejects.toMatchObject({ kind: 'retryable', status: 200 });
    const once = cache.spent();
    // The most that a call can cost: 2000 tokens of an answer, and a token for each byte of the question.
    expect(once).toBeGreaterThan(4000n);
    for (let look = 0; look < 2; look++) {
      const [unit] = await vendor.fetch(one, nowhere);
      expect(unit).toMatchObject({ state: 'failed', unanswered: [{ costMicros: cache.spent() }] });
      if (look === 0) expect(unit?.reason).toContain('no JSON');
    }
    expect(asked).toHaveLength(2);
    expect(cache.spent()).toBeLessThan(once * 2n + 200n);
  });

  test('that sends a page of a proxy once counts as it answers then, and both calls are its cost', async () => {
    const page = { status: 200, body: '<html>' };
    const { vendor, asked, cache } = await standIn((prompt) => (asked.length === 1 ? page : obliging(prompt)), {
      version: 'm-2026-11',
    });
    await expect(vendor.fetch(one, nowhere)).rejects.toMatchObject({ kind: 'retryable' });
    const once = cache.spent();
    expect(await vendor.fetch(one, nowhere)).toMatchObject([
      { state: 'done', responses: [{ workerId: 'judge:m-2026-11:v1', costMicros: once + 1200n }] },
    ]);
    expect([asked.length, cache.spent()]).toEqual([2, once + 1200n]);
  });

  test('that sends pages of a proxy to all is asked about few at a look', async () => {
    const { vendor, asked } = await standIn(() => ({ status: 200, body: '<html>' }), { concurrency: 1 });
    const many = orderOfTexts(...Array.from({ length: 12 }, (_, at) => `text ${at}`));
    await expect(vendor.fetch(many, nowhere)).rejects.toMatchObject({ kind: 'retryable' });
    expect(asked).toHaveLength(4);
    for (let look = 0; look < 2; look++)
      await expect(vendor.fetch(many, nowhere)).rejects.toMatchObject({ kind: 'retryable' });
    expect(new Set(asked.map(({ raw }) => raw.toString())).size).toBe(12);
    expect((await vendor.fetch(many, nowhere)).map(({ state }) => state)).toEqual(many.units.map(() => 'failed'));
    expect(asked).toHaveLength(24);
  });

  test.each([
    ['an answer without choices', { status: 200, body: { object: 'chat.completion' } }, { status: 200 }],
    ['a failure in a 200', { status: 200, body: { error: { code: 429, message: 'slow down' } } }, { status: 429 }],
  ])('that sends %s is asked again', async (_what, reply, error) => {
    const { vendor, cache } = await standIn(() => reply);
    await expect(vendor.fetch(one, nowhere)).rejects.toMatchObject({ kind: 'retryable', ...error });
    expect(cache.spent()).toBe(0n);
  });

  test('that answers with more than an answer can be is taken as one that is no JSON, and one that is busy at length is asked again', async () => {
    const long = `{"choices": "${'x'.repeat(5_000_000)}"}`;
    const { vendor, asked, cache } = await standIn((prompt) => ({
      status: prompt.includes('busy') ? 503 : 200,
      body: long,
    }));
    await expect(vendor.fetch(one, nowhere)).rejects.toMatchObject({ kind: 'retryable', status: 200 });
    expect((await vendor.fetch(one, nowhere)).map(({ state }) => state)).toEqual(['failed']);
    expect([asked.length, cache.spent() > 8000n]).toEqual([2, true]);
    await expect(vendor.fetch(orderOfTexts('busy'), nowhere)).rejects.toMatchObject({ kind: 'retryable', status: 503 });
  });

  test('that refuses us in a 200 is refused', async () => {
    const { vendor } = await standIn(() => ({ status: 200, body: { error: { code: 402, message: 'no credits' } } }));
    await expect(vendor.fetch(one, nowhere)).rejects.toMatchObject({
      kind: 'permanent',
      status: 402,
      message: expect.stringContaining('no credits'),
    });
  });

  test.each([
    ['seconds', () => ({ 'retry-after': '7' }), 7000],
    ['milliseconds', () => ({ 'retry-after-ms': '250', 'retry-after': '7' }), 250],
    ['a date', () => ({ 'retry-after': new Date(Date.now() + 30_000).toUTCString() }), 30_000],
  ])('that is busy says in %s how long', async (_what, headers, ms) => {
    const { vendor } = await standIn(() => ({ status: 429, body: 'slow down', headers: headers() }));
    const failure = await vendor.fetch(one, nowhere).catch((error: unknown) => error);
    const { retryAfterMs = 0 } = failure as { retryAfterMs?: number };
    // A date has whole seconds.
    expect(retryAfterMs).toBeGreaterThan(ms * 0.9);
    expect(retryAfterMs).toBeLessThanOrEqual(ms);
  });

  test('is told and charged for the length that is set; an answer cut off there says so, and is not asked for again', async () => {
    const { vendor, asked, cache } = await standIn(() => '{"label": "sp', { finish: 'length', maxOutputTokens: 50 });
    const [unit] = await vendor.fetch(one, nowhere);
    expect(unit?.reason).toContain('JUDGE_MAX_OUTPUT_TOKENS');
    expect(unit?.unanswered).toMatchObject([{ costMicros: 1200n }]);
    expect(asked.map(({ body }) => (body as Body).max_tokens)).toEqual([50]);
    expect(cache.spent()).toBe(1200n);
  });
});

describe('the settings of a judge', () => {
  const set = (given: Readonly<Record<string, string>>) => ({
    ...{ JUDGE_BASE_URL: 'http://127.0.0.1:1', JUDGE_MODEL: 'm' },
    ...{ JUDGE_INPUT_USD_PER_MTOK: '1', JUDGE_OUTPUT_USD_PER_MTOK: '2' },
    ...given,
  });

  test('say how long an answer may be and how long it is waited for', async () => {
    const { options, asked, cache } = await standIn(obliging);
    const env = set({ JUDGE_BASE_URL: options.baseUrl, JUDGE_API_KEY: options.apiKey, JUDGE_MAX_OUTPUT_TOKENS: '77' });
    const judge = async (more = {}) => (await loadVendors({ ...env, ...more }, cache)).get('llm');
    await (await judge())?.fetch(orderOfTexts('one'), nowhere);
    expect(asked.map(({ body }) => (body as Body).max_tokens)).toEqual([77]);
    const hasty = (await judge({ JUDGE_TIMEOUT_MS: '1' }))?.fetch(orderOfTexts('two'), nowhere);
    await expect(hasty).rejects.toMatchObject({ kind: 'retryable', message: expect.stringContaining('1 ms') });
  });

  test.each([
    ['JUDGE_BASE_URL', 'localhost:8000'],
    ['JUDGE_BASE_URL', 'http://user:planted@127.0.0.1:1'],
    ['JUDGE_MAX_OUTPUT_TOKENS', '0'],
    ['JUDGE_TIMEOUT_MS', '1m'],
    ['JUDGE_CONCURRENCY', '0'],
    ['JUDGE_SAMPLES', '1.5'],
  ])('%s is not "%s", and who starts Quorate is told which one is wrong', async (name, value) => {
    const wrong = await loadVendors(set({ [name]: value })).catch((error: unknown) => String(error));
    expect(wrong).toContain(name);
    expect(wrong).not.toContain('planted');
  });
});

describe('an answer', () => {
  const { form } = orderOfTexts('one').units[0] ?? { form: { questions: [] } };
  const read = (text: string) => readAnswer(form.questions, text);
  const spam = { said: { label: 'spam' } };

  test.each([
    ['in a fence', '```json\n{"label": "spam"}\n```'],
    ['after a thought', '<think>Is it {"label": "ham"}?</think>\n{"label": "spam"}'],
    ['after a thought whose beginning was left out', 'It may be {"label": "ham"}.\n</think>{"label": "spam"}'],
    ['amid words', 'Here you are: {"label": "spam"} – I hope {this} helps.'],
    ['with more members', '{"reasoning": "a } brace", "label": "spam"}'],
    ['in a list', '[{"label": "spam"}]'],
    ['in a wrapper', '{"answer": {"label": "spam"}}'],
    ['as JSON in JSON', JSON.stringify('{"label": "spam"}')],
    ['in other capitals', '{"label": " Spam "}'],
    ['said twice', '{"label": "spam"}\n{"label": "spam"}'],
  ])('%s is read', (_how, text) => {
    expect(read(text)).toEqual(spam);
  });

  test.each([
    ['a thought without an end', '<think>It is {"label": "spam"}'],
    ['a beginning', '{"label": "spam"'],
    ['braces without end', '{'.repeat(20_000)],
  ])('that is %s is none', (_what, text) => {
    expect(read(text)).toEqual({ problem: 'it holds no JSON object' });
  });

  test('numbers as text, what is optional, lists of one and marks are read', () => {
    const likert = orderOf('likert', { units: 1 }).units[0]?.form.questions ?? [];
    expect(readAnswer(likert, '{"score_0": "4", "score_1": [5]}')).toEqual({ said: { score_0: 4, score_1: 5 } });
    const pair = orderOf('pairwise', { units: 1 }).units[0]?.form.questions ?? [];
    expect(readAnswer(pair, '{"preference": "A"}')).toEqual({ said: { preference: 'a', strength: null } });
    const span = orderOf('span', { units: 1 }).units[0]?.form.questions ?? [];
    const marks =
      '{"spans": [{"quote": "Ann", "label": "name"}, {"quote": "Rome", "occurrence": "1", "label": "Place"}]}';
    expect(readAnswer(span, marks)).toEqual({
      said: {
        spans: [
          { quote: 'Ann', occurrence: 1, label: 'name' },
          { quote: 'Rome', occurrence: 1, label: 'place' },
        ],
      },
    });
  });
});
