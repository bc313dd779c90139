import { join } from 'node:path';
import type { Config, TemporalAddress } from './config.ts';
import { requireSpace, requireWritableFolder } from './disk.ts';
import { readEndpoint } from './endpoint.ts';
import { checkDatabase, checkTemporal, withoutPassword } from './external.ts';
import { type Kept, keepAlive, type Startable } from './keep-alive.ts';
import { type Holder, isElsewhere, tryLock } from './lock.ts';
import { startPostgres } from './postgres.ts';
import { type Log, RuntimeProblem } from './problem.ts';
import { findTemporal, startTemporal } from './temporal.ts';

export interface Stack {
  databaseUrl: string;
  temporal: TemporalAddress;
  /** Temporal's own web pages, when we started it. */
  uiUrl?: string;
  /** What runs and where it came from, for one line each on the screen. `pid` of those we started. */
  parts: { name: string; source: string; pid?: number }[];
  /** Environment in which `loadConfig` of a child process finds this stack. */
  env: Record<string, string>;
  /** Stops what was started here and frees the data folder. Calling it again is harmless. */
  stop(): Promise<void>;
}

interface Part<T> {
  value: T;
  name: string;
  source: string;
  kept?: Kept<Startable>;
}

/**
 * Brings up the database and Temporal: checks those that the settings name, starts the others on the data folder
 * (which one stack at a time may use) and starts them again if they die. Throws RuntimeProblem; what had been started
 * is stopped then.
 */
export async function startStack(config: Config, log: Log): Promise<Stack> {
  requireWritableFolder(config.home, 'QUORATE_HOME');
  requireSpace(config.home, 'QUORATE_HOME');
  // The locks below it are taken under this one alone.
  const attempt = await tryLock(join(config.home, 'quorate.lock'), { heedElsewhere: true });
  if ('heldBy' in attempt) throw alreadyRunning(config.home, attempt.heldBy);
  const settled = await Promise.allSettled([databasePart(config, log), temporalPart(config, log)]);
  const [database, temporal] = settled;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      await Promise.all(settled.map((one) => (one.status === 'fulfilled' ? one.value.kept?.stop() : undefined)));
      attempt.lock.release();
    })();
    return stopped;
  };
  if (database.status === 'rejected' || temporal.status === 'rejected') {
    await stop();
    throw database.status === 'rejected' ? database.reason : (temporal as PromiseRejectedResult).reason;
  }
  const { uiUrl, ...where } = temporal.value.value;
  return {
    databaseUrl: database.value.value,
    temporal: where,
    ...(uiUrl !== undefined && { uiUrl }),
    get parts() {
      return [database.value, temporal.value].map(({ name, source, kept }) => ({
        name,
        source,
        ...(kept && { pid: kept.current().pid }),
      }));
    },
    env: {
      QUORATE_HOME: config.home,
      QUORATE_CACHE: config.cacheDir,
      QUORATE_DATABASE_URL: database.value.value,
      ...(temporal.value.kept === undefined ? {} : withoutTemporal(process.env)),
      TEMPORAL_ADDRESS: where.address,
      TEMPORAL_NAMESPACE: where.namespace,
    },
    stop,
  };
}

/** Empty, and so unset, what `env` says of another Temporal server than the one that was started here. */
export function withoutTemporal(env: NodeJS.ProcessEnv): Record<string, string> {
  const others = Object.keys(env).filter((name) => name.startsWith('TEMPORAL_'));
  // An empty file in place of the user's own one, which would be looked for where none is named.
  return { ...Object.fromEntries(others.map((name) => [name, ''])), TEMPORAL_CONFIG_FILE: '/dev/null' };
}

/** The problem that another stack holds the lock of that data folder. */
export function alreadyRunning(home: string, holder: Holder): RuntimeProblem {
  const { pid, since } = holder;
  if (isElsewhere(holder)) {
    return new RuntimeProblem(
      'already_running',
      `The data folder ${home} is in use by Quorate on ${holder.host} (process ${pid} there, since ${since}).`,
      `Stop it there. Only if that machine or container is surely down, delete ${join(home, 'quorate.lock')}.`,
    );
  }
  const url = readEndpoint(home)?.url;
  return new RuntimeProblem(
    'already_running',
    `Quorate is already running here${url === undefined ? '' : `, at ${url}`} (process ${pid}, since ${since}).`,
    'Stop it or set QUORATE_HOME to another folder.',
  );
}

async function databasePart(config: Config, log: Log): Promise<Part<string>> {
  const { url, port } = config.database;
  if (url !== undefined) {
    await checkDatabase(url);
    return { value: url, name: 'PostgreSQL', source: `server at ${withoutPassword(url)}` };
  }
  const options = { dataDir: join(config.home, 'postgres'), port, cacheDir: config.cacheDir, log };
  let again = false;
  const start = async () => {
    const server = await startPostgres({ ...options, again });
    again = true;
    return server;
  };
  const kept = await keepAlive('PostgreSQL', start, log);
  const { url: own, source } = kept.current();
  return { value: own, name: 'PostgreSQL', source, kept };
}

async function temporalPart(config: Config, log: Log): Promise<Part<TemporalAddress & { uiUrl?: string }>> {
  const found = await findTemporal(config, log);
  if ('external' in found) {
    await checkTemporal(found.external);
    return { value: found.external, name: 'Temporal', source: found.source };
  }
  const ignored = ['TEMPORAL_API_KEY', 'TEMPORAL_TLS'].filter((name) => (process.env[name] ?? '') !== '');
  if (ignored.length > 0) {
    log(`Not used: ${ignored.join(' and ')}. Without TEMPORAL_ADDRESS the Temporal server is one of our own.`);
  }
  const { namespace, port, uiPort } = config.temporal;
  const dataFile = join(config.home, 'temporal', 'temporal.db');
  const start = () => startTemporal({ binary: found.binary, dataFile, port, uiPort, namespace, log });
  const kept = await keepAlive('Temporal', start, log);
  const { address, uiUrl } = kept.current();
  return {
    value: { address, namespace, ...(uiUrl !== undefined && { uiUrl }) },
    name: 'Temporal',
    source: `dev server, ${found.source}`,
    kept,
  };
}
