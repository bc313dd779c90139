import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { loadConfig } from '../../runtime/config.ts';
import { startDaemon } from '../../runtime/daemon.ts';
import { noteChild } from '../../runtime/lock.ts';
import { startPostgres } from '../../runtime/postgres.ts';
import { freePort } from '../support/ports.ts';

test('a database that recovers for longer than a start may take is waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-pg-'));
  chmodSync(folder, 0o755);
  const options = {
    ...{ dataDir: join(folder, 'data'), cacheDir: loadConfig().cacheDir, log: () => undefined },
    port: await freePort(),
  };
  let server = await startPostgres(options);
  try {
    const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
    await sql`create table much as select n, repeat(md5(n::text), 16) as filler from generate_series(1, 400000) n`;
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    await sql.end({ timeout: 0 });
    server = await startPostgres({ ...options, timeoutMs: 1000 });
    const again = postgres(server.url, { max: 1 });
    expect(await again`select count(*)::int as count from much`).toEqual([{ count: 400_000 }]);
    await again.end();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a server that cannot be noted under its lock does not run on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-lock-'));
  const server = await startDaemon({
    ...{ command: 'sleep', args: ['600'], cwd: folder, logFile: join(folder, 'log'), stopSignal: 'SIGTERM' },
  });
  const lock = {
    setChild: () => {
      throw new Error('ENOSPC: no space left on device');
    },
  };
  await expect(noteChild(lock, server)).rejects.toThrow('no space left');
  expect(server.hasExited()).toBe(true);
  rmSync(folder, { recursive: true, force: true });
});
