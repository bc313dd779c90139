import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Rng, seededRng } from '../../domain/rng.ts';
import type { KnownTruth } from './crowd-truth.ts';

/** A stand-in for a language model that judges pairs. */
interface StandIn {
  readonly model: string;
  /** Chance of the right verdict on a pair of usual difficulty. */
  readonly skill: number;
  /** Chance of taking the answer that is shown first, and of taking the longer one, without looking further. */
  readonly firstBias: number;
  readonly longerBias: number;
  /** Micro-dollars for a million tokens, in and out: of the size that small and large models cost. */
  readonly prices: { readonly input: string; readonly output: string };
}

export const STAND_INS: readonly StandIn[] = [
  { model: 'stand-in-good', skill: 0.985, firstBias: 0.02, longerBias: 0.01, prices: { input: '2', output: '10' } },
  { model: 'stand-in-cheap', skill: 0.78, firstBias: 0.2, longerBias: 0.15, prices: { input: '0.10', output: '0.50' } },
];

const USUAL_DIFFICULTY = 0.3;
const DIFFICULTY_SLOPE = 3.2;

/**
 * An OpenAI-compatible server whose models are no models: each verdict is drawn by a seed from the pair's known truth, as
 * skilled and as biased as the stand-in is. Says so in every answer. The same pair in the same order gets the same verdict.
 */
export async function startStandIns(options: {
  readonly seed: string;
  readonly truthOf: (payload: unknown) => KnownTruth | undefined;
}): Promise<{ readonly baseUrl: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request)
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', 'x-quorate-stand-in': 'true' });
        response.end(JSON.stringify(body));
      })
      .catch((error: unknown) => response.writeHead(500).end(JSON.stringify({ error: { message: String(error) } })));
  });

  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const { model, messages } = JSON.parse(await textOf(request)) as {
      model: string;
      messages: { content: string | { text: string }[] }[];
    };
    const standIn = STAND_INS.find((each) => each.model === model);
    if (!standIn) return { status: 404, body: { error: { message: `There is no stand-in ${model}.` } } };
    const texts = messages.map(({ content }) =>
      typeof content === 'string' ? content : content.map(({ text }) => text).join(''),
    );
    const prompt = texts.at(-1) ?? '';
    const pair = pairIn(prompt);
    const choices = [...(/- preference: .*\(one of (.*)\)/.exec(prompt)?.[1] ?? '').matchAll(/"(\w+)"/g)].map(
      ([, name = '']) => name,
    );
    const verdict = pair && verdictOf(standIn, pair, choices, options.truthOf(pair), options.seed);
    const content = JSON.stringify({ preference: verdict ?? choices[0] });
    const tokens = (text: string) => Math.ceil(text.length / 4);
    const [prompt_tokens, completion_tokens] = [tokens(texts.join('')), tokens(content)];
    return {
      status: 200,
      body: {
        id: 'stand-in',
        object: 'chat.completion',
        created: 0,
        model,
        system_fingerprint: 'stand-in: no language model; verdicts are drawn from known truths',
        choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
        usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
      },
    };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Pair {
  readonly prompt: string;
  readonly a: string;
  readonly b: string;
}

/** The pair as a judge's prompt shows it. */
function pairIn(text: string): Pair | undefined {
  const found = /## Prompt\n([\s\S]*?)\n\n## Answer A\n([\s\S]*?)\n\n## Answer B\n([\s\S]*)\n<\/shown>/.exec(text);
  return found ? { prompt: found[1] ?? '', a: found[2] ?? '', b: found[3] ?? '' } : undefined;
}

function verdictOf(
  { model, skill, firstBias, longerBias }: StandIn,
  pair: Pair,
  choices: readonly string[],
  truth: KnownTruth | undefined,
  seed: string,
): string | undefined {
  const shown = seededRng(`stand-in ${seed} ${model} ${JSON.stringify(pair)}`);
  if (shown.next() < firstBias) return 'a';
  // What is thought of a pair does not depend on its order.
  const inOrder = pair.a < pair.b ? pair : { ...pair, a: pair.b, b: pair.a };
  const thought = seededRng(`stand-in ${seed} ${model} thought ${JSON.stringify(inOrder)}`);
  if (thought.next() < longerBias) return pair.b.length > pair.a.length ? 'b' : 'a';
  if (!truth) return undefined;
  const logOdds = Math.log(skill / (1 - skill)) - DIFFICULTY_SLOPE * (truth.difficulty - USUAL_DIFFICULTY);
  if (thought.next() < 1 / (1 + Math.exp(-logOdds)) && choices.includes(truth.label)) return truth.label;
  return truth.temptation ?? drawn(choices, thought);
}

function drawn(choices: readonly string[], rng: Rng): string | undefined {
  return choices[rng.int(Math.max(1, choices.length))];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
