import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../examples/campaign.ts';
import { openAll, type Rig, startRig } from './rig.ts';

let rig: Rig;
let url: string;
beforeAll(async () => {
  rig = await startRig();
  url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => rig.close());

/** Does the workflows' part for the next campaign that starts, while `example` runs. */
async function withTasksOpened<T>(example: Promise<T>): Promise<T> {
  const before = rig.temporal.started.length;
  const opened = expect
    .poll(() => rig.temporal.started.length, { timeout: 20_000 })
    .toBeGreaterThan(before)
    .then(() => openAll(rig.db, rig.temporal.started.at(-1)?.workflowId.replace('campaign-', '') ?? ''));
  const [result] = await Promise.all([example, opened]);
  return result;
}

const file = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const program = async (command: string, name: string) => {
  const env = { ...process.env, QUORATE_URL: url, QUORATE_API_KEY: rig.requester };
  return (await promisify(execFile)(command, [file(name)], { env, timeout: 60_000 })).stdout;
};
const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

describe('the examples run as they are', () => {
  test('TypeScript', async () => {
    expect(await withTasksOpened(run(url, rig.requester))).toBe(2);
  });

  test.skipIf(!has('curl', '--version'))('curl', async () => {
    expect(await withTasksOpened(program('bash', 'campaign.sh'))).toBe('answered 2\n');
  });

  test.skipIf(!has('python3', '-c', 'import requests'))('Python', async () => {
    expect(await withTasksOpened(program('python3', 'campaign.py'))).toBe('answered 2\n');
  });
});
