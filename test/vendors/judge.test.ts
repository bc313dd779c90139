import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { readLabel } from '../../domain/tasks/read.ts';
import { labelOf } from '../../domain/vendors/read-answers.ts';
import { VendorError } from '../../vendors/errors.ts';
import { promptOf } from '../../vendors/llm-answer.ts';
import { createLlmJudge } from '../../vendors/llm-judge.ts';
import { createJudgePanel } from '../../vendors/llm-panel.ts';
import { sha256 } from '../../vendors/signatures.ts';
import type { FetchedUnit } from '../../vendors/vendor.ts';
import type { FakeServer } from './fake.ts';
import { judgeStandIn, KEY, nowhere, obliging, orderOfTexts, type Say, type StandInOptions } from './judge-stand-in.ts';
import { ALL_TYPES, orderOf, sampleOf } from './orders.ts';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** An endpoint that answers what `say` makes of the prompt, and a judge that asks it. */
async function standIn(say: Say, options?: StandInOptions) {
  const made = await judgeStandIn(say, options);
  server = made.server;
  return made;
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

  const statesOf = (units: readonly FetchedUnit[]) =>
    Object.fromEntries(units.map(({ key, state }) => [Number(key.split('-').at(-1)), state]));

  const filtered = { status: 400, body: { error: { message: 'No.', code: 'content_filter' } } };
  const pair = { ...orderOf('pairwise', { units: 1 }) };
  const firstShown = (prompt: string) => /## Answer A\n(.*)/.exec(prompt)?.[1];

  test('asked twice at once, by an attempt beside another, it is paid once', async () => {
    const { vendor, asked } = await standIn(() => ({ text: 'fine\u0000' }));
    const order = orderOf('free_text', { units: 2 });
    const placement = await vendor.submit(order, { again: false });
    const [one, other] = await Promise.all([vendor.fetch(order, placement), vendor.fetch(order, placement)]);
    expect(one).toEqual(other);
    // Both tasks show the same, so that one question is all.
    expect(asked).toHaveLength(1);
  });

  test('so many calls at once are made by it, however many orders are looked at', async () => {
    let [open, most] = [0, 0];
    const slow = createServer((request, response) => {
      most = Math.max(most, ++open);
      request.resume().on('end', () =>
        setTimeout(() => {
          open--;
          const choices = [
            { index: 0, message: { role: 'assistant', content: '{"label":"spam"}' }, finish_reason: 'stop' },
          ];
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ id: 'c', created: 1, model: 'm', choices }));
        }, 5),
      );
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { options } = await standIn(obliging);
    const baseUrl = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    const judge = createLlmJudge({ ...options, baseUrl, concurrency: 2 });
    try {
      const looks = ['a', 'b', 'c'].map((name) =>
        judge.fetch(orderOfTexts(`${name}1`, `${name}2`, `${name}3`), nowhere),
      );
      const states = (await Promise.all(looks)).flat().map(({ state }) => state);
      expect([states, most]).toEqual([Array(9).fill('done'), 2]);
    } finally {
      slow.closeAllConnections();
      slow.close();
    }
  });

  test('who always takes the first answer of a pair says tie; who knows the better one says it in both orders', async () => {
    const biased = await standIn(() => ({ preference: 'a', strength: 1 }));
    const placement = await biased.vendor.submit(pair, { again: false });
    const [torn] = await biased.vendor.fetch(pair, placement);
    expect(torn?.responses[0]).toMatchObject({
      answers: { preference: 'tie', ordersDisagree: true },
      // Of four verdicts one.
      confidence: 0.25,
    });
    await server?.stop();
    const good = await standIn((prompt) => ({ preference: firstShown(prompt) === 'Two.' ? 'a' : 'b', strength: 2 }));
    const [sure] = await good.vendor.fetch(pair, placement);
    expect(sure?.responses[0]?.answers).toEqual({ preference: 'b', strength: 2, ordersDisagree: false });
    expect(sure?.responses[0]?.confidence).toBeUndefined();
  });

  test.each([
    ['words', 'I cannot help with that.', 'no JSON object'],
    ['nothing', '', 'empty'],
    ['JSON of another form', { verdict: 'spam' }, 'label: Invalid'],
    ['a label there is not', { label: 'eggs' }, 'label: Invalid'],
    ['two labels', '{"label": "spam"} or {"label": "ham"}', 'several answers'],
  ])('%s are asked about once more, then leave the task to others, and are paid once', async (_what, said, problem) => {
    const { vendor, asked, cache } = await standIn(() => said);
    const [one, same] = orderOfTexts('one', 'one').units;
    const of = (unit: typeof one) => ({ ...orderOfTexts(), units: unit ? [unit] : [] });
    for (let n = 0; n < 2; n++) {
      expect(await vendor.fetch(of(one), nowhere)).toMatchObject([
        { state: 'failed', responses: [], unanswered: [{ workerId: 'judge:m:v1', costMicros: 2400n }] },
      ]);
    }
    expect(asked).toHaveLength(2);
    const [first, second] = asked.map(({ body }) => JSON.stringify(body));
    expect(first).not.toContain(problem);
    expect(second).toContain(problem);
    // Another task, be it the same one opened anew, tries anew.
    const [other] = await vendor.fetch(of(same), nowhere);
    expect(other?.reason).toContain(problem);
    expect(other?.unanswered).toMatchObject([{ costMicros: 2400n }]);
    expect([asked.length, cache.spent()]).toEqual([4, 4800n]);
  });

  test('an answer that can be read only the second time counts, and both calls are its cost', async () => {
    let n = 0;
    const { vendor, asked, cache } = await standIn(() => (n++ === 0 ? 'Spam, I think.' : { label: 'spam' }));
    for (let look = 0; look < 2; look++) {
      expect(await vendor.fetch(orderOfTexts('one'), nowhere)).toMatchObject([
        { state: 'done', responses: [{ answers: { label: 'spam' }, costMicros: 2400n }] },
      ]);
    }
    expect([asked.length, cache.spent()]).toEqual([2, 2400n]);
  });

  test('where the second call fails, the task stays open, and the first one is neither made nor paid again', async () => {
    const says = ['Spam.', { status: 503, body: 'later' }, { label: 'spam' }];
    const { vendor, asked, cache } = await standIn(() => says.shift());
    await expect(vendor.fetch(orderOfTexts('one'), nowhere)).rejects.toMatchObject({ status: 503 });
    expect(cache.spent()).toBe(1200n);
    expect(await vendor.fetch(orderOfTexts('one'), nowhere)).toMatchObject([
      { state: 'done', responses: [{ costMicros: 2400n }] },
    ]);
    expect([asked.length, cache.spent()]).toEqual([3, 2400n]);
  });

  test.each([
    ['the cap has no room for a second call', { capMicros: 6000n }, () => 'Spam.', 'JUDGE_CAP_USD'],
    [
      'the endpoint filters the second one',
      {},
      (prompt: string) => (prompt.includes('cannot be used') ? filtered : 'Spam.'),
      'No.',
    ],
  ])('where %s, the first one is paid', async (_what, options, say, reason) => {
    const { vendor, cache } = await standIn(say, options);
    const [unit] = await vendor.fetch(orderOfTexts('one'), nowhere);
    expect(unit).toMatchObject({ state: 'failed', unanswered: [{ costMicros: 1200n }] });
    expect(unit?.reason).toContain(reason);
    expect(cache.spent()).toBe(1200n);
  });

  test('a refusal is kept for all who ask the same', async () => {
    const message = { role: 'assistant', content: null, refusal: 'I will not.' };
    const body = {
      model: 'm',
      choices: [{ message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1000, completion_tokens: 7 },
    };
    const { vendor, asked } = await standIn(() => ({ status: 200, body }));
    const found = await vendor.fetch(orderOfTexts('one', 'one'), nowhere);
    expect(found).toMatchObject([
      { state: 'failed', unanswered: [{ costMicros: 1014n }] },
      { state: 'failed', responses: [] },
    ]);
    expect(found[0]?.reason).toContain('refused');
    expect(found[1]?.unanswered).toBeUndefined();
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

  test('what two versions of a model said of a task is nobody’s answer, and is paid', async () => {
    let version = 'm-1';
    const { vendor } = await standIn(
      (prompt) => {
        version = firstShown(prompt) === 'Two.' ? 'm-2' : 'm-1';
        return { preference: 'a', strength: 1 };
      },
      { version: () => version },
    );
    expect(await vendor.fetch(pair, { externalId: '', units: {} })).toMatchObject([
      { state: 'failed', reason: expect.stringMatching(/m-1, m-2/), unanswered: [{ costMicros: 2400n }] },
    ]);
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
    expect(unit?.responses).toMatchObject([{ answers: { label: 'spam' }, confidence: expect.closeTo(2 / 3) }]);
  });

  test('of a pair the samples in both orders say how sure the verdict is', async () => {
    let n = 0;
    // The better one is Two, in five of six.
    const { vendor } = await standIn(
      (prompt) => {
        const wrong = n++ === 0;
        return { preference: (firstShown(prompt) === 'Two.') === wrong ? 'b' : 'a', strength: 1 };
      },
      { samples: 3 },
    );
    const [unit] = await vendor.fetch(pair, nowhere);
    expect(unit?.responses).toMatchObject([{ answers: { preference: 'b' }, confidence: expect.closeTo(5 / 6) }]);
  });

  test.each([
    ['that it filters', filtered],
    ['that is too long for it', { status: 413, body: 'large' }],
    ['that it finds bad without a word, while it takes others', { status: 400, body: { error: { message: 'Bad.' } } }],
  ])('a task %s is left to others; the rest is answered', async (_what, refusal) => {
    const { vendor } = await standIn((prompt) => (prompt.includes('evil') ? refusal : obliging(prompt)), {
      concurrency: 1,
    });
    const order = orderOfTexts('good', 'evil', 'fine');
    const found = await vendor.fetch(order, nowhere);
    expect(statesOf(found)).toEqual({ 0: 'done', 1: 'failed', 2: 'done' });
    expect(found.find(({ state }) => state === 'failed')?.reason).toMatch(/judge's endpoint/);
  });

  test.each([
    ['that says so', 'good', 'Your input was flagged by moderation'],
    ['that says nothing, while it takes others', 'fine', 'Forbidden'],
  ])(
    'a task turned down by a proxy %s is left to others; where nothing else was taken it holds up all',
    async (_what, first, message) => {
      const moderated = { status: 403, body: { error: { message } } };
      const { vendor } = await standIn((prompt) => (prompt.includes('evil') ? moderated : obliging(prompt)), {
        concurrency: 1,
      });
      expect(statesOf(await vendor.fetch(orderOfTexts(first, 'evil', 'other'), nowhere))).toEqual({
        ...{ 0: 'done', 1: 'failed', 2: 'done' },
      });
      const bare = await standIn(() => ({ status: 403, body: { error: { message: 'Forbidden' } } }));
      await expect(bare.vendor.fetch(orderOfTexts('one', 'two'), nowhere)).rejects.toMatchObject({ kind: 'permanent' });
    },
  );

  test('what was paid before the address was part of what it is known by is not paid again', async () => {
    const { vendor, asked, cache } = await standIn(obliging);
    const order = orderOfTexts('one');
    const answers = async () => (await vendor.fetch(order, nowhere)).flatMap(({ responses }) => responses);
    for (const { form } of order.units) {
      const { system, prompt } = promptOf(order.instructions, form);
      const hash = sha256(JSON.stringify(['m', 'v1', system, prompt, form.questions, 0]));
      const tokens = { inputTokens: 1, outputTokens: 1, costMicros: 1n, chargedMicros: 0n };
      const by = { address: '', model: 'm', answeredBy: 'm', promptVersion: 'v1', paidBy: 'another' };
      await cache.put({ hash, ...tokens, ...by, said: { label: 'spam' } });
    }
    expect(await answers()).toMatchObject([{ answers: { label: 'spam' } }]);
    expect(asked).toEqual([]);
  });

  test.each([
    [403, 'Your account has been flagged for abuse.'],
    [400, 'This organization was blocked by our safety team.'],
  ])('what an endpoint says with %i of who asks is about no task', async (status, message) => {
    const { vendor, asked } = await standIn(() => ({ status, body: { error: { message } } }), { concurrency: 1 });
    await expect(vendor.fetch(orderOfTexts('one', 'two', 'three'), nowhere)).rejects.toMatchObject({
      kind: 'permanent',
    });
    expect(asked.length).toBeLessThan(3);
  });

  test('what the cap has no room for is left to others, and calls at once do not pass it together', async () => {
    // A call costs 1200, and is charged something over 5000 before.
    const { vendor, asked, cache } = await standIn(obliging, { capMicros: 8000n });
    const found = await vendor.fetch(orderOfTexts('1', '2', '3', '4', '5', '6'), nowhere);
    expect(found.filter(({ state }) => state === 'done')).toHaveLength(asked.length);
    expect(asked.length).toBeGreaterThan(1);
    expect(cache.spent()).toBe(BigInt(asked.length) * 1200n);
    expect(found.find(({ state }) => state === 'failed')?.reason).toContain('JUDGE_CAP_USD');
  });

  test('what was paid is paid by the unit that asked, once, and by no other that shows the same', async () => {
    const { vendor } = await standIn(obliging);
    const [one, same] = orderOfTexts('one', 'one').units;
    const costs = async (...units: (typeof one)[]) => {
      const order = { ...orderOfTexts(), units: units.flatMap((unit) => unit ?? []) };
      const found = await vendor.fetch(order, nowhere);
      return found.map(({ responses }) => responses[0]?.costMicros);
    };
    expect(await costs(one)).toEqual([1200n]);
    expect(await costs(same)).toEqual([0n]);
    expect(await costs(one)).toEqual([1200n]);
    // A pair that shows the same twice is one question in both orders.
    const { form, ...rest } = pair.units[0] ?? { key: '', answers: 2, form: { blocks: [], questions: [] } };
    const blocks = form.blocks.map((block) => (block.title.startsWith('Answer') ? { ...block, text: 'Same.' } : block));
    const [both] = await vendor.fetch({ ...pair, units: [{ ...rest, form: { ...form, blocks } }] }, nowhere);
    expect(both?.responses[0]?.costMicros).toBe(1200n);
  });

  test('what was paid without an answer is said, too', async () => {
    // The second order of a pair is filtered: the first was paid.
    const torn = await standIn((prompt) =>
      firstShown(prompt) === 'Two.' ? filtered : { preference: 'a', strength: 1 },
    );
    expect(await torn.vendor.fetch(pair, nowhere)).toMatchObject([
      { state: 'failed', unanswered: [{ costMicros: 1200n }] },
    ]);
    const panel = createJudgePanel([torn.options, { ...torn.options, model: 'other' }]);
    const [unit] = await panel.fetch({ ...pair, units: pair.units.map((each) => ({ ...each, answers: 3 })) }, nowhere);
    expect(unit?.unanswered).toHaveLength(2);
  });

  test('input that the endpoint had in its cache costs what is said of it', async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 900 } };
    for (const [cachedInputMicros, costMicros] of [
      [undefined, 1200n],
      [100_000n, 390n],
    ]) {
      const given = cachedInputMicros === undefined ? {} : { cachedInputMicros };
      const { vendor, cache } = await standIn(obliging, { usage, ...given });
      expect((await vendor.fetch(orderOfTexts('one'), nowhere))[0]?.responses[0]?.costMicros).toBe(costMicros);
      expect(cache.spent()).toBe(costMicros);
      await server?.stop();
    }
    const odd = { ...usage, prompt_tokens_details: { cached_tokens: 5000 } };
    const { vendor } = await standIn(obliging, { usage: odd, cachedInputMicros: 0n });
    expect((await vendor.fetch(orderOfTexts('one'), nowhere))[0]?.responses[0]?.costMicros).toBe(200n);
  });

  test.each([
    ['not named', null],
    ['named in other members', { total_tokens: 1100 }],
  ])('usage that is %s is the most it can be', async (_what, usage) => {
    const nameless = await standIn(obliging, { usage });
    const [unit] = await nameless.vendor.fetch(orderOfTexts('one'), nowhere);
    // All of 2000 output tokens at 2 micro-dollars, and the prompt.
    expect(unit?.responses[0]?.costMicros).toBeGreaterThan(4500n);
    expect(nameless.cache.spent()).toBe(unit?.responses[0]?.costMicros);
  });

  test.each([1e12, 1e300])('%d tokens, which no call can take, count as the most it can', async (tokens) => {
    const usage = { prompt_tokens: tokens, completion_tokens: tokens };
    const { vendor, cache } = await standIn(obliging, { usage });
    const [unit] = await vendor.fetch(orderOfTexts('one'), nowhere);
    expect(unit?.responses[0]?.costMicros).toBeLessThan(10_000n);
    expect(cache.spent()).toBe(unit?.responses[0]?.costMicros);
  });

  test('a call that fails costs nothing, and one that was not waited for is paid for', async () => {
    const busy = await standIn(() => ({ status: 503, body: 'later' }));
    await expect(busy.vendor.fetch(orderOfTexts('one'), nowhere)).rejects.toBeInstanceOf(VendorError);
    expect(busy.cache.spent()).toBe(0n);
    await server?.stop();
    const slow = await standIn(obliging, { timeoutMs: 1 });
    await expect(slow.vendor.fetch(orderOfTexts('one'), nowhere)).rejects.toBeInstanceOf(VendorError);
    expect(slow.cache.spent()).toBeGreaterThan(4000n);
  });

  test('answers drawn at another temperature are others', async () => {
    const { vendor, options, asked } = await standIn(obliging);
    await vendor.fetch(orderOfTexts('one'), nowhere);
    await createLlmJudge({ ...options, samples: 3 }).fetch(orderOfTexts('one'), nowhere);
    expect(asked).toHaveLength(4);
    await createLlmJudge(options).fetch(orderOfTexts('one'), nowhere);
    expect(asked).toHaveLength(4);
  });

  test('a task over which the endpoint stumbles stays open, and is asked about after the others', async () => {
    const { vendor, asked } = await standIn(
      (prompt) => (prompt.includes('poison') ? { status: 500, body: 'oops' } : obliging(prompt)),
      { concurrency: 1 },
    );
    const order = orderOfTexts('poison 1', 'poison 2', 'poison 3', 'poison 4', 'good');
    // Four in a row: it is taken for away, and the fifth is not asked about at all.
    await expect(vendor.fetch(order, nowhere)).rejects.toMatchObject({ kind: 'retryable', status: 500 });
    expect(asked).toHaveLength(4);
    const found = await vendor.fetch(order, nowhere);
    expect(statesOf(found)).toEqual({ 0: 'open', 1: 'open', 2: 'open', 3: 'open', 4: 'done' });
    expect(found.find(({ state }) => state === 'open')?.fault).toMatchObject({ kind: 'retryable' });
  });

  test('a busy endpoint is not asked on, and hands in what is known', async () => {
    let busy = false;
    const { vendor, asked } = await standIn(
      (prompt) => (busy ? { status: 429, body: 'slow down', headers: { 'retry-after': '7' } } : obliging(prompt)),
      { concurrency: 1 },
    );
    await vendor.fetch(orderOfTexts('one'), nowhere);
    busy = true;
    const found = await vendor.fetch(orderOfTexts('two', 'three', 'one'), nowhere);
    expect(statesOf(found)).toEqual({ 0: 'open', 1: 'open', 2: 'done' });
    expect(found.find(({ fault }) => fault)?.fault).toMatchObject({ retryAfterMs: 7000 });
    expect(asked).toHaveLength(2);
  });

  test('a judge of a panel that has spent its cap, or is refused, holds up none of the others', async () => {
    const { options } = await standIn(obliging);
    const poor = createJudgePanel([options, { ...options, model: 'other', capMicros: 0n }]);
    const order = orderOfTexts('one');
    expect(await poor.fetch(order, nowhere)).toMatchObject([
      { state: 'done', reason: expect.stringContaining('JUDGE_CAP_USD'), responses: [{ workerId: 'judge:m:v1' }] },
    ]);
    const keyless = createJudgePanel([options, { ...options, model: 'third', apiKey: 'wrong' }]);
    expect(await keyless.fetch(order, nowhere)).toMatchObject([{ state: 'done', responses: [{}] }]);
    // One that is away is waited for, and what is there is handed in.
    const away = createJudgePanel([options, { ...options, model: 'fourth', baseUrl: 'http://127.0.0.1:1' }]);
    expect(await away.fetch(order, nowhere)).toMatchObject([
      { state: 'open', fault: { kind: 'retryable' }, responses: [{ workerId: 'judge:m:v1' }] },
    ]);
  });

  test('a busy endpoint is tried again, an empty account is not, and no error has the key', async () => {
    const order = orderOf('classification', { units: 3 });
    const failure = async (vendor: Awaited<ReturnType<typeof standIn>>['vendor']) => {
      const error = await vendor.fetch(order, { externalId: order.key, units: {} }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(VendorError);
      expect(`${String(error)} ${(error as Error).stack}`).not.toContain(KEY);
      return (error as VendorError).kind;
    };
    const busy = await standIn(() => ({ status: 429, body: { error: { message: 'slow down' } } }));
    expect(await failure(busy.vendor)).toBe('retryable');
    await server?.stop();
    const empty = await standIn(() => ({
      status: 429,
      body: { error: { message: 'no', code: 'insufficient_quota' } },
    }));
    expect(await failure(empty.vendor)).toBe('permanent');
  });

  test.each([
    ['409', { status: 409 }, 'retryable'],
    [
      'a limit of what may be spent',
      { status: 429, body: { error: { code: 'enforced_spend_limit_reached' } } },
      'permanent',
    ],
    ['529', { status: 529 }, 'retryable'],
    ['500 that will not pass, as it says', { status: 500, headers: { 'x-should-retry': 'false' } }, 'permanent'],
    ['401 that will pass, as it says', { status: 401, headers: { 'x-should-retry': 'true' } }, 'retryable'],
  ])('that is answered with %s is asked again only where that may help', async (_what, reply, kind) => {
    const { vendor } = await standIn(() => ({ body: 'no', ...reply }));
    await expect(vendor.fetch(orderOfTexts('one'), nowhere)).rejects.toMatchObject({ kind });
  });
});
