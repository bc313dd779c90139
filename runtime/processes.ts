import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A text that stays the same while this process lives and differs for any later process with the same id (its start
 * time); undefined when no such process runs. A zombie counts as ended.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'lstart=');
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses itself; state is field 3, start time field 22 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)}-${fields[19]}`;
  } catch {
    return undefined;
  }
}

/**
 * Where processes are seen under the same ids as here: the machine's name and, on Linux, the process namespace, of which
 * each container has its own.
 */
export function processPlace(): { host: string; namespace?: string } {
  const host = hostname();
  try {
    return { host, namespace: readlinkSync('/proc/self/ns/pid') };
  } catch {
    return { host };
  }
}

/** The command line of a running process, words joined by spaces; '' when unknown. */
export function processCommand(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, 'command=') ?? '';
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', timeout: 5000 }).trim();
    return line === '' ? undefined : line;
  } catch {
    return undefined;
  }
}

/** Sends a signal; a process that has already ended, or is not ours, is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ended meanwhile
  }
}

/** Waits until that process has ended; false when `timeoutMs` have passed. Give its identity if it may be reused. */
export async function waitForExit(pid: number, timeoutMs: number, identity = processIdentity(pid)): Promise<boolean> {
  const until = Date.now() + timeoutMs;
  while (identity !== undefined && processIdentity(pid) === identity) {
    if (Date.now() >= until) return false;
    await sleep(25);
  }
  return true;
}

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; a program that is missing, or was killed at `timeoutMs`, has `code` null. */
export function run(
  command: string,
  args: readonly string[],
  options: { timeoutMs: number; env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number },
): Promise<Ran> {
  const { timeoutMs, ...rest } = options;
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { ...rest, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ code, stdout, stderr: stderr === '' && error !== null ? error.message : stderr });
      },
    );
  });
}

/**
 * Ties a detached child to this process: a tiny shell waits at the end of a pipe that only we hold, and when we die,
 * however we die, it sends the child's process group `signal`. The shell has a process group of its own, so that the
 * terminal's Ctrl-C passes it by. When the shell is killed as well, the next start finds the orphan (see lock.ts).
 */
export function tether(child: ChildProcess, signal: 'INT' | 'TERM'): void {
  if (child.pid === undefined || process.platform === 'win32') return;
  const guard = spawn(
    '/bin/sh',
    ['-c', `read -r _; kill -${signal} -- "-$1" || kill -${signal} "$1"`, 'sh', `${child.pid}`],
    {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  guard.on('error', () => undefined);
  guard.stdin?.on('error', () => undefined);
  guard.unref();
  child.once('exit', () => guard.kill('SIGKILL'));
}
