import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { giveTo, type Place } from './postgres-place.ts';
import { type Log, RuntimeProblem } from './problem.ts';
import { processCommand, processIdentity, run, sendSignal, waitForExit } from './processes.ts';
import { writeWhole } from './whole-file.ts';

/** The cluster's superuser. */
export const ROLE = 'quorate';

/** Throws `no_permission` when the cluster was made by another user than the one who would run it now. */
export function checkOwner(cluster: string, place: Place): void {
  const uid = process.getuid?.();
  if (!existsSync(cluster) || uid === undefined) return;
  const owner = statSync(cluster).uid;
  if (owner === (place.user?.uid ?? uid)) return;
  throw new RuntimeProblem(
    'no_permission',
    `The database in ${cluster} belongs to another user (id ${owner}).`,
    'Run Quorate as the user who made it, or set QUORATE_HOME to another folder.',
  );
}

/** Makes the cluster beside its final place and renames it, so that an interrupted start leaves nothing half-made. */
export async function initialise(cluster: string, place: Place, dataDir: string): Promise<void> {
  const half = `${cluster}.new`;
  const passwordFile = join(place.folder, 'password.new');
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { mode: 0o700 });
  giveTo(half, place.user);
  const password = randomBytes(18).toString('hex');
  writeWhole(join(dataDir, 'password'), `${password}\n`);
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveTo(passwordFile, place.user);
  try {
    const args = [`--pgdata=${half}`, `--username=${ROLE}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    // One collation everywhere, whatever locales the machine has: a data folder moved to another machine stays valid.
    args.push('--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
    const made = await run(join(place.programs, 'bin', 'initdb'), args, {
      timeoutMs: 120_000,
      cwd: half,
      ...ids(place),
    });
    if (made.code !== 0) {
      const why = lastProblem(made.stderr);
      throw new RuntimeProblem('start_failed', `PostgreSQL could not make its data folder ${cluster}: ${why}`, '');
    }
    renameSync(half, cluster);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(half, { recursive: true, force: true });
  }
}

function ids(place: Place): { uid?: number; gid?: number } {
  return place.user ? { uid: place.user.uid, gid: place.user.gid } : {};
}

/** The password noted beside the cluster; throws `data_missing`. */
export function readPassword(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'password'), 'utf8').trim();
  } catch (error) {
    throw new RuntimeProblem(
      'data_missing',
      `The file ${join(dataDir, 'password')}, without which the database cannot be opened, is missing or unreadable.`,
      'Put it back, or set QUORATE_HOME to another folder.',
      error,
    );
  }
}

/** We hold the folder's lock, so a server that still works on it was orphaned: end it in good order. */
export async function stopOrphan(cluster: string, log: Log): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (pid > 1 && isServerOn(pid, cluster)) {
    log(`Stopping the PostgreSQL that an earlier run left behind (process ${pid}).`);
    const identity = processIdentity(pid);
    sendSignal(pid, 'SIGINT');
    if (!(await waitForExit(pid, 30_000, identity))) {
      throw new RuntimeProblem(
        'already_running',
        `A PostgreSQL left behind by an earlier run (process ${pid}) works on ${cluster} and does not end.`,
        `End it with: kill -QUIT ${pid}`,
      );
    }
  }
  // PostgreSQL would refuse to start if the id in this file now belonged to some other program.
  rmSync(pidFile, { force: true });
}

function isServerOn(pid: number, cluster: string): boolean {
  if (processIdentity(pid) === undefined) return false;
  try {
    // The server works inside its data folder; a command line alone could be a look-alike.
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    return processCommand(pid).includes(cluster);
  }
}

/** The lines of PostgreSQL's output that say what is wrong. */
export function lastProblem(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /FATAL|PANIC|ERROR|HINT|error:|hint:/.test(line));
  const shown = telling.length > 0 ? telling : lines;
  return shown.length === 0
    ? 'it said nothing.'
    : shown
        .slice(-3)
        .map((line) => line.replace(/^.*?(FATAL|PANIC|ERROR|HINT):\s*/, ''))
        .join(' ');
}
