import { z } from 'zod';
import type { Form } from '../domain/vendors/form.ts';
import { storable } from '../domain/vendors/storable.ts';
import { VendorError } from './errors.ts';
import { PROMPT_VERSION, promptOf, schemaOf } from './llm-answer.ts';
import type { JudgeCache, KnownAnswer } from './llm-cache.ts';
import { type Asking, addressOf, createLlmEndpoint, type Heard, placeOf, withSchema } from './llm-endpoint.ts';
import { isRefusal } from './llm-errors.ts';
import type { Look } from './llm-look.ts';
import { type Reading, readAnswer } from './llm-reading.ts';
import { createGate, createPace } from './pace.ts';
import { sha256 } from './signatures.ts';

export interface JudgeOptions {
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly model: string;
  /** Micro-dollars for a million tokens. */
  readonly inputMicros: bigint;
  readonly outputMicros: bigint;
  /** Of input that the endpoint knew already, as it says; that of other input by default. */
  readonly cachedInputMicros?: bigint;
  /** Nothing is asked any more once this much was spent on the model. */
  readonly capMicros: bigint;
  readonly cache: JudgeCache;
  /** Calls at once to this model, of one process (4). */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** Samples of each answer; the most frequent one counts, as one vote. */
  readonly samples?: number;
  /** How long one call is waited for (60 s). */
  readonly timeoutMs?: number;
  /** The most that a model may say to one question, its thoughts included (2000). */
  readonly maxOutputTokens?: number;
}

/** What a model said to one question. */
export interface Told {
  /** Null for a refusal, for what could not be read, and where it was not asked. */
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
const TIMEOUT_MS = 60_000;
export const CONCURRENCY = 4;
/** Of one sample the surest answer; of several, answers that may differ. */
const temperatureOf = (samples: number) => (samples > 1 ? 0.7 : 0);

/**
 * Puts questions to one language model; what was answered is never asked again. What cannot be read is asked for once more,
 * with what is wrong with it, and then left for good by the unit that asked; others may try anew.
 */
export function createLlmCalls(options: JudgeOptions) {
  const { model, cache, samples = 1, maxOutputTokens = MAX_OUTPUT_TOKENS } = options;
  const temperature = temperatureOf(samples);
  // What one server says under a model's name is not what another would.
  const address = addressOf(options.baseUrl);
  const spender = { model, address: placeOf(options.baseUrl) };
  const say = createLlmEndpoint({
    ...options,
    temperature,
    maxOutputTokens,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    pace: createPace(options.requestsPerMinute ?? 600),
  });
  const gate = createGate(options.concurrency ?? CONCURRENCY);
  const underWay = new Map<string, Promise<Told>>();
  const calls = new Set<Promise<unknown>>();
  // Whether the endpoint takes questions of this kind at all.
  let hasAnswered = false;

  /** Throws VendorError where it could not be asked. */
  async function ask(question: Question, look: Look): Promise<Told> {
    const { system, prompt } = promptOf(question.instructions, question.form);
    const asked = [model, PROMPT_VERSION, system, prompt, question.form.questions, question.sample];
    const hash = sha256(JSON.stringify([address, ...asked, temperature]));
    const formerHash = sha256(JSON.stringify(temperature === 0 ? asked : [...asked, temperature]));
    // Asked twice at once, by attempts that overlap or units that show the same: paid once.
    const running = underWay.get(hash);
    if (running) return running;
    const told = askOnce({ ...question, hash, formerHash, system, prompt }, look).finally(() => underWay.delete(hash));
    underWay.set(hash, told);
    return told;
  }

  async function askOnce(question: Asked, look: Look): Promise<Told> {
    const { hash, formerHash, unit } = question;
    const [misread, leftAlone] = unreadHashes(question);
    const [formerMisread, formerLeftAlone] = unreadHashes({ hash: formerHash, unit });
    for (const each of [hash, leftAlone, formerHash, formerLeftAlone]) {
      const known = await cache.get(each);
      if (!known) continue;
      hasAnswered = true;
      return toldOf(each, known);
    }
    // An attempt that died between its two calls goes on with the second.
    const first = (await misreadOf(misread)) ?? (await misreadOf(formerMisread));
    const { told, again } = first ?? (await gate(() => tryOnce(question, look)));
    if (again === undefined) return told;
    return (await gate(() => tryOnce(question, look, { told, problem: again }))).told;
  }

  async function misreadOf(hash: string): Promise<{ told: Told; again: string } | undefined> {
    const known = await cache.get(hash);
    return known && { told: toldOf(hash, known), again: 'it was not of the form' };
  }

  /** One call, and what to say of its answer in another one if that is worth it. `before`: what the first one came to. */
  async function tryOnce(
    question: Asked,
    look: Look,
    before?: { readonly told: Told; readonly problem: string },
  ): Promise<{ told: Told; again?: string }> {
    look.goOn();
    const asking = askingOf(question, before?.problem);
    const most = mostTokens(asking, maxOutputTokens);
    const chargedMicros = costOf(most);
    const nothing = (why: string): Told => ({ ...(before?.told ?? { answeredBy: model }), said: null, why });
    if (!(await hasRoom(chargedMicros))) {
      return { told: nothing(`the judge ${model} has spent its cap; raise JUDGE_CAP_USD to go on`) };
    }
    try {
      const heard = await hear(asking, chargedMicros);
      if (heard.end !== 'garbled') {
        look.answered();
        hasAnswered = true;
      }
      const tokens = {
        inputTokens: believed(heard.inputTokens, most.inputTokens),
        outputTokens: believed(heard.outputTokens, most.outputTokens),
      };
      const costMicros = costOf(tokens, Math.min(heard.cachedTokens, tokens.inputTokens));
      return await keep(question, heard, { tokens, costMicros, chargedMicros, before: before?.told });
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      if (isRefusal(error, { ever: hasAnswered, now: look.hasAnswered })) {
        look.refused();
        return { told: nothing(error.message) };
      }
      look.failed(question.unit, error);
      throw error;
    }
  }

  /** Keeps what an answer cost, together with the one before it, and what it says. */
  async function keep(
    question: Asked,
    heard: Heard,
    at: {
      readonly tokens: Tokens;
      readonly costMicros: bigint;
      readonly chargedMicros: bigint;
      readonly before: Told | undefined;
    },
  ): Promise<{ told: Told; again?: string }> {
    const reading = readingOf(question, heard);
    const problem = reading && 'problem' in reading ? reading.problem : undefined;
    const isLast = at.before !== undefined || heard.end === 'cut';
    const hash = problem === undefined ? question.hash : unreadHashes(question)[isLast ? 1 : 0];
    const paid = at.before?.paid?.micros ?? 0n;
    const kept = await cache.put({
      ...{ hash, ...spender, promptVersion: PROMPT_VERSION, paidBy: question.unit, ...at.tokens },
      ...storable({ said: reading && 'said' in reading ? reading.said : null, answeredBy: heard.answeredBy }),
      // What the call before cost is in the model's spending already.
      ...{ costMicros: paid + at.costMicros, chargedMicros: paid + at.chargedMicros },
    });
    const told = toldOf(hash, kept);
    if (heard.end === 'refused') return { told: { ...told, why: `the judge ${model} refused to answer` } };
    if (problem === undefined) return { told };
    // At the next look: whoever garbles one answer garbles the next.
    if (!isLast && heard.end === 'garbled')
      throw new VendorError('retryable', `The judge's endpoint: ${GARBLED}.`, { status: 200 });
    if (!isLast) return { told, again: problem };
    const cut = `was cut off at ${maxOutputTokens} tokens; raise JUDGE_MAX_OUTPUT_TOKENS`;
    const why = `the answer of the judge ${model} ${heard.end === 'cut' ? cut : `cannot be read: ${problem}`}`;
    return { told: { ...told, why } };
  }

  /** Charges a call. Where there is no room, those under way may give some back. */
  async function hasRoom(micros: bigint): Promise<boolean> {
    while (!(await cache.charge({ ...spender, micros, capMicros: options.capMicros }))) {
      if (calls.size === 0) return false;
      await Promise.race(calls);
    }
    return true;
  }

  async function hear(asking: Asking, chargedMicros: bigint): Promise<Heard> {
    const call = say(asking);
    const settled = call.then(
      () => undefined,
      () => undefined,
    );
    calls.add(settled);
    try {
      return await call;
    } catch (error) {
      // One that was not waited for to its end may have been answered, and paid: it stays charged, and is asked again.
      if (error instanceof VendorError && error.kind === 'ambiguous') throw new VendorError('retryable', error.message);
      await cache.giveBack({ ...spender, micros: chargedMicros });
      throw error;
    } finally {
      calls.delete(settled);
    }
  }

  /** Rounded up: a price below a millionth of a dollar is not nothing. */
  function costOf({ inputTokens, outputTokens }: Tokens, cachedTokens = 0): bigint {
    const { inputMicros, outputMicros, cachedInputMicros = inputMicros } = options;
    const input = BigInt(inputTokens - cachedTokens) * inputMicros + BigInt(cachedTokens) * cachedInputMicros;
    const exact = input + BigInt(outputTokens) * outputMicros;
    return (exact + MILLION - 1n) / MILLION;
  }

  return ask;
}

/** What was heard, as the form has it; undefined of a refusal. */
function readingOf({ form }: Question, { end, text }: Heard): Reading | undefined {
  if (end === 'refused') return undefined;
  return end === 'garbled' ? { problem: GARBLED } : readAnswer(form.questions, text);
}

const GARBLED = 'what came is no JSON';

interface Asked extends Question {
  readonly hash: string;
  /** The same as earlier versions had it, without the address: what was paid then is not paid again. */
  readonly formerHash: string;
  readonly system: string;
  readonly prompt: string;
}

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A question as it is sent, with what is wrong with an answer to it that was given before. */
function askingOf({ system, prompt, form, sample }: Asked, problem: string | undefined): Asking {
  const again =
    problem === undefined
      ? ''
      : `\n\nAn answer that you gave before cannot be used: ${problem}. Answer with the JSON object alone.`;
  const schema = z.json().parse(z.toJSONSchema(schemaOf(form.questions), { target: 'draft-7' }));
  return { system, prompt: `${prompt}${again}`, schema, seed: sample };
}

/** What a unit could not read is kept for itself alone: of its first call, and of its last. */
function unreadHashes({ hash, unit }: Pick<Asked, 'hash' | 'unit'>): readonly [misread: string, leftAlone: string] {
  return [sha256(`${hash} misread ${unit}`), sha256(`${hash} unread ${unit}`)];
}

/** A chat template's own tokens, by a wide margin. */
const TEMPLATE_TOKENS = 200;

/** The most that a call can take, which is what one of an endpoint that names no usage is taken for: a token is a byte at least. */
function mostTokens(asking: Asking, maxOutputTokens: number): Tokens {
  const bytes = Buffer.byteLength(withSchema(asking)) + Buffer.byteLength(asking.prompt);
  return { inputTokens: bytes + TEMPLATE_TOKENS, outputTokens: maxOutputTokens };
}

/** How often the most that a call can take an endpoint may say: some do not count thoughts in the bound, or add words of their own. */
const BELIEVED = 4;

/** The tokens that an endpoint says; the most there can be where it says none, or what cannot be. */
function believed(said: number | undefined, most: number): number {
  return said === undefined || said > BELIEVED * most ? most : said;
}

function toldOf(hash: string, { said, answeredBy, paidBy, costMicros }: KnownAnswer): Told {
  return { said, answeredBy, paid: { hash, by: paidBy, micros: costMicros } };
}
