import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Daemon } from './daemon.ts';
import { errorCode } from './problem.ts';
import { processIdentity, processPlace } from './processes.ts';

const processSchema = z.object({ pid: z.number().int(), identity: z.string() });
const holderSchema = processSchema.extend({
  since: z.string(),
  // Two may be taken in the same millisecond.
  id: z.string().optional(),
  child: processSchema.optional(),
  host: z.string().optional(),
  namespace: z.string().optional(),
});

/**
 * Who holds a lock file; `child` is the server it started for itself, `since` an ISO time, `host` and `namespace` where its
 * process is to be seen.
 */
export type Holder = z.infer<typeof holderSchema>;

export interface Lock {
  /** The holder before us that ended without releasing: its child may still run. */
  readonly previous: Holder | undefined;
  /** Notes the server started under this lock, so that whoever takes over can find it. */
  setChild(pid: number): void;
  release(): void;
}

/** Notes the server that works under the lock, and ends it where that cannot be noted: nobody would find it again. */
export async function noteChild(lock: Pick<Lock, 'setChild'>, server: Pick<Daemon, 'pid' | 'stop'>): Promise<void> {
  try {
    lock.setChild(server.pid);
  } catch (error) {
    await server.stop(5000);
    throw error;
  }
}

export type LockAttempt = { lock: Lock } | { heldBy: Holder };

/** Who holds that lock file now; undefined when nobody does, or when its holder has ended. One elsewhere may have. */
export function lockHolder(path: string): Holder | undefined {
  const holder = readHolder(path);
  return holder !== undefined && (isElsewhere(holder) || isRunning(holder)) ? holder : undefined;
}

/** Whether the holder is on another machine or in another container, where nobody here can see if it still runs. */
export function isElsewhere({ host, namespace, identity }: Holder): boolean {
  // Of a lock that an earlier version wrote nobody knows.
  if (host === undefined) return false;
  const here = processPlace();
  if (host !== here.host) return true;
  // The same machine after a restart has other namespaces, and nothing of before runs there.
  return namespace !== here.namespace && bootOf(identity) === bootOf(processIdentity(process.pid));
}

const bootOf = (identity: string | undefined) => identity?.split('-')[0];

/** Whether that very process still runs (and not a later one that was given the same id). */
export function isRunning(one: { pid: number; identity: string }): boolean {
  return processIdentity(one.pid) === one.identity;
}

/**
 * Takes the lock file, or says who holds it. A lock whose process has ended, or whose process id now belongs to
 * another program, is taken over; with `heedElsewhere` not one of another machine or container, for which a person must
 * say that it has ended. Throws the file system's error where the folder cannot be written.
 */
export async function tryLock(path: string, { heedElsewhere = false } = {}): Promise<LockAttempt> {
  const mine: Holder = {
    pid: process.pid,
    identity: processIdentity(process.pid) ?? 'unknown',
    since: new Date().toISOString(),
    id: randomUUID(),
    ...processPlace(),
  };
  const holds = (holder: Holder) => isRunning(holder) || (heedElsewhere && isElsewhere(holder));
  let previous: Holder | undefined;
  for (;;) {
    if (createWhole(path, mine)) return { lock: held(path, mine, previous) };
    const holder = readHolder(path);
    if (holder !== undefined && holds(holder)) return { heldBy: holder };
    if (!enter(`${path}.takeover`)) {
      await sleep(20);
      continue;
    }
    try {
      // Read again inside: whoever was here before us may have put a fresh lock in place.
      const now = readHolder(path);
      if (now !== undefined && holds(now)) return { heldBy: now };
      previous = now;
      removeFile(path);
    } finally {
      rmdirSync(`${path}.takeover`);
    }
  }
}

function held(path: string, mine: Holder, previous: Holder | undefined): Lock {
  let current = mine;
  return {
    previous,
    setChild(pid) {
      const identity = processIdentity(pid);
      current = identity === undefined ? mine : { ...mine, child: { pid, identity } };
      const whole = `${path}.${process.pid}.tmp`;
      writeFileSync(whole, JSON.stringify(current), { mode: 0o600 });
      renameSync(whole, path);
    },
    release() {
      if (readHolder(path)?.id === mine.id) removeFile(path);
    },
  };
}

/** Creates the file with its full content in one step, so that no reader ever sees half of it. */
function createWhole(path: string, holder: Holder): boolean {
  const whole = `${path}.${process.pid}.new`;
  writeFileSync(whole, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(whole, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    removeFile(whole);
  }
}

/** A take-over lasts microseconds; a folder ten seconds away, be it ahead, was left by a process that died in it. */
function enter(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  try {
    if (Math.abs(Date.now() - statSync(folder).mtimeMs) > 10_000) rmdirSync(folder);
  } catch {
    // another process was quicker
  }
  return false;
}

function readHolder(path: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // gone already
  }
}
