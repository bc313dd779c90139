import type { JudgeOptions } from '../../vendors/llm-call.ts';
import { createLlmJudge } from '../../vendors/llm-judge.ts';
import type { Order } from '../../vendors/vendor.ts';
import { type Asked, FakeServer, type FaultPlan, type Reply } from './fake.ts';
import { memoryCache } from './judge-memory.ts';
import { orderOf } from './orders.ts';

export const KEY = 'planted-judge-key';

/** What an endpoint says to a prompt: a text, what is sent as JSON, or a reply with its status. */
export type Say = (prompt: string, body: Readonly<Record<string, unknown>>) => unknown;

export type StandInOptions = Partial<JudgeOptions> & {
  version?: string | (() => string);
  usage?: object | null;
  finish?: string;
  faults?: FaultPlan;
};

const USAGE = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };

/** A chat-completions endpoint that answers what `say` makes of the prompt, and a judge that asks it. */
export async function judgeStandIn(say: Say, given: StandInOptions = {}) {
  const { version = 'm', usage = USAGE, finish = 'stop', faults, ...options } = given;
  const server = new FakeServer({
    faults,
    admit: ({ headers }) => (headers.authorization === `Bearer ${KEY}` ? undefined : { status: 401, body: 'no' }),
    answer({ body }): Reply {
      const said = say(promptIn(body), body as Record<string, unknown>);
      if (typeof said === 'object' && said !== null && 'status' in said) return said as Reply;
      const message = { role: 'assistant', content: typeof said === 'string' ? said : JSON.stringify(said) };
      return {
        status: 200,
        body: {
          id: 'c',
          created: 1,
          model: typeof version === 'string' ? version : version(),
          choices: [{ index: 0, message, finish_reason: finish }],
          usage,
        },
      };
    },
  });
  const cache = memoryCache();
  const prices = { inputMicros: 1_000_000n, outputMicros: 2_000_000n, capMicros: 1_000_000n };
  const all = {
    baseUrl: await server.start(),
    apiKey: KEY,
    model: 'm',
    ...prices,
    cache,
    requestsPerMinute: 1e6,
    ...options,
  };
  return { vendor: createLlmJudge(all), options: all, cache, asked: server.asked, server };
}

/** The last message of a request. */
function promptIn(body: Asked['body']): string {
  const { messages } = body as { messages: { content: string | { text: string }[] }[] };
  const content = messages.at(-1)?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

/** The first thing each question of the prompt allows, found in its hints. */
export function obliging(prompt: string): unknown {
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

/** An order of tasks that show `texts`. */
export function orderOfTexts(...texts: string[]): Order {
  const order = orderOf('classification', { units: texts.length, answers: 3 });
  const units = order.units.map((unit, at) => {
    return { ...unit, form: { ...unit.form, blocks: [{ title: 'Text', text: texts[at] ?? '' }] } };
  });
  return { ...order, units };
}

export const nowhere = { externalId: '', units: {} };
