import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { z } from 'zod';
import { addressOf } from '../api/address.ts';
import { readSetupLink } from '../api/sign-in/setup-link.ts';
import { connect } from '../db/client.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { isElsewhere } from '../db/queries/temporal-mark.ts';
import type { Config } from '../runtime/config.ts';
import { removeEndpoint, writeEndpoint } from '../runtime/endpoint.ts';
import { lockHolder } from '../runtime/lock.ts';
import { ownerKey, ownerKeyFile } from '../runtime/owner-key.ts';
import { isPortFree, requireFreePort } from '../runtime/ports.ts';
import { RuntimeProblem } from '../runtime/problem.ts';
import { alreadyRunning, type Stack, startStack } from '../runtime/stack.ts';
import { supervise } from '../runtime/supervise.ts';
import { ELSEWHERE } from '../workers/leader.ts';
import { temporalIdentity } from '../workers/temporal-identity.ts';
import { paths } from './paths.ts';
import { SERVICES, type Service } from './services.ts';
import { vendorsOf } from './vendors.ts';

const READY_WITHIN_MS = 60_000;
const LEFT_BEHIND_MS = 30_000;
/** Longer than the workers' own grace time, so that work under way is finished and not redone. */
const STOP_WITHIN_MS = 30_000;

/** The API answers without Temporal, too; a stack that was just started has both. */
const readySchema = z.object({ temporal: z.literal('ok') });

export interface Running {
  readonly url: string;
  /** Where the owner is made; undefined where there is one. */
  readonly setupUrl: string | undefined;
  readonly apiKey: string;
  readonly uiUrl: string | undefined;
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly parts: readonly { name: string; source: string }[];
  /** Process ids, for tests and for `doctor`. */
  readonly pids: Readonly<Record<Service, () => number | undefined>>;
  stop(): Promise<void>;
}

/** Starts everything: database and Temporal where they are not external, migrations, API and workers. */
export async function up(config: Config, say: (line: string) => void): Promise<Running> {
  // Before anything is started: a worker would only say it once all seems well.
  await vendorsOf(process.env);
  await requireOwnPort(config, say);
  const stack = await startStack(config, say);
  const children: { name: Service; child: ReturnType<typeof supervise> }[] = [];
  const stop = async () => {
    removeEndpoint(config.home);
    await Promise.all(children.map(({ child }) => child.stop(STOP_WITHIN_MS)));
    await stack.stop();
  };
  try {
    if (config.database.url !== undefined) await requireOurTemporal(stack);
    await migrateDatabase(stack.databaseUrl, paths.migrations);
    const apiKey = config.apiKey ?? ownerKey(config.home);
    const env = {
      ...process.env,
      ...stack.env,
      QUORATE_API_KEY: apiKey,
      ...(stack.uiUrl === undefined ? {} : { QUORATE_TEMPORAL_UI_URL: config.temporal.uiUrl ?? stack.uiUrl }),
      QUORATE_HOST: config.host,
      QUORATE_PORT: String(config.port),
      // Services log what goes wrong; the screen belongs to the person.
      QUORATE_LOG_LEVEL: process.env.QUORATE_LOG_LEVEL ?? 'warn',
      // We say it ourselves.
      QUORATE_SETUP_SAID: '1',
    };
    for (const name of SERVICES) {
      const child = supervise({
        name,
        command: process.execPath,
        args: [paths.entry, 'serve', name],
        env,
        log: say,
        restart: true,
      });
      children.push({ name, child });
    }
    const url = addressOf(config);
    await ready(url);
    await requireValid(apiKey, url, config);
    const { databaseUrl, temporal, uiUrl } = stack;
    const address = { address: temporal.address, namespace: temporal.namespace };
    writeEndpoint(config.home, {
      url,
      databaseUrl,
      temporal: address,
      apiKey,
      ...(uiUrl === undefined ? {} : { uiUrl }),
    });
    const server = { publicUrl: config.publicUrl ?? url, secret: config.authSecret };
    const setupUrl = await readSetupLink(databaseUrl, server);
    const pid = (service: Service) => () => children.find(({ name }) => name === service)?.child.pid();
    const pids = { api: pid('api'), worker: pid('worker'), learning: pid('learning') };
    return { url, setupUrl, apiKey, uiUrl, databaseUrl, temporal: address, parts: stack.parts, pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Throws `already_running` or `port_in_use`. After a killed run its services take a moment to notice that they are alone and to end. */
async function requireOwnPort({ home, host, port }: Config, say: (line: string) => void): Promise<void> {
  const lock = join(home, 'quorate.lock');
  const holder = lockHolder(lock);
  if (holder !== undefined) throw alreadyRunning(home, holder);
  if (existsSync(lock) && !(await isPortFree(port, host))) {
    say(`Waiting for port ${port}: what a killed run left behind is still ending.`);
    const deadline = performance.now() + LEFT_BEHIND_MS;
    while (!(await isPortFree(port, host)) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await requireFreePort(port, 'our HTTP server', 'QUORATE_PORT', host);
}

/** Throws `already_running` where another stack works on the database with another Temporal. */
async function requireOurTemporal({ databaseUrl, temporal: { namespace, ...where } }: Stack): Promise<void> {
  const connection = await Connection.connect(where);
  const db = connect(databaseUrl, { max: 1, name: 'quorate-up' });
  try {
    const temporal = await temporalIdentity(connection, namespace);
    if (temporal === undefined || !(await isElsewhere(db, temporal))) return;
    throw new RuntimeProblem('already_running', ELSEWHERE, '');
  } finally {
    await Promise.all([connection.close(), db.end({ timeout: 1 })]);
  }
}

/** Throws `start_failed` where the key was ended: it does not come back, and no command would work with it. */
async function requireValid(apiKey: string, url: string, config: Config): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const { status } = await fetch(`${url}/v1/campaigns?limit=1`, { headers });
  if (status !== 401) return;
  const file = ownerKeyFile(config.home);
  throw new RuntimeProblem(
    'start_failed',
    `The owner's key in ${config.apiKey === undefined ? file : 'QUORATE_API_KEY'} was ended, and stays so.`,
    config.apiKey === undefined ? 'Delete that file: the next start makes a new key.' : 'Choose a new one.',
  );
}

async function ready(url: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok && readySchema.safeParse(await answer.json()).success) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const fix = 'Run again with QUORATE_LOG_LEVEL=debug to see why.';
  throw new RuntimeProblem(
    'start_failed',
    `The API did not become ready within ${READY_WITHIN_MS / 1000} seconds.`,
    fix,
  );
}
