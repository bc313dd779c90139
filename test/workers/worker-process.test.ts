import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../runtime/config.ts';
import { findTemporal, type RunningTemporal, startTemporal } from '../../runtime/temporal.ts';
import { createLog } from '../../workers/log.ts';
import { runWorker } from '../../workers/main.ts';
import { freePort } from '../support/ports.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';

// Not by the other tests' server, which installs a runtime of its own for the whole process.
let temporal: RunningTemporal;
const folder = mkdtempSync(join(tmpdir(), 'quorate-worker-'));
beforeAll(async () => {
  const found = await findTemporal(loadConfig({ ...process.env, TEMPORAL_ADDRESS: '' }), () => undefined);
  if (!('binary' in found)) throw new Error('This test starts a Temporal server of its own.');
  const [dataFile, port] = [join(folder, 'temporal.sqlite'), await freePort()];
  temporal = await startTemporal({ binary: found.binary, dataFile, port, log: () => undefined });
});
afterAll(async () => {
  await temporal.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a worker process of which a part fails ends with its reason, and leaves nothing running', async () => {
  const log = createLog('test', 'silent');
  // Stands for anything that fails for good: the leader cannot say that the database is away.
  log.warn = () => {
    throw new Error('the cause');
  };
  const { address, namespace } = temporal;
  const running = runWorker(
    {
      databaseUrl: `postgres://u:p@127.0.0.1:${await freePort()}/q`,
      temporal: { connectionOptions: { address }, namespace },
      role: 'main',
      log,
      workflowBundle: await workflowBundle(),
      vendors: async () => new Map(),
    },
    new AbortController().signal,
  );
  await expect(running).rejects.toThrow('the cause');
});
