import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, NoObjectGeneratedError, NoOutputGeneratedError, Output } from 'ai';
import { z } from 'zod';
import type { Form } from '../domain/vendors/form.ts';
import { storable } from '../domain/vendors/storable.ts';
import { VendorError } from './errors.ts';
import { baseUrlWith } from './http.ts';
import { PROMPT_VERSION, promptOf, schemaOf } from './llm-answer.ts';
import type { JudgeCache, KnownAnswer } from './llm-cache.ts';
import { asVendorError, isRefusal } from './llm-errors.ts';
import type { Look } from './llm-look.ts';
import { createPace } from './pace.ts';
import { sha256 } from './signatures.ts';

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

/** What a model said to one question. */
export interface Told {
  /** Null for a refusal, for what is not of the form, and where it was not asked. */
  readonly said: unknown;
  readonly answeredBy: string;
  /** What it cost, and the unit that this is for; undefined where it cost nothing. */
  readonly paid?: { readonly hash: string; readonly by: string | null; readonly micros: bigint };
  /** Why nothing was said, where that is known. */
  readonly why?: string;
}

export interface Question {
  /** The unit that it is asked for. */
  readonly unit: string;
  readonly instructions: string;
  readonly form: Form;
  readonly sample: number;
}

const MILLION = 1_000_000n;
const MAX_OUTPUT_TOKENS = 2000;
/** Of one sample the surest answer; of several, answers that may differ. */
const temperatureOf = (samples: number) => (samples > 1 ? 0.7 : 0);

/** Puts questions to one language model; what was answered is never asked again. */
export function createLlmCalls(options: JudgeOptions) {
  const { model, cache, apiKey, samples = 1 } = options;
  const temperature = temperatureOf(samples);
  const provider = createOpenAICompatible({
    name: 'judge',
    baseURL: baseUrlWith(options.baseUrl, '/v1'),
    supportsStructuredOutputs: true,
    ...(apiKey === undefined ? {} : { apiKey }),
    fetch: (url, init) => fetch(url, { ...init, redirect: 'error' }),
  });
  const pace = createPace(options.requestsPerMinute ?? 600);
  const underWay = new Map<string, Promise<Told>>();
  const calls = new Set<Promise<unknown>>();
  // Whether the endpoint takes questions of this kind at all.
  let hasAnswered = false;

  /** Throws VendorError where it could not be asked. */
  async function ask(question: Question, look: Look): Promise<Told> {
    const { system, prompt } = promptOf(question.instructions, question.form);
    const asked = [model, PROMPT_VERSION, system, prompt, question.form.questions, question.sample];
    // Left out where it is 0, so that answers from before it was part of the hash are still known.
    const hash = sha256(JSON.stringify(temperature === 0 ? asked : [...asked, temperature]));
    // Asked twice at once, by attempts that overlap or units that show the same: paid once.
    const running = underWay.get(hash);
    if (running) return running;
    const told = askOnce({ ...question, hash, system, prompt }, look).finally(() => underWay.delete(hash));
    underWay.set(hash, told);
    return told;
  }

  async function askOnce(question: Asked, look: Look): Promise<Told> {
    const known = await cache.get(question.hash);
    if (known) {
      hasAnswered = true;
      return toldOf(question.hash, known);
    }
    look.goOn();
    const schema = schemaOf(question.form.questions);
    const most = mostTokens(question, schema);
    const chargedMicros = costOf(most);
    if (!(await hasRoom(chargedMicros))) {
      const why = `the judge ${model} has spent its cap; raise JUDGE_CAP_USD to go on`;
      return { said: null, answeredBy: model, why };
    }
    await pace();
    try {
      const { usage, ...answer } = await generate(question, schema, chargedMicros);
      look.answered();
      hasAnswered = true;
      const tokens = {
        inputTokens: usage?.inputTokens ?? most.inputTokens,
        outputTokens: usage?.outputTokens ?? most.outputTokens,
      };
      const entry = { hash: question.hash, model, promptVersion: PROMPT_VERSION, paidBy: question.unit };
      const costMicros = costOf(tokens);
      return toldOf(
        question.hash,
        await cache.put({ ...entry, ...tokens, ...storable(answer), costMicros, chargedMicros }),
      );
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      if (isRefusal(error, hasAnswered)) {
        look.answered();
        return { said: null, answeredBy: model, why: error.message };
      }
      look.failed(question.unit, error);
      throw error;
    }
  }

  /** Charges a call. Where there is no room, those under way may give some back. */
  async function hasRoom(micros: bigint): Promise<boolean> {
    while (!(await cache.charge({ model, micros, capMicros: options.capMicros }))) {
      if (calls.size === 0) return false;
      await Promise.race(calls);
    }
    return true;
  }

  async function generate(question: Asked, schema: ReturnType<typeof schemaOf>, chargedMicros: bigint) {
    const signal = AbortSignal.timeout(options.timeoutMs ?? 60_000);
    const call = said(question, schema, signal);
    const settled = call.then(
      () => undefined,
      () => undefined,
    );
    calls.add(settled);
    try {
      return await call;
    } catch (error) {
      // One that was not waited for to its end may have been answered, and paid: it stays charged.
      if (!signal.aborted) await cache.giveBack({ model, micros: chargedMicros });
      throw asVendorError(error, apiKey);
    } finally {
      calls.delete(settled);
    }
  }

  /** `said` is null for a refusal and for what is not of the form. */
  async function said(
    { system, prompt, sample }: Asked,
    schema: ReturnType<typeof schemaOf>,
    abortSignal: AbortSignal,
  ) {
    try {
      const result = await generateText({
        model: provider(model),
        system,
        prompt,
        output: Output.object({ schema }),
        temperature,
        seed: sample,
        maxOutputTokens: MAX_OUTPUT_TOKENS,
        maxRetries: 0,
        abortSignal,
      });
      const { usage, response } = result;
      return { said: outputOf(result), usage, answeredBy: response.modelId };
    } catch (error) {
      if (!NoObjectGeneratedError.isInstance(error)) throw error;
      const { usage, response } = error;
      return { said: null, usage, answeredBy: response?.modelId ?? model };
    }
  }

  /** Rounded up: a price below a millionth of a dollar is not nothing. */
  function costOf({ inputTokens, outputTokens }: Tokens): bigint {
    const exact = BigInt(inputTokens) * options.inputMicros + BigInt(outputTokens) * options.outputMicros;
    return (exact + MILLION - 1n) / MILLION;
  }

  return ask;
}

interface Asked extends Question {
  readonly hash: string;
  readonly system: string;
  readonly prompt: string;
}

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A chat template's own tokens, by a wide margin. */
const TEMPLATE_TOKENS = 200;

/** The most that a call can take, which is what one of an endpoint that names no usage is taken for: a token is a byte at least. */
function mostTokens({ system, prompt }: Asked, schema: z.ZodType): Tokens {
  const sent = [system, prompt, JSON.stringify(z.toJSONSchema(schema))];
  const bytes = sent.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { inputTokens: bytes + TEMPLATE_TOKENS, outputTokens: MAX_OUTPUT_TOKENS };
}

function toldOf(hash: string, { said, answeredBy, paidBy, costMicros }: KnownAnswer): Told {
  return { said, answeredBy, paid: { hash, by: paidBy, micros: costMicros } };
}

/** Null where there is none, as of a model that was cut off or filtered before it said anything. */
function outputOf(result: { readonly output: unknown }): unknown {
  try {
    return result.output;
  } catch (error) {
    if (NoOutputGeneratedError.isInstance(error)) return null;
    throw error;
  }
}
