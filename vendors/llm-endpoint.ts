import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, type JSONValue } from 'ai';
import { z } from 'zod';
import { VendorError } from './errors.ts';
import { baseUrlWith, readBytes } from './http.ts';
import { asUsual } from './llm-body.ts';
import { type Dialect, FULLEST, guessed, membersIn, simpler } from './llm-dialect.ts';
import { asVendorError, isGarbled, refusalOf } from './llm-errors.ts';
import { jsonFrom } from './shared.ts';

export interface EndpointOptions {
  /** With or without `/v1`, `/chat/completions` and a query. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly model: string;
  readonly temperature: number;
  readonly maxOutputTokens: number;
  readonly timeoutMs: number;
  /** Lets the next request through. */
  readonly pace: () => Promise<void>;
}

/** One question, and the form of its answer as JSON Schema. */
export interface Asking {
  readonly system: string;
  readonly prompt: string;
  readonly schema: JSONValue;
  readonly seed: number;
}

/**
 * What a model said. `cut`: it came to the end of what it may say; `refused`: it will not answer; `garbled`: something came
 * that is no JSON.
 */
export interface Heard {
  readonly text: string;
  readonly end: 'whole' | 'cut' | 'refused' | 'garbled';
  /** The version of the model, as the endpoint names it. */
  readonly answeredBy: string;
  /** Undefined where the endpoint does not say. */
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Of the input, what the endpoint knew already; 0 where it does not say. */
  readonly cachedTokens: number;
}

/**
 * One model behind an OpenAI-compatible endpoint. How it takes its questions is found out by its refusals, and remembered
 * once a question so asked was answered. Throws VendorError; `ambiguous` is one that was not waited for to its end, and
 * may have been answered and paid.
 */
export function createLlmEndpoint(options: EndpointOptions): (asking: Asking) => Promise<Heard> {
  const { model, apiKey, temperature, maxOutputTokens, timeoutMs, pace } = options;
  const { searchParams } = new URL(options.baseUrl);
  const provider = createOpenAICompatible({
    name: 'judge',
    baseURL: addressOf(options.baseUrl),
    queryParams: Object.fromEntries(searchParams),
    ...(apiKey === undefined ? {} : { apiKey }),
    // Azure's deployments, which are known by this, take a key of theirs in a header of their own.
    ...(apiKey !== undefined && searchParams.has('api-version') ? { headers: { 'api-key': apiKey } } : {}),
    fetch: async (input, init) => usual(await fetch(input, { ...init, redirect: 'error' })),
  });
  let known = FULLEST;
  let hasAnswered = false;

  async function inDialect(dialect: Dialect, asking: Asking, abortSignal: AbortSignal): Promise<Heard> {
    const { prompt, seed, schema } = asking;
    const system = dialect.format === 'json_schema' ? asking.system : withSchema(asking);
    const result = await generateText({
      model: provider(model),
      ...(dialect.system ? { system, prompt } : { prompt: `${system}\n\n${prompt}` }),
      providerOptions: { judge: membersIn(dialect, { schema, temperature, seed, maxOutputTokens }) },
      maxRetries: 0,
      abortSignal,
    });
    const { text, finishReason, response, usage } = result;
    const end = finishReason === 'content-filter' ? 'refused' : finishReason === 'length' ? 'cut' : 'whole';
    return { text, end, answeredBy: response.modelId, ...tokensIn(usage.raw) };
  }

  /** The dialect to try next after an error, if it may be about that. */
  function next(dialect: Dialect, error: unknown): Dialect | undefined {
    const refusal = refusalOf(error);
    if (!refusal) return undefined;
    const mayGuess = !hasAnswered && (refusal.status === 400 || refusal.status === 422);
    return simpler(dialect, refusal.body) ?? (mayGuess ? guessed(dialect) : undefined);
  }

  return async (asking) => {
    for (let dialect = known; ; ) {
      await pace();
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const heard = await inDialect(dialect, asking, signal);
        known = dialect;
        hasAnswered = true;
        return heard;
      } catch (error) {
        if (isGarbled(error)) return { text: '', end: 'garbled', answeredBy: model, ...tokensIn(undefined) };
        const other = next(dialect, error);
        if (other) dialect = other;
        else if (signal.aborted) throw new VendorError('ambiguous', `The judge's endpoint took over ${timeoutMs} ms.`);
        else throw asVendorError(error, apiKey);
      }
    }
  };
}

/** Where a model is asked, without a query. */
export function addressOf(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrlWith(baseUrl, '/v1'));
  return origin + pathname.replace(/\/chat\/completions$/, '');
}

/** By what a place is known, whichever of its names it is called by: one's own machine has several. */
export function placeOf(baseUrl: string): string {
  const { protocol, hostname, port, pathname } = new URL(addressOf(baseUrl));
  const host = ['127.0.0.1', '[::1]', '[::]', '0.0.0.0'].includes(hostname) ? 'localhost' : hostname.replace(/\.$/, '');
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}${pathname}`;
}

/** Of one that has more its beginning is read: no JSON, as one that was cut off on the way. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** What was answered is paid, so that it is heard in whatever form it comes. */
async function usual(response: Response): Promise<Response> {
  const text = (await readBytes(response, MAX_ANSWER_BYTES, 'cut')).toString('utf8');
  const tidied = response.ok ? asUsual(jsonFrom(text)) : undefined;
  const headers = [...response.headers].filter(([name]) => !/^content-(length|encoding)$/.test(name));
  return new Response(tidied ? JSON.stringify(tidied) : text, { status: response.status, headers });
}

/** What is said where the endpoint has no place for the schema. */
export function withSchema({ system, schema }: Pick<Asking, 'system' | 'schema'>): string {
  return `${system} The answer is one JSON object that fits this JSON Schema:\n${JSON.stringify(schema)}`;
}

const count = z
  .number()
  .min(0)
  .transform((tokens) => Math.ceil(tokens))
  .optional()
  .catch(undefined);
const usageSchema = z
  .object({
    ...{ prompt_tokens: count, completion_tokens: count },
    prompt_tokens_details: z.object({ cached_tokens: count }).optional().catch(undefined),
  })
  .catch({ prompt_tokens: undefined, completion_tokens: undefined, prompt_tokens_details: undefined });

/** By the endpoint's own words: what it does not say is not nothing. */
function tokensIn(raw: unknown): Pick<Heard, 'inputTokens' | 'outputTokens' | 'cachedTokens'> {
  const { prompt_tokens, completion_tokens, prompt_tokens_details } = usageSchema.parse(raw);
  const cachedTokens = Math.min(prompt_tokens ?? 0, prompt_tokens_details?.cached_tokens ?? 0);
  return { inputTokens: prompt_tokens, outputTokens: completion_tokens, cachedTokens };
}
