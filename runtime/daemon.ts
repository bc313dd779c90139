import { spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { errorMessage, RuntimeProblem } from './problem.ts';
import { tether } from './processes.ts';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Daemon {
  readonly pid: number;
  /** Settles when the process ends, for whatever reason. */
  readonly exited: Promise<Ended>;
  hasExited(): boolean;
  /** What it wrote to its log file since it was started (at most the last 8,000 bytes). */
  output(): string;
  /** Asks it to end; after `graceMs` it is killed. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

export interface DaemonOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Run as this user (needs root). */
  user?: { uid: number; gid: number };
  logFile: string;
  /** What asks it to end in good order. */
  stopSignal: 'SIGINT' | 'SIGTERM';
}

const LARGEST_LOG_BYTES = 20_000_000;

/**
 * Starts a server in a process group of its own (the terminal's Ctrl-C does not reach it) that writes to a file (it
 * outlives our pipes) and that ends when we end, even by SIGKILL. Throws `start_failed` when it cannot be executed.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const out = openSync(options.logFile, 'a', 0o640);
  if (fstatSync(out).size > LARGEST_LOG_BYTES) ftruncateSync(out, 0);
  const from = fstatSync(out).size;
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', out, out],
    ...(options.env && { env: options.env }),
    ...options.user,
  });
  closeSync(out);
  let ended = false;
  const exited = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true;
      resolve({ code, signal });
    });
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', (error) =>
      reject(
        new RuntimeProblem('start_failed', `${options.command} cannot be executed: ${errorMessage(error)}.`, '', error),
      ),
    );
  });
  tether(child, options.stopSignal === 'SIGINT' ? 'INT' : 'TERM');
  return {
    pid,
    exited,
    hasExited: () => ended,
    output: () => tail(options.logFile, from),
    async stop(graceMs) {
      if (!ended) child.kill(options.stopSignal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function tail(file: string, from: number): string {
  const fd = openSync(file, 'r');
  try {
    const size = fstatSync(fd).size;
    const start = Math.max(Math.min(from, size), size - 8000);
    const buffer = Buffer.alloc(size - start);
    readSync(fd, buffer, 0, buffer.length, start);
    return buffer.toString('utf8');
  } finally {
    closeSync(fd);
  }
}
