import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { type Daemon, type Ended, startDaemon } from './daemon.ts';
import { requireWritableFolder } from './disk.ts';
import { noteChild, tryLock } from './lock.ts';
import { requireFreePort } from './ports.ts';
import { checkOwner, initialise, lastProblem, ROLE, readPassword, stopOrphan } from './postgres-cluster.ts';
import { findPlace, type Place } from './postgres-place.ts';
import { type Log, RuntimeProblem } from './problem.ts';

const DATABASE = 'quorate';
/** A start that takes longer is explained. */
const RECOVERY_SAID_MS = 10_000;

/** Settings for many short transactions and few, long-lived connections; durability stays on. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  fsync: 'on',
  synchronous_commit: 'on',
  wal_compression: 'on',
  max_wal_size: '2GB',
  checkpoint_timeout: '10min',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_checkpoints: 'off',
};

export interface PostgresOptions {
  /** Made if missing; holds the password, the log and (unless kept elsewhere) the cluster. */
  dataDir: string;
  port: number;
  /** Where a copy of the programs may be kept. */
  cacheDir: string;
  log: Log;
  /** Where it is started again: its database is there, and who asks it as it dies ends with it. */
  again?: boolean;
  /** How long the server may take until it says that it starts; recovery after a crash has all its time. Default 60 s. */
  timeoutMs?: number;
}

export interface RunningPostgres {
  /** With user and password. */
  url: string;
  port: number;
  /** What runs and where, in a few words. */
  source: string;
  pid: number;
  exited: Promise<Ended>;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL on `dataDir`, making the cluster and the database `quorate` the first time. A server
 * that an earlier, killed run left behind on this folder is stopped first. Throws RuntimeProblem: `already_running`
 * when a living process works on this folder, `port_in_use`, `no_permission`, `no_binaries`, `start_failed`.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { dataDir, port, log } = options;
  requireWritableFolder(dataDir, 'QUORATE_HOME');
  const attempt = await tryLock(join(dataDir, 'lock'));
  if ('heldBy' in attempt) {
    throw new RuntimeProblem(
      'already_running',
      `The database in ${dataDir} is already in use (process ${attempt.heldBy.pid}, since ${attempt.heldBy.since}).`,
      'Stop that process or set QUORATE_HOME to another folder.',
    );
  }
  const { lock } = attempt;
  try {
    const place = await findPlace(dataDir, options.cacheDir, log);
    const cluster = join(place.folder, 'data');
    checkOwner(cluster, place);
    await stopOrphan(cluster, log);
    await requireFreePort(port, 'PostgreSQL', 'QUORATE_PG_PORT');
    const isNew = !existsSync(cluster);
    if (isNew) await initialise(cluster, place, dataDir);
    const password = readPassword(dataDir);
    const server = await launch(cluster, place, { ...options, logFile: join(dataDir, 'postgres.log') });
    await noteChild(lock, server);
    const url = `postgres://${ROLE}:${password}@127.0.0.1:${port}/${DATABASE}`;
    if (!options.again) {
      await createDatabase(url).catch(async (error: unknown) => {
        await server.stop(10_000);
        throw startFailed(server, error);
      });
    }
    void server.exited.then(() => lock.release());
    return {
      url,
      port,
      source: `embedded PostgreSQL ${place.version.split('-')[0]} in ${cluster}${isNew ? ' (new)' : ''}`,
      pid: server.pid,
      exited: server.exited,
      stop: () => server.stop(30_000),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * After a SIGKILL of the server alone, its sessions may hold the shared memory for another moment; PostgreSQL then
 * refuses to start, and trying again is the cure.
 */
async function launch(
  cluster: string,
  place: Place,
  { logFile, port, log, timeoutMs = 60_000 }: PostgresOptions & { readonly logFile: string },
): Promise<Daemon> {
  const until = Date.now() + timeoutMs;
  let sayAtMs = Date.now() + RECOVERY_SAID_MS;
  const args = ['-D', cluster, '-p', String(port)];
  for (const [name, value] of Object.entries(SETTINGS)) args.push('-c', `${name}=${value}`);
  for (;;) {
    const server = await startDaemon({
      command: join(place.programs, 'bin', 'postgres'),
      args,
      cwd: cluster,
      env: { ...process.env, LC_ALL: 'C' },
      ...(place.user && { user: place.user }),
      logFile,
      stopSignal: 'SIGINT',
    });
    while (!server.hasExited()) {
      const state = stateOf(cluster, server.pid);
      if (state === 'ready') return server;
      // Ended in the middle of its recovery, the next start would begin that anew, and never come to its end.
      if (state === undefined && Date.now() >= until) break;
      if (Date.now() >= sayAtMs) {
        log('PostgreSQL recovers what was under way when it was last ended; that may take some minutes.');
        sayAtMs = Number.POSITIVE_INFINITY;
      }
      await sleep(20);
    }
    const timedOut = !server.hasExited();
    await server.stop(5000);
    if (timedOut || Date.now() >= until || !server.output().includes('shared memory block')) throw startFailed(server);
    await sleep(200);
  }
}

/** The last line of postmaster.pid is the server's state; pg_ctl reads it the same way. Undefined before it is written. */
function stateOf(cluster: string, pid: number): string | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid ? lines[7]?.trim() : undefined;
  } catch {
    return undefined;
  }
}

async function createDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const sql = postgres(admin.href, { max: 1, connect_timeout: 10, onnotice: () => undefined });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await sql.unsafe(`create database ${DATABASE}`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function startFailed(server: Daemon, cause?: unknown): RuntimeProblem {
  const why = cause instanceof Error ? cause.message : lastProblem(server.output());
  return new RuntimeProblem('start_failed', `PostgreSQL did not start: ${why}`, '', cause);
}
