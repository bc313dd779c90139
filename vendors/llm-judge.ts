import { VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import type { Form, FormAnswers } from '../domain/vendors/form.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { WORKERS_PAID } from '../domain/vendors/paying.ts';
import { VendorError } from './errors.ts';
import { agreed, answersOf, mostFrequent, PROMPT_VERSION, surenessOf, swapped } from './llm-answer.ts';
import { CONCURRENCY, createLlmCalls, type JudgeOptions, type Told } from './llm-call.ts';
import { Look } from './llm-look.ts';
import { flatEstimate } from './shared.ts';
import { sha256 } from './signatures.ts';
import { call, type FetchedUnit, type Order, type Unit, type Vendor } from './vendor.ts';

/**
 * A language model behind any OpenAI-compatible endpoint, as one annotator: `judge:VERSION:PROMPT-VERSION`, with the
 * version that the endpoint says answered, so that a changed model is another annotator. Nothing is bought before it is
 * fetched, and what was answered is never asked again. A refusal, invalid JSON and a spent cap leave the task to others.
 * A task that could not be asked about stays open beside those that could.
 */
export function createLlmJudge(options: JudgeOptions): Vendor {
  const { model, samples = 1 } = options;
  const ask = createLlmCalls(options);
  /** How often asking about a unit failed: the next look asks about it after the others. */
  const failures = new Map<string, number>();

  async function askOne(order: Order, unit: string, form: Form, look: Look): Promise<Told[]> {
    const told: Told[] = [];
    for (let sample = 0; sample < samples; sample++) {
      told.push(await ask({ unit, instructions: order.instructions, form, sample }, look));
    }
    return told;
  }

  async function judge(order: Order, { key, form }: Unit, look: Look): Promise<FetchedUnit> {
    const other = swapped(form);
    const first = await askOne(order, key, form, look);
    const second = other && (await askOne(order, key, other, look));
    const told = [...first, ...(second ?? [])];
    const versions = new Set(told.filter(({ said }) => said !== null).map(({ answeredBy }) => answeredBy));
    const id = sha256(`judge:${model}:${PROMPT_VERSION} ${key}`).slice(0, 32);
    const version = [...versions].at(-1) ?? told.at(-1)?.answeredBy ?? model;
    const workerId = `judge:${version}:${PROMPT_VERSION}`;
    const costMicros = costOf(told, key);
    const said = { shown: saidIn(form, first), turned: second && saidIn(form, second) };
    const shown = answerIn(form, said.shown);
    const turned = said.turned && answerIn(form, said.turned);
    const answers = second ? shown && turned && agreed(form, shown, turned) : shown;
    // What two versions said is the answer of neither.
    if (answers && versions.size === 1) {
      const confidence = surenessOf(form, answers, said);
      const sure = confidence === undefined ? {} : { confidence };
      return { key, state: 'done', responses: [{ id, workerId, answers, costMicros, ...sure }] };
    }
    const mixed = versions.size > 1 ? `versions of the model were mixed: ${[...versions].join(', ')}` : undefined;
    const reason = told.find(({ why }) => why !== undefined)?.why ?? mixed ?? 'the judge gave no valid answer';
    const unanswered = costMicros > 0n ? { unanswered: [{ id, workerId, costMicros }] } : {};
    return { key, state: 'failed', reason, responses: [], ...unanswered };
  }

  async function judgeOrWait(order: Order, unit: Unit, look: Look): Promise<FetchedUnit> {
    try {
      const judged = await judge(order, unit, look);
      failures.delete(unit.key);
      return judged;
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      return { key: unit.key, state: 'open', responses: [], fault: error };
    }
  }

  return {
    name: 'llm',
    capabilities: {
      types: VENDOR_TYPES.llm,
      news: 'poll',
      price: 'tokens',
      workersPaid: WORKERS_PAID.llm,
      maxUnits: MAX_UNITS.llm,
      maxAnswers: 1,
      cancels: 'unit',
    },
    estimate: (order) => flatEstimate(order, 'the most that tokens may cost; what they do cost is booked'),
    submit: call('idempotent_by_key', async (order) => {
      return { externalId: order.key, units: Object.fromEntries(order.units.map(({ key }) => [key, key])) };
    }),
    fetch: call('read_only', async (order) => {
      const look = new Look(failures);
      const failed = ({ key }: Unit) => failures.get(key) ?? 0;
      const units = order.units.toSorted((a, b) => failed(a) - failed(b));
      const found: FetchedUnit[] = [];
      let next = 0;
      const lane = async () => {
        for (let unit = units[next++]; unit; unit = units[next++]) found.push(await judgeOrWait(order, unit, look));
      };
      await Promise.all(Array.from({ length: options.concurrency ?? CONCURRENCY }, lane));
      return someOf(found);
    }),
    cancel: call('idempotent_by_key', async () => undefined),
    settle: call('idempotent_by_key', async () => 'unsupported' as const),
    bonusFeeMicros: () => 0n,
    bonus: call('at_most_once', async () => 'unsupported' as const),
    findBonus: call('read_only', async () => undefined),
    parseWebhook() {
      throw new VendorError('permanent', 'Judges send no webhooks.');
    },
  };
}

/** What was found; throws where that is nothing but faults. */
export function someOf(found: FetchedUnit[]): FetchedUnit[] {
  const [first] = found;
  if (first?.fault && found.every(({ fault, responses }) => fault && responses.length === 0)) throw first.fault;
  return found;
}

function saidIn(form: Form, told: readonly Told[]): FormAnswers[] {
  return told.flatMap(({ said }) =>
    said === null ? [] : [answersOf(form.questions, said as Record<string, unknown>)],
  );
}

function answerIn({ questions }: Form, given: FormAnswers[]): FormAnswers | undefined {
  return given.length === 0 ? undefined : mostFrequent(questions, given);
}

/** What a unit pays: each question once, and none that another unit has paid for. */
function costOf(told: readonly Told[], unit: string): bigint {
  const own = new Map<string, bigint>();
  for (const { paid } of told) if (paid && (paid.by ?? unit) === unit) own.set(paid.hash, paid.micros);
  return [...own.values()].reduce((sum, micros) => sum + micros, 0n);
}
