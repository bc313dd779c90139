import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config, TemporalAddress } from './config.ts';
import { type Daemon, type Ended, startDaemon } from './daemon.ts';
import { checkTemporal } from './external.ts';
import { isRunning, type Lock, noteChild, tryLock } from './lock.ts';
import { requireFreePort } from './ports.ts';
import { errorMessage, type Log, RuntimeProblem } from './problem.ts';
import { sendSignal, waitForExit } from './processes.ts';
import { obtainTemporal, type TemporalBinary } from './temporal-find.ts';

export { installedTemporal } from './temporal-find.ts';

/**
 * Where Temporal comes from: the server that TEMPORAL_ADDRESS or a profile file names (then nothing is started), else
 * a `temporal` program: on PATH, in the cache folder, downloaded, or built with Go. Says in one line which was taken.
 */
export async function findTemporal(
  config: Config,
  log: Log,
): Promise<{ external: TemporalAddress; source: string } | TemporalBinary> {
  const { external } = config.temporal;
  if (external) {
    log(`Temporal: the server at ${external.address}.`);
    return { external, source: `server at ${external.address}` };
  }
  const found = await obtainTemporal(config.cacheDir, log);
  log(`Temporal: ${found.source}.`);
  return found;
}

export interface TemporalOptions {
  binary: string;
  /** SQLite file that keeps everything; made if missing. */
  dataFile: string;
  port: number;
  /** Port of Temporal's own web pages; without it they are off. */
  uiPort?: number;
  log: Log;
  namespace?: string;
  /** How long the server may take until it answers. Default 60 s. */
  timeoutMs?: number;
}

export interface RunningTemporal {
  address: string;
  namespace: string;
  uiUrl?: string;
  pid: number;
  exited: Promise<Ended>;
  stop(): Promise<void>;
}

/**
 * The limits a cluster needs against noisy neighbours only throttle a server that has one user. Names and defaults
 * (2,400 requests/s in the front end, 1,200 in matching, 3,000 in history; 2,000 to 9,000 queries/s to the store) are
 * those of server 1.29, common/dynamicconfig/constants.go.
 */
const RATE_LIMITS = [
  'frontend.rps',
  'frontend.namespaceRPS',
  'frontend.persistenceMaxQPS',
  'matching.rps',
  'matching.persistenceMaxQPS',
  'history.rps',
  'history.persistenceMaxQPS',
];

/**
 * Starts the dev server on `dataFile` and waits until it answers and knows the namespace. A server that an earlier,
 * killed run left behind on this file is stopped first. Throws RuntimeProblem: `already_running`, `port_in_use`,
 * `start_failed`.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const { dataFile, port, uiPort } = options;
  const namespace = options.namespace ?? 'default';
  mkdirSync(dirname(dataFile), { recursive: true, mode: 0o700 });
  const attempt = await tryLock(`${dataFile}.lock`);
  if ('heldBy' in attempt) {
    throw new RuntimeProblem(
      'already_running',
      `The Temporal data in ${dataFile} are already in use (process ${attempt.heldBy.pid}, since ${attempt.heldBy.since}).`,
      'Stop that process or set QUORATE_HOME to another folder.',
    );
  }
  const { lock } = attempt;
  try {
    await stopOrphan(lock, options.log);
    await requireFreePort(port, 'Temporal', 'QUORATE_TEMPORAL_PORT');
    if (uiPort !== undefined) await requireFreePort(uiPort, "Temporal's web pages", 'QUORATE_TEMPORAL_UI_PORT');
    const server = await startDaemon({
      command: options.binary,
      args: serverArguments(dataFile, port, uiPort, namespace),
      cwd: dirname(dataFile),
      env: serverEnvironment(),
      logFile: `${dataFile}.log`,
      stopSignal: 'SIGTERM',
    });
    await noteChild(lock, server);
    void server.exited.then(() => lock.release());
    const address = `127.0.0.1:${port}`;
    await waitUntilReady(server, address, namespace, options.timeoutMs ?? 60_000);
    return {
      address,
      namespace,
      ...(uiPort !== undefined && { uiUrl: `http://127.0.0.1:${uiPort}` }),
      pid: server.pid,
      exited: server.exited,
      stop: () => server.stop(10_000),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function serverArguments(dataFile: string, port: number, uiPort: number | undefined, namespace: string): string[] {
  const args = ['server', 'start-dev', '--db-filename', dataFile, '--ip', '127.0.0.1', '--port', String(port)];
  // A write-ahead log makes this five times as fast as SQLite's default. A killed process costs nothing; a power cut may
  // cost the last moments, whose messages the outbox has sent and forgotten: the leading worker finds tasks whose workflow
  // is gone, and a window that ends asks the database for the answers that were not heard of.
  args.push('--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL');
  args.push('--namespace', namespace, '--log-level', 'error');
  args.push(...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]));
  for (const name of RATE_LIMITS) args.push('--dynamic-config-value', `${name}=50000`);
  return args;
}

/** The program reads its flags from TEMPORAL_... variables and a profile too; only ours shall count here. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return Object.fromEntries(own);
}

async function stopOrphan(lock: Lock, log: Log): Promise<void> {
  const orphan = lock.previous?.child;
  if (orphan === undefined || !isRunning(orphan)) return;
  log(`Stopping the Temporal server that an earlier run left behind (process ${orphan.pid}).`);
  sendSignal(orphan.pid, 'SIGTERM');
  if (await waitForExit(orphan.pid, 10_000, orphan.identity)) return;
  sendSignal(orphan.pid, 'SIGKILL');
  await waitForExit(orphan.pid, 5000, orphan.identity);
}

async function waitUntilReady(server: Daemon, address: string, namespace: string, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  let why = 'it did not answer in time';
  while (Date.now() < until) {
    if (server.hasExited()) {
      throw new RuntimeProblem('start_failed', `Temporal did not start: ${lastLines(server.output())}`, '');
    }
    try {
      return await checkTemporal({ address, namespace }, 2000);
    } catch (error) {
      why = errorMessage(error);
      await sleep(100);
    }
  }
  await server.stop(5000);
  throw new RuntimeProblem('start_failed', `Temporal did not start within ${timeoutMs / 1000} s: ${why}`, '');
}

function lastLines(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /^Error|error/.test(line));
  return (telling.length > 0 ? telling : lines).slice(-2).join(' ') || 'it said nothing.';
}
