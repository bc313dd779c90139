import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../db/client.ts';
import { loadConfig } from '../../runtime/config.ts';
import { startPostgres } from '../../runtime/postgres.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/rig.ts';

test('a pool answers within seconds after its server was killed and has started again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-pg-'));
  chmodSync(folder, 0o755);
  const options = {
    dataDir: join(folder, 'data'),
    port: await freePort(),
    cacheDir: loadConfig().cacheDir,
    log: () => undefined,
  };
  let server = await startPostgres(options);
  const db = connect(server.url, { max: 12 });
  let failures = 0;
  let asking = true;
  const ask = async () => {
    while (asking) {
      await db`select pg_sleep(0.001)`.catch(() => {
        failures += 1;
      });
    }
  };
  const asked = Array.from({ length: 24 }, ask);
  try {
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    await until('all have noticed', () => failures >= 24);
    server = await startPostgres(options);
    const backMs = performance.now();
    asking = false;
    // Each of them is waiting for a connection of its own by now.
    await Promise.all(asked);
    await Promise.all(Array.from({ length: 24 }, () => db`select 1`));
    expect(performance.now() - backMs).toBeLessThan(15_000);
  } finally {
    asking = false;
    await db.end({ timeout: 1 });
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
