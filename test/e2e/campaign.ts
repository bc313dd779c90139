import { z } from 'zod';
import { type CrowdStats, runCrowd } from '../../cli/demo/crowd.ts';
import { createPersonas, type Persona } from '../../cli/demo/personas.ts';
import { until } from '../support/rig.ts';

interface Door {
  readonly url: string;
  readonly apiKey: string;
}

const viewSchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  stopReason: z.string().nullable(),
  counts: z.record(z.string(), z.number()),
  budget: z.looseObject({ capMicros: z.number(), reservedMicros: z.number(), spentMicros: z.number() }),
});
export type View = z.infer<typeof viewSchema>;

/** One JSON request with a key, answered whatever its status is. */
export async function send(
  { url, apiKey }: Door,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** As `send`, for requests that must succeed. */
export async function ask(door: Door, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await send(door, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export async function viewOf(door: Door, campaignId: string): Promise<View> {
  return viewSchema.parse(await ask(door, 'GET', `/v1/campaigns/${campaignId}`));
}

const SUBJECTS = ['the meeting', 'your invoice', 'a free watch', 'the garden', 'a cheap loan', 'our holiday'];
const labelOf = (at: number) => (at % 3 === 0 ? 'spam' : 'ham');
const textOf = (at: number) =>
  `${labelOf(at) === 'spam' ? 'Win now' : 'A word'} about ${SUBJECTS[at % SUBJECTS.length]}, number ${at}.`;

export interface Play {
  readonly campaignId: string;
  /** Ids of the answers that the crowd was told are stored. */
  readonly acknowledged: ReadonlySet<string>;
  /** Waits until the crowd has had that many answers acknowledged. */
  answered(count: number): Promise<void>;
  /** Waits for the campaign's end, then sends the crowd home. */
  finished(): Promise<{ view: View; stats: CrowdStats }>;
  /** Sends the crowd home, whatever the campaign does. Calling it again is harmless. */
  leave(): Promise<CrowdStats>;
}

export interface PlayOptions {
  /** Work items; gold ones come on top. */
  readonly items: number;
  readonly gold: number;
  readonly personas?: readonly Persona[];
  readonly settings?: Record<string, unknown>;
  readonly atMostMs?: number;
}

/** Eight careful people of all tiers and one who keeps walking away. */
export const CREW: readonly Persona[] = [
  ...createPersonas('crew')
    .filter(({ kind, sensitivity }) => kind === 'skilled' && sensitivity > 0.84)
    .slice(0, 8),
  ...createPersonas('crew').filter(({ name }) => name === 'Uma Krishnan'),
];

/** Starts a campaign on a stack and lets a simulated crowd answer it over HTTP. */
export async function play(door: Door, options: PlayOptions): Promise<Play> {
  const { items, gold, personas = CREW, atMostMs = 180_000 } = options;
  const created = await ask(door, 'POST', '/v1/campaigns', {
    name: 'Short letters',
    type: 'classification',
    config: { labels: ['spam', 'ham'] },
    instructions: 'Is this letter spam?',
    budgetUsd: '50',
    priceUsd: '0.02',
    redundancy: 3,
    goldRatio: gold > 0 ? 0.1 : 0,
    goldFloor: 2,
    mode: 'streaming',
    batchSize: 8,
    maxInFlight: 16,
    leaseMs: 1500,
    windowMs: 6000,
    escalation: [
      { step: 'raise_priority' },
      { step: 'raise_pay', by: 0.1 },
      { step: 'widen_tier' },
      { step: 'give_up' },
    ],
    simulated: true,
    ...options.settings,
  });
  const campaignId = z.object({ id: z.string() }).parse(created).id;
  const rows = Array.from({ length: items + gold }, (_, at) => ({
    key: `letter-${at}`,
    payload: { text: textOf(at) },
    ...(at < gold ? { gold: labelOf(at) } : {}),
  }));
  await ask(door, 'POST', `/v1/campaigns/${campaignId}/items`, rows);
  const apiKeys = new Map<string, string>();
  for (const { name, tier } of personas) {
    const made = await ask(door, 'POST', '/v1/annotators', { name, tier, simulated: true });
    apiKeys.set(name, z.object({ apiKey: z.string() }).parse(made).apiKey);
  }
  await ask(door, 'POST', `/v1/campaigns/${campaignId}/start`);

  const truth = new Map(rows.map(({ payload }, at) => [payload.text, { label: labelOf(at), difficulty: 0.1 }]));
  const acknowledged = new Set<string>();
  const closing = new AbortController();
  const crowd = runCrowd({
    baseUrl: door.url,
    apiKeys,
    personas,
    truthOf: (payload) => truth.get(String((payload as { text?: unknown }).text)),
    taskType: 'classification',
    timeScale: 0.004,
    seed: 'e2e',
    signal: closing.signal,
    campaignId,
    onEvent: (event) => {
      if (event.type === 'answered') acknowledged.add(event.annotationId);
    },
  });
  const leave = () => {
    closing.abort();
    return crowd;
  };
  return {
    campaignId,
    acknowledged,
    leave,
    async answered(count) {
      await until(`${count} answers`, () => acknowledged.size >= count, atMostMs);
    },
    async finished() {
      const ended = async () => {
        const view = await viewOf(door, campaignId).catch(() => undefined);
        return view !== undefined && ['finished', 'stopped'].includes(view.state) && view;
      };
      try {
        const view = await until('the campaign has ended', ended, atMostMs);
        return { view, stats: await leave() };
      } catch (error) {
        const view = await viewOf(door, campaignId).catch(String);
        throw new Error(`${String(error)} It stands at ${JSON.stringify(view)}.`);
      }
    },
  };
}
