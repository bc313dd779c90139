import type { WorkflowClient } from '@temporalio/client';
import { v7 as uuidv7 } from 'uuid';
import { type AppDependencies, createApp } from '../../api/app.ts';
import type { App } from '../../api/context.ts';
import { hashKey, newApiKey } from '../../api/keys.ts';
import type { Db } from '../../db/client.ts';
import { openGoldTasks, planBatch } from '../../db/queries/selection.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { type CampaignSettings, taskWorstCaseMicros } from '../../domain/settings.ts';
import { tierRank } from '../../domain/tiers.ts';
import { createTestDatabase } from '../support/database.ts';
import { insertKey } from '../support/keys.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // Answers are checked by the tests that read them.
  // biome-ignore lint/suspicious/noExplicitAny: a test reads arbitrary JSON
  readonly body: any;
  readonly text: string;
}

export const SECRET = 'a secret of thirty-two characters or so';

export interface Rig {
  readonly db: Db;
  readonly url: string;
  readonly app: App;
  readonly requester: string;
  readonly viewer: string;
  readonly temporal: FakeTemporal;
  call(
    key: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** An app on a database of its own, with a Temporal that only remembers what it was asked. */
export async function startRig(options: Partial<AppDependencies> = {}): Promise<Rig> {
  const { db, url, drop } = await createTestDatabase();
  const temporal = fakeTemporal();
  const signIn = { secret: SECRET, ...options.signIn };
  const app = await createApp({ db, temporal: temporal.client, ...options, signIn });
  const requester = newApiKey();
  const viewer = newApiKey();
  await insertKey(db, { hash: hashKey(requester), role: 'requester', name: 'owner' });
  await insertKey(db, { hash: hashKey(viewer), role: 'viewer', name: 'watcher' });
  await app.ready();
  return {
    db,
    url,
    app,
    requester,
    viewer,
    temporal,
    async call(key, method, path, body, headers = {}) {
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      const json = body !== undefined && !raw && !('content-type' in headers);
      const response = await app.inject({
        method: method as 'GET',
        url: path,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(json ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: raw ? (body as string | Buffer) : JSON.stringify(body) }),
      });
      const type = String(response.headers['content-type'] ?? '');
      const parsed = /json(;|$)/.test(type) && response.body !== '' ? (JSON.parse(response.body) as unknown) : null;
      return { status: response.statusCode, headers: response.headers, body: parsed, text: response.body };
    },
    async close() {
      await app.close();
      await drop();
    },
  };
}

export interface FakeTemporal {
  readonly client: WorkflowClient;
  readonly started: { type: string; workflowId: string; args: unknown[] }[];
  readonly updates: { workflowId: string; name: string; args: unknown[]; updateId?: string }[];
  /** What the next update does; by default it succeeds. */
  answer: (name: string) => Promise<unknown>;
  /** No server can be reached where a workflow is to be started. */
  startsFail: boolean;
}

/** Stands in for Temporal's client: the workflows themselves are tested elsewhere, on a real server. */
export function fakeTemporal(): FakeTemporal {
  const fake: { -readonly [K in keyof FakeTemporal]: FakeTemporal[K] } = {
    started: [],
    updates: [],
    answer: async () => ({}),
    startsFail: false,
    client: undefined as unknown as WorkflowClient,
  };
  const update = async (workflowId: string, name: string, options: { args: unknown[]; updateId?: string }) => {
    fake.updates.push({ workflowId, name, ...options });
    return fake.answer(name);
  };
  fake.client = {
    start: async (type: string, options: { workflowId: string; args: unknown[] }) => {
      if (fake.startsFail) throw Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'no connection' });
      fake.started.push({ type, workflowId: options.workflowId, args: options.args });
      return { workflowId: options.workflowId, result: () => fake.answer(type) };
    },
    getHandle: (workflowId: string) => ({
      executeUpdate: (name: string, options: { args: unknown[] }) => update(workflowId, name, options),
    }),
    executeUpdateWithStart: (
      name: string,
      options: { args: unknown[]; startWorkflowOperation: { options: { workflowId: string } } },
    ) => update(options.startWorkflowOperation.options.workflowId, name, { args: options.args }),
    withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
    workflowService: { getSystemInfo: async () => ({}) },
  } as unknown as WorkflowClient;
  return fake;
}

export const spam = {
  name: 'Spam',
  type: 'classification',
  config: { labels: ['spam', 'ham'] },
  instructions: 'Is this e-mail spam?',
  budgetUsd: '100.00',
  priceUsd: '0.05',
  redundancy: 3,
  goldRatio: 0,
};

/** A running campaign with open slots, made through the API but for the workflows' part. */
export async function runningCampaign(
  rig: Rig,
  options: { settings?: Record<string, unknown>; items?: readonly unknown[]; annotators?: number } = {},
): Promise<{ id: string; taskIds: string[]; annotators: { id: string; apiKey: string }[] }> {
  const { settings = {} } = options;
  // The labels of the usual one are no setting of another type.
  const config = settings.type === undefined || settings.type === spam.type ? spam.config : {};
  const created = await rig.call(rig.requester, 'POST', '/v1/campaigns', { ...spam, config, ...settings });
  if (created.status !== 201) throw new Error(`The campaign was refused: ${created.text}`);
  const { id } = created.body as { id: string };
  const items = options.items ?? [{ key: 'one', text: 'Buy now' }];
  const imported = await rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/items`, items);
  if (imported.status !== 200) throw new Error(`The items were refused: ${imported.text}`);
  const annotators = await addAnnotators(rig, options.annotators ?? 3);
  const started = await rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/start`);
  if (started.status !== 200) throw new Error(`The start was refused: ${started.text}`);
  return { id, taskIds: await openAll(rig.db, id), annotators };
}

/** Makes tasks of the whole pool and opens their slots, as the workflows would. */
export async function openAll(db: Db, campaignId: string): Promise<string[]> {
  const [row] = await db<{ settings: CampaignSettings }[]>`select settings from campaigns where id = ${campaignId}`;
  if (!row) throw new Error('There is no such campaign.');
  const { settings } = row;
  const pool = await db<{ id: string }[]>`
    select id from items where campaign_id = ${campaignId} and state = 'pool' order by created_at, id`;
  const policy = {
    campaignId,
    priceMicros: BigInt(settings.priceMicros),
    requiredTier: tierRank(settings.tier),
    workforce: settings.workforces[0] ?? 'internal',
    policyVersion: 1,
    instructionsVersion: 1,
  };
  await openGoldTasks(db, policy);
  const { taskIds } = await planBatch(db, {
    ...policy,
    round: 1,
    strategy: 'random',
    seed: 'test',
    chosen: pool.map(({ id }) => ({ itemId: id, selection: { strategy: 'random' } })),
    redundancy: settings.redundancy,
    taskWorstCaseMicros: taskWorstCaseMicros(settings),
    goldMicros: () => 1_000_000n,
    repeatsPerTaskMicros: 0n,
    repeatsSoFarMicros: 0n,
    expiresAt: new Date(Date.now() + 86_400_000),
    startPayload: {},
  });
  for (const taskId of taskIds) await openSlots(db, taskId);
  return taskIds;
}

/** Active annotators with their keys. */
export async function addAnnotators(
  rig: Rig,
  count: number,
  fields: Record<string, unknown> = {},
): Promise<{ id: string; apiKey: string }[]> {
  const made: { id: string; apiKey: string }[] = [];
  for (let i = 0; i < count; i++) {
    const { body } = await rig.call(rig.requester, 'POST', '/v1/annotators', {
      name: `A${i}`,
      tier: 'crowd',
      ...fields,
    });
    made.push(body as { id: string; apiKey: string });
  }
  return made;
}

/** An id that nothing has. */
export const nobodysId = () => uuidv7();
