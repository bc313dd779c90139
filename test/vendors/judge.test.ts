import { afterEach, describe, expect, test } from 'vitest';
import { readLabel } from '../../domain/tasks/read.ts';
import { labelOf } from '../../domain/vendors/read-answers.ts';
import { VendorError } from '../../vendors/errors.ts';
import { createLlmJudge, type JudgeCache, type JudgeOptions } from '../../vendors/llm-judge.ts';
import { createJudgePanel } from '../../vendors/llm-panel.ts';
import { FakeServer, type Reply } from './fake.ts';
import { ALL_TYPES, orderOf, sampleOf } from './orders.ts';

const KEY = 'planted-judge-key';
let server: FakeServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

function memoryCache(): JudgeCache & { size(): number } {
  const kept = new Map<string, { answeredBy: string; said: unknown; costMicros: bigint }>();
  return {
    get: async (hash) => kept.get(hash),
    put: async ({ hash, answeredBy, said, costMicros }) => void kept.set(hash, { answeredBy, said, costMicros }),
    spentMicros: async () => [...kept.values()].reduce((sum, { costMicros }) => sum + costMicros, 0n),
    size: () => kept.size,
  };
}

type Options = Partial<JudgeOptions> & { version?: string };

/** A chat-completions endpoint that answers what `say` makes of the prompt. */
async function standIn(say: (prompt: string) => unknown, { version = 'm', ...options }: Options = {}) {
  const fake = new FakeServer({
    admit: ({ headers }) => (headers.authorization === `Bearer ${KEY}` ? undefined : { status: 401, body: 'no' }),
    answer({ body }): Reply {
      const { messages } = body as { messages: { content: string | { text: string }[] }[] };
      const content = messages.at(-1)?.content ?? '';
      const prompt = typeof content === 'string' ? content : content.map(({ text }) => text).join('');
      const said = say(prompt);
      if (typeof said === 'object' && said !== null && 'status' in said) return said as Reply;
      const message = { role: 'assistant', content: typeof said === 'string' ? said : JSON.stringify(said) };
      const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
      return {
        status: 200,
        body: { id: 'c', created: 1, model: version, choices: [{ index: 0, message, finish_reason: 'stop' }], usage },
      };
    },
  });
  server = fake;
  const cache = memoryCache();
  const prices = { inputMicros: 1_000_000n, outputMicros: 2_000_000n, capMicros: 1_000_000n };
  const all = {
    baseUrl: await fake.start(),
    apiKey: KEY,
    model: 'm',
    ...prices,
    cache,
    requestsPerMinute: 1e6,
    ...options,
  };
  return { vendor: createLlmJudge(all), options: all, cache, asked: fake.asked };
}

/** The first thing each question of the prompt allows, found in its hints. */
function obliging(prompt: string): unknown {
  const asked = prompt.split('Answer:\n')[1] ?? '';
  const entries = asked.split('\n').map((line): [string, unknown] => {
    const id = /^- (\w+):/.exec(line)?.[1] ?? '';
    const quoted = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text);
    if (line.includes('(one of')) return [id, quoted[0]];
    if (line.includes('(a list of')) return [id, quoted.slice(0, 1)];
    if (line.includes('(a whole number')) return [id, Number(/from (\d+) to/.exec(line)?.[1])];
    if (line.includes('(lists of')) return [id, quoted.map((value) => [value])];
    if (line.includes('{quote'))
      return [
        id,
        [
          { quote: 'lives', occurrence: 1, label: 'name' },
          { quote: 'nowhere', occurrence: 1, label: 'name' },
        ],
      ];
    return [id, 'some words'];
  });
  return Object.fromEntries(entries);
}

describe('a judge', () => {
  test.each(ALL_TYPES)('answers tasks of type %s with labels of that type, and is asked once', async (type) => {
    const { vendor, cache, asked } = await standIn(obliging);
    const order = orderOf(type, { units: 1 });
    const placement = await vendor.submit(order, { again: false });
    expect(asked).toHaveLength(0);
    const [unit] = await vendor.fetch(order, placement);
    const [response] = unit?.responses ?? [];
    const own = sampleOf(type);
    const label = readLabel(
      own.type,
      own.config,
      labelOf(type, own.config, own.payload, response?.answers ?? {}),
      own.payload,
    );
    if (type === 'span') expect(label).toEqual([{ start: 6, end: 11, label: 'name' }]);
    expect(response?.workerId).toBe('judge:m:v1');
    const calls = type === 'pairwise' ? 2 : 1;
    expect(response?.costMicros).toBe(BigInt(calls) * 1200n);
    await vendor.fetch(order, placement);
    expect([asked.length, cache.size()]).toEqual([calls, calls]);
  });

  const pair = { ...orderOf('pairwise', { units: 1 }) };
  const firstShown = (prompt: string) => /## Answer A\n(.*)/.exec(prompt)?.[1];

  test('asked twice at once, by an attempt beside another, it is paid once', async () => {
    const { vendor, asked } = await standIn(() => ({ label: 'spam\u0000' }));
    const order = orderOf('classification', { units: 2 });
    const placement = await vendor.submit(order, { again: false });
    const [one, other] = await Promise.all([vendor.fetch(order, placement), vendor.fetch(order, placement)]);
    expect(one).toEqual(other);
    // Both tasks show the same, so that one question is all.
    expect(asked).toHaveLength(1);
  });

  test('who always takes the first answer of a pair says tie; who knows the better one says it in both orders', async () => {
    const biased = await standIn(() => ({ preference: 'a', strength: 1 }));
    const placement = await biased.vendor.submit(pair, { again: false });
    const [torn] = await biased.vendor.fetch(pair, placement);
    expect(torn?.responses[0]?.answers).toMatchObject({ preference: 'tie', ordersDisagree: true });
    await server?.stop();
    const good = await standIn((prompt) => ({ preference: firstShown(prompt) === 'Two.' ? 'a' : 'b', strength: 2 }));
    const [sure] = await good.vendor.fetch(pair, placement);
    expect(sure?.responses[0]?.answers).toEqual({ preference: 'b', strength: 2, ordersDisagree: false });
  });

  test.each([
    ['a refusal', 'I cannot help with that.'],
    ['JSON of another form', { verdict: 'spam' }],
    ['a label there is not', { label: 'eggs' }],
  ])('%s leaves the task to others, and is not asked for again', async (_what, said) => {
    const { vendor, asked } = await standIn(() => said);
    const order = orderOf('classification', { units: 1 });
    const placement = await vendor.submit(order, { again: false });
    for (let n = 0; n < 2; n++) {
      expect(await vendor.fetch(order, placement)).toMatchObject([{ state: 'failed', responses: [] }]);
    }
    expect(asked).toHaveLength(1);
  });

  test('another version of the model is another annotator', async () => {
    const { vendor } = await standIn(obliging, { version: 'm-2026-11' });
    const order = orderOf('classification', { units: 1 });
    const [unit] = await vendor.fetch(order, await vendor.submit(order, { again: false }));
    expect(unit?.responses.map(({ workerId }) => workerId)).toEqual(['judge:m-2026-11:v1']);
    // From the cache, too.
    expect(await vendor.fetch(order, { externalId: '', units: {} })).toEqual([unit]);
  });

  test('a panel leaves the last answer of a task to people', async () => {
    const { options, asked } = await standIn(obliging);
    const panel = createJudgePanel([options, { ...options, model: 'other' }]);
    const three = orderOf('classification', { units: 1, answers: 3 });
    const both = await panel.fetch(three, await panel.submit(three, { again: false }));
    expect(both.map(({ state, responses }) => [state, responses.length])).toEqual([['done', 2]]);
    expect(new Set(both[0]?.responses.map(({ id }) => id)).size).toBe(2);
    const two = orderOf('likert', { units: 1, answers: 2 });
    expect((await panel.fetch(two, { externalId: '', units: {} }))[0]?.responses).toHaveLength(1);
    expect(asked).toHaveLength(3);
  });

  test('several samples are one vote, the most frequent', async () => {
    let n = 0;
    const { vendor } = await standIn(() => ({ label: n++ === 1 ? 'ham' : 'spam' }), { samples: 3 });
    const order = orderOf('classification', { units: 1, answers: 3 });
    const [unit] = await vendor.fetch(order, await vendor.submit(order, { again: false }));
    expect(unit?.responses.map(({ answers }) => answers)).toEqual([{ label: 'spam' }]);
  });

  test('the cap ends it, a busy endpoint is tried again, an empty account is not, and no error has the key', async () => {
    const order = orderOf('classification', { units: 3 });
    const failure = async (vendor: Awaited<ReturnType<typeof standIn>>['vendor']) => {
      const error = await vendor.fetch(order, { externalId: order.key, units: {} }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(VendorError);
      expect(`${String(error)} ${(error as Error).stack}`).not.toContain(KEY);
      return (error as VendorError).kind;
    };
    const capped = await standIn(obliging, { capMicros: 1000n, concurrency: 1 });
    const different = orderOf('likert', { units: 1 });
    await capped.vendor.fetch(different, { externalId: '', units: {} });
    expect(await failure(capped.vendor)).toBe('permanent');
    await server?.stop();
    const busy = await standIn(() => ({ status: 429, body: { error: { message: 'slow down' } } }));
    expect(await failure(busy.vendor)).toBe('retryable');
    await server?.stop();
    const empty = await standIn(() => ({
      status: 429,
      body: { error: { message: 'no', code: 'insufficient_quota' } },
    }));
    expect(await failure(empty.vendor)).toBe('permanent');
  });
});
