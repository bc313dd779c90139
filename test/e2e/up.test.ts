import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { connect } from '../../db/client.ts';
import { until } from '../support/rig.ts';
import {
  command,
  makePlace,
  type Place,
  quorate,
  requireBuild,
  runUp,
  serverPids,
  type UpProcess,
  untilGone,
} from '../support/stack.ts';

requireBuild();

let place: Place;
let running: UpProcess;
beforeAll(async () => {
  place = await makePlace();
  running = await runUp(place);
});
afterAll(async () => {
  await running?.end('SIGTERM');
  place.remove();
});

test('the first steps that it prints start a campaign', async () => {
  const told = () => running.lines.some((line) => line.startsWith('Ctrl-C'));
  await until('it has told the first steps', told, 10_000);
  const from = running.lines.findIndex((line) => line.startsWith('First steps'));
  const steps = running.lines.slice(from + 1).flatMap((line) => (/^ {2}/.test(line) ? line.split('&&') : []));
  expect(steps).toHaveLength(4);
  expect(running.lines[from]).toContain(`QUORATE_HOME=${place.home}`);
  // Where it is not installed, by its path.
  for (const step of steps) expect(step).toMatch(/^ *(quorate|\S*bin\/quorate) /);
  writeFileSync(join(place.folder, 'items.csv'), 'text\nBuy now\nSee you at ten\n');
  let campaign = '';
  for (const step of steps) {
    const [, ...words] = step.trim().replace('CAMPAIGN', campaign).split(' ');
    const ran = await quorate(place, words);
    expect({ words, ...ran }).toMatchObject({ code: 0 });
    if (words[1] === 'create') campaign = ran.stdout.trim();
  }
  expect((await quorate(place, ['campaign', 'show', campaign])).stdout).toMatch(/State +running/);
});

test('a second one says that the first is running, and where', async () => {
  const { code, stderr } = await quorate(place, ['up']);
  expect(stderr).toContain(`already running here, at ${running.url} (process ${running.pid}, since `);
  expect(code).toBe(1);
});

test('with a key that was ended it ends, and says so; the key of another that runs stays valid', async () => {
  const db = connect(running.databaseUrl, { max: 1 });
  const ended = newApiKey();
  await db`
    insert into api_keys (id, organisation_id, hash, role, name, revoked_at)
    select ${uuidv7()}, organisation_id, ${hashKey(ended)}, role, name, now()
    from api_keys where hash = ${hashKey(running.apiKey)}`;
  await db.end();
  const { address, namespace } = running.temporal;
  const elsewhere = { QUORATE_DATABASE_URL: running.databaseUrl, TEMPORAL_ADDRESS: address };
  const other = await makePlace({ ...elsewhere, TEMPORAL_NAMESPACE: namespace, QUORATE_API_KEY: ended });
  onTestFinished(() => other.remove());
  const { code, stderr } = await quorate(other, ['up']);
  expect(stderr).toMatch(/^The owner's key in QUORATE_API_KEY was ended, and stays so\. Choose a new one\.$/m);
  expect(code).toBe(1);
  expect((await quorate(place, ['campaign', 'list'])).code).toBe(0);
});

test('Ctrl-C while it starts is heeded at once, and nothing is left', async () => {
  const other = await makePlace();
  onTestFinished(() => other.remove());
  const child = spawn(process.execPath, [command, 'up'], { env: other.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  const begun = await until('a server has been started', () => {
    const { postgres, temporal } = serverPids(other.home);
    return postgres !== undefined && temporal !== undefined && { postgres, temporal };
  });
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  expect(said).toMatch(/^Stopping\.\.\.\nStopped before it was up\.\n$/m);
  expect(code).toBe(0);
  await untilGone(begun);
});

describe('nothing is started, and a sentence says why,', () => {
  const refused = async (env: Record<string, string>) => {
    const other = await makePlace(env);
    onTestFinished(() => other.remove());
    return quorate(other, ['up']);
  };

  test('where the data folder cannot be made', async () => {
    const file = join(place.folder, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await refused({ QUORATE_HOME: join(file, 'home') });
    expect(stderr).toMatch(/^The folder .*home cannot be written .* set QUORATE_HOME to another folder\.\n$/);
    expect(code).toBe(1);
  });

  test.each([
    [{ JUDGE_BASE_URL: 'http://127.0.0.1:9/v1', JUDGE_MODEL: 'm' }, 'JUDGE_INPUT_USD_PER_MTOK is not set'],
    [{ JUDGE_MODEL: 'm' }, 'JUDGE_BASE_URL is not'],
    [{ SCALE_API_KEY_FILE: '/nowhere/key' }, 'SCALE_API_KEY_FILE is /nowhere/key, which cannot be read (ENOENT)'],
  ])('where a vendor is set up wrong: %j', async (env, what) => {
    const { code, stderr } = await refused(env);
    expect(stderr).toContain(what);
    expect(stderr).toMatch(/docs\/vendors\.md and docs\/judges\.md name the settings\.\n$/);
    expect(code).toBe(2);
  });
});
