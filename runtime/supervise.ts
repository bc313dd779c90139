import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ended } from './daemon.ts';
import { readableLine } from './log-line.ts';
import { errorMessage, type Log } from './problem.ts';
import { tether } from './processes.ts';

export interface SuperviseOptions {
  /** Stands before each of its output lines. */
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  log: Log;
  /** Start it again when it ends without being asked to, however it ended. */
  restart: boolean;
}

export interface Supervised {
  /** Of the process that runs now; undefined between two of them. */
  pid(): number | undefined;
  /** How many times it was started again. */
  restarts(): number;
  /** Calls `listener` each time a process ends without being asked to. */
  onExit(listener: (ended: Ended) => void): void;
  /** Settles when it has ended for good. */
  readonly done: Promise<void>;
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when it has ended. Calling it again is harmless. */
  stop(graceMs: number): Promise<void>;
}

const LONGEST_PAUSE_MS = 10_000;
const SETTLED_AFTER_MS = 30_000;

/**
 * Keeps one of our own processes running. Each runs in a process group of its own, so the terminal's Ctrl-C reaches
 * only us and we stop the processes in the right order; when we are killed they get SIGTERM. The pause before a
 * restart doubles from 100 ms to 10 s and starts anew once a process has stayed up for 30 s.
 */
export function supervise(options: SuperviseOptions): Supervised {
  const { name, log, restart } = options;
  const listeners: ((ended: Ended) => void)[] = [];
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let restarts = 0;

  const done = (async () => {
    for (let pauseMs = 100; ; restarts += 1) {
      const startedAt = Date.now();
      const ended = await runOnce(options, (started) => {
        child = started;
      });
      child = undefined;
      if (stopping.signal.aborted) return;
      for (const listener of listeners) listener(ended);
      const how = ended.signal ?? `code ${ended.code}`;
      log(`[${name}] ended unexpectedly (${how})${restart ? '; starting it again' : ''}.`);
      if (!restart) return;
      if (Date.now() - startedAt > SETTLED_AFTER_MS) pauseMs = 100;
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  })();

  return {
    pid: () => child?.pid,
    restarts: () => restarts,
    onExit: (listener) => listeners.push(listener),
    done,
    async stop(graceMs) {
      stopping.abort();
      child?.kill('SIGTERM');
      const timer = setTimeout(() => killGroup(child), graceMs);
      await done;
      clearTimeout(timer);
    },
  };
}

/** Runs the program to its end; one that cannot be executed counts as ended with code 127. */
function runOnce(options: SuperviseOptions, started: (child: ChildProcess) => void): Promise<Ended> {
  const { name, command, args, env, cwd, log } = options;
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(env && { env }),
      ...(cwd !== undefined && { cwd }),
    });
    started(child);
    const lines = (stream: Readable) =>
      createInterface({ input: stream }).on('line', (line) => log(`[${name}] ${readableLine(line)}`));
    lines(child.stdout);
    lines(child.stderr);
    tether(child, 'TERM');
    child.once('error', (error) => {
      log(`[${name}] cannot be started: ${errorMessage(error)}`);
      if (child.pid === undefined) resolve({ code: 127, signal: null });
    });
    // 'exit', not 'close': a grandchild that holds the pipe must not delay the restart.
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function killGroup(child: ChildProcess | undefined): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
