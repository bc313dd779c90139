import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, NoObjectGeneratedError, NoOutputGeneratedError, Output } from 'ai';
import { VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import type { Form, FormAnswers } from '../domain/vendors/form.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { storable } from '../domain/vendors/storable.ts';
import { VendorError } from './errors.ts';
import { baseUrlWith } from './http.ts';
import { agreed, answersOf, mostFrequent, PROMPT_VERSION, promptOf, schemaOf, swapped } from './llm-answer.ts';
import { createPace } from './pace.ts';
import { flatEstimate } from './shared.ts';
import { sha256 } from './signatures.ts';
import { call, type FetchedUnit, type Order, type Unit, type Vendor } from './vendor.ts';

/** Answers that were paid for, by the hash of all that was asked; shared by all workers. */
export interface JudgeCache {
  get(
    hash: string,
  ): Promise<{ readonly said: unknown; readonly costMicros: bigint; readonly answeredBy: string } | undefined>;
  put(entry: {
    readonly hash: string;
    readonly model: string;
    /** The version of the model, as the endpoint names it. */
    readonly answeredBy: string;
    readonly promptVersion: string;
    readonly said: unknown;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costMicros: bigint;
  }): Promise<void>;
  /** All that was ever spent on this model. */
  spentMicros(model: string): Promise<bigint>;
}

export interface JudgeOptions {
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly model: string;
  /** Micro-dollars for a million tokens. */
  readonly inputMicros: bigint;
  readonly outputMicros: bigint;
  /** Nothing is asked any more once this much was spent on the model. */
  readonly capMicros: bigint;
  readonly cache: JudgeCache;
  /** Calls at once. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** Samples of each answer; the most frequent one counts, as one vote. */
  readonly samples?: number;
  readonly timeoutMs?: number;
}

const MILLION = 1_000_000n;
const MAX_OUTPUT_TOKENS = 2000;

/**
 * A language model behind any OpenAI-compatible endpoint, as one annotator: `judge:VERSION:PROMPT-VERSION`, with the
 * version that the endpoint says answered, so that a changed model is another annotator. Nothing is bought before it is fetched, and what was answered is never asked again. A refusal or invalid JSON leaves the task to others.
 */
export function createLlmJudge(options: JudgeOptions): Vendor {
  const { model, cache, apiKey, samples = 1 } = options;
  const provider = createOpenAICompatible({
    name: 'judge',
    baseURL: baseUrlWith(options.baseUrl, '/v1'),
    supportsStructuredOutputs: true,
    ...(apiKey === undefined ? {} : { apiKey }),
    fetch: (url, init) => fetch(url, { ...init, redirect: 'error' }),
  });
  const pace = createPace(options.requestsPerMinute ?? 600);

  const underWay = new Map<string, Promise<Told>>();

  async function ask(order: Order, form: Form, sample: number): Promise<Told> {
    const { system, prompt } = promptOf(order.instructions, form);
    const hash = sha256(JSON.stringify([model, PROMPT_VERSION, system, prompt, form.questions, sample]));
    // Asked twice at once, by attempts that overlap or units that show the same: paid once.
    const running = underWay.get(hash);
    if (running) return running;
    const asked = askOnce(hash, { system, prompt, form, sample }).finally(() => underWay.delete(hash));
    underWay.set(hash, asked);
    return asked;
  }

  async function askOnce(
    hash: string,
    { system, prompt, form, sample }: { system: string; prompt: string; form: Form; sample: number },
  ): Promise<Told> {
    const known = await cache.get(hash);
    if (known) return known;
    if ((await cache.spentMicros(model)) >= options.capMicros) {
      throw new VendorError('permanent', `The judge ${model} has spent its cap; raise JUDGE_CAP_USD to go on.`);
    }
    await pace();
    const { inputTokens, outputTokens, ...told } = await generate(system, prompt, form, sample);
    const { said, answeredBy } = storable({ said: told.said, answeredBy: told.answeredBy });
    // Rounded up: a price below a millionth of a dollar is not nothing.
    const exact = BigInt(inputTokens) * options.inputMicros + BigInt(outputTokens) * options.outputMicros;
    const costMicros = (exact + MILLION - 1n) / MILLION;
    await cache.put({
      hash,
      model,
      answeredBy,
      promptVersion: PROMPT_VERSION,
      said,
      inputTokens,
      outputTokens,
      costMicros,
    });
    return { said, costMicros, answeredBy };
  }

  /** `said` is null for a refusal and for what is not of the form. */
  async function generate(system: string, prompt: string, form: Form, sample: number) {
    try {
      const { output, usage, response } = await generateText({
        model: provider(model),
        system,
        prompt,
        output: Output.object({ schema: schemaOf(form.questions) }),
        temperature: samples > 1 ? 0.7 : 0,
        seed: sample,
        maxOutputTokens: MAX_OUTPUT_TOKENS,
        maxRetries: 0,
        abortSignal: AbortSignal.timeout(options.timeoutMs ?? 60_000),
      });
      return { said: output as unknown, ...tokensOf(usage), answeredBy: response.modelId };
    } catch (error) {
      if (NoObjectGeneratedError.isInstance(error) || NoOutputGeneratedError.isInstance(error)) {
        const { usage, response } = NoObjectGeneratedError.isInstance(error) ? error : {};
        return { said: null, ...tokensOf(usage), answeredBy: response?.modelId ?? model };
      }
      throw asVendorError(error, apiKey);
    }
  }

  async function askOne(order: Order, form: Form): Promise<Said> {
    const given: FormAnswers[] = [];
    let costMicros = 0n;
    let answeredBy = model;
    for (let sample = 0; sample < samples; sample++) {
      const { said, costMicros: cost, answeredBy: by } = await ask(order, form, sample);
      costMicros += cost;
      answeredBy = by;
      if (said !== null) given.push(answersOf(form.questions, said as Record<string, unknown>));
    }
    return { answers: given.length === 0 ? undefined : mostFrequent(given), costMicros, answeredBy };
  }

  async function judge(order: Order, unit: Unit): Promise<FetchedUnit> {
    const first = await askOne(order, unit.form);
    const other = swapped(unit.form);
    const second = other && (await askOne(order, other));
    const answers = second
      ? first.answers && second.answers && agreed(unit.form, first.answers, second.answers)
      : first.answers;
    if (!answers) return { key: unit.key, state: 'failed', reason: 'the judge gave no valid answer', responses: [] };
    const costMicros = first.costMicros + (second?.costMicros ?? 0n);
    const id = sha256(`judge:${model}:${PROMPT_VERSION} ${unit.key}`).slice(0, 32);
    const workerId = `judge:${(second ?? first).answeredBy}:${PROMPT_VERSION}`;
    const response = { id, workerId, answers, costMicros };
    return { key: unit.key, state: 'done', responses: [response] };
  }

  return {
    name: 'llm',
    capabilities: {
      types: VENDOR_TYPES.llm,
      news: 'poll',
      price: 'tokens',
      maxUnits: MAX_UNITS.llm,
      maxAnswers: 1,
      cancels: 'unit',
    },
    estimate: (order) => flatEstimate(order, 'the most that tokens may cost; what they do cost is booked'),
    submit: call('idempotent_by_key', async (order) => {
      return { externalId: order.key, units: Object.fromEntries(order.units.map(({ key }) => [key, key])) };
    }),
    fetch: call('read_only', async (order) => {
      const found: FetchedUnit[] = [];
      let next = 0;
      const lane = async () => {
        for (let unit = order.units[next++]; unit; unit = order.units[next++]) found.push(await judge(order, unit));
      };
      await Promise.all(Array.from({ length: options.concurrency ?? 4 }, lane));
      return found;
    }),
    cancel: call('idempotent_by_key', async () => undefined),
    settle: call('idempotent_by_key', async () => 'unsupported' as const),
    bonus: call('at_most_once', async () => 'unsupported' as const),
    findBonus: call('read_only', async () => undefined),
    parseWebhook() {
      throw new VendorError('permanent', 'Judges send no webhooks.');
    },
  };
}

interface Told {
  readonly said: unknown;
  readonly costMicros: bigint;
  readonly answeredBy: string;
}

interface Said {
  readonly answers: FormAnswers | undefined;
  readonly costMicros: bigint;
  readonly answeredBy: string;
}

function tokensOf(
  usage: { readonly inputTokens?: number | undefined; readonly outputTokens?: number | undefined } = {},
) {
  return { inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 };
}

function asVendorError(error: unknown, apiKey: string | undefined): VendorError {
  const message = error instanceof Error ? error.message : String(error);
  const said = `The judge's endpoint: ${apiKey ? message.split(apiKey).join('[secret]') : message}`;
  if (!APICallError.isInstance(error)) return new VendorError('retryable', said);
  const { statusCode: status, responseBody = '', responseHeaders } = error;
  // Says 429 and means that the account is empty.
  if (responseBody.includes('insufficient_quota')) return new VendorError('permanent', `${said}: the quota is used up`);
  const seconds = Number(responseHeaders?.['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  const again = status === undefined || status === 408 || status === 429 || status >= 500;
  return new VendorError(again ? 'retryable' : 'permanent', said, {
    ...(status === undefined ? {} : { status }),
    retryAfterMs,
  });
}
