import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Lock, lockHolder, tryLock } from '../../runtime/lock.ts';
import { processIdentity } from '../../runtime/processes.ts';
import { forgedDeadHolder, onCleanUp, tempFolder } from './support.ts';

async function taken(path: string): Promise<Lock> {
  const attempt = await tryLock(path);
  if ('heldBy' in attempt) throw new Error(`held by ${attempt.heldBy.pid}`);
  return attempt.lock;
}

describe('tryLock', () => {
  it('gives the lock to one, and tells the next who holds it', async () => {
    const path = join(tempFolder(), 'lock');
    const lock = await taken(path);
    const second = await tryLock(path);
    expect(second).toMatchObject({ heldBy: { pid: process.pid } });
    expect(lockHolder(path)?.pid).toBe(process.pid);
    lock.release();
    expect(existsSync(path)).toBe(false);
    (await taken(path)).release();
  });

  it('gives it to exactly one of many who ask at once, also when a stale lock lies there', async () => {
    for (const stale of [false, true]) {
      const path = join(tempFolder(), 'lock');
      if (stale) writeFileSync(path, JSON.stringify({ pid: 999_999_999, identity: 'x', since: 'then' }));
      const attempts = await Promise.all(Array.from({ length: 20 }, () => tryLock(path)));
      expect(attempts.filter((attempt) => 'lock' in attempt)).toHaveLength(1);
    }
  });

  it('takes over from a process that has ended', async () => {
    const path = join(tempFolder(), 'lock');
    const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
    writeFileSync(path, JSON.stringify({ pid, identity: 'x', since: 'then' }));
    const lock = await taken(path);
    expect(lock.previous?.pid).toBe(pid);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('takes over when the process id now belongs to another program', async () => {
    const path = join(tempFolder(), 'lock');
    const other = spawn('sleep', ['60']);
    onCleanUp(() => other.kill('SIGKILL'));
    const holder = { pid: other.pid, identity: 'an earlier process', since: 'then' };
    writeFileSync(path, JSON.stringify(holder));
    expect((await taken(path)).previous).toEqual(holder);
  });

  it('takes over where another died while it did so, whatever its clock said', async () => {
    for (const awayS of [-60, 3600]) {
      const path = join(tempFolder(), 'lock');
      writeFileSync(path, JSON.stringify({ pid: 999_999_999, identity: 'x', since: 'then' }));
      mkdirSync(`${path}.takeover`);
      const then = Date.now() / 1000 + awayS;
      utimesSync(`${path}.takeover`, then, then);
      (await taken(path)).release();
    }
  });

  it('leaves a living holder alone', async () => {
    const path = join(tempFolder(), 'lock');
    const other = spawn('sleep', ['60']);
    onCleanUp(() => other.kill('SIGKILL'));
    const holder = { pid: other.pid, identity: processIdentity(other.pid ?? 0), since: 'then' };
    writeFileSync(path, JSON.stringify(holder));
    expect(await tryLock(path)).toEqual({ heldBy: holder });
  });

  it('of another machine or container is left alone by who asks for that, as nobody sees whether it runs', async () => {
    const path = join(tempFolder(), 'lock');
    (await taken(path)).setChild(process.pid);
    const mine = JSON.parse(readFileSync(path, 'utf8'));
    const [boot = ''] = mine.identity.split('-');
    const held = async (change: object) => {
      writeFileSync(path, JSON.stringify({ ...mine, pid: 999_999_999, identity: `${boot}-1`, ...change }));
      const seen = lockHolder(path) !== undefined;
      const attempt = await tryLock(path, { heedElsewhere: true });
      expect('heldBy' in attempt).toBe(seen);
      return seen;
    };
    expect(await held({})).toBe(false);
    expect(await held({ host: 'another' })).toBe(true);
    expect(await held({ host: 'another', identity: 'boot-1' })).toBe(true);
    expect(await held({ namespace: 'pid:[1]' })).toBe(true);
    expect(await held({ namespace: 'pid:[1]', identity: 'boot-1' }), 'this machine, started again since').toBe(false);
    writeFileSync(path, JSON.stringify({ ...mine, pid: 999_999_999, host: 'another' }));
    (await taken(path)).release();
  });

  it('takes over from an empty or broken file', async () => {
    const path = join(tempFolder(), 'lock');
    writeFileSync(path, '');
    (await taken(path)).release();
  });

  it('tells the next one which server the last holder had started', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const path = join(tempFolder(), 'lock');
    const lock = await taken(path);
    lock.setChild(process.pid);
    writeFileSync(path, forgedDeadHolder(path));
    const next = await taken(path);
    expect(next.previous?.child).toEqual({ pid: process.pid, identity: processIdentity(process.pid) });
    lock.release();
    expect(lockHolder(path)?.pid, 'the old holder cannot release the new lock, taken in the same millisecond').toBe(
      process.pid,
    );
  });
});
