import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../db/client.ts';
import { loadConfig } from '../../runtime/config.ts';
import { type RunningPostgres, startPostgres } from '../../runtime/postgres.ts';
import { findTemporal, type RunningTemporal, startTemporal } from '../../runtime/temporal.ts';
import { freePort } from '../support/ports.ts';
import { type HeldStack, holdUp, makePlace, type Place, quorate, requireBuild } from '../support/stack.ts';
import { CREW, type Play, play } from './campaign.ts';
import { assertInvariants } from './invariants.ts';

requireBuild();
const silent = () => undefined;

let apart: Place;
let postgres: RunningPostgres;
let temporal: RunningTemporal;

beforeAll(async () => {
  apart = await makePlace();
  const config = loadConfig(apart.env);
  const found = await findTemporal(config, silent);
  if (!('binary' in found)) throw new Error('These tests start a Temporal server of their own.');
  [postgres, temporal] = await Promise.all([
    startPostgres({
      dataDir: join(apart.folder, 'postgres'),
      port: config.database.port,
      cacheDir: config.cacheDir,
      log: silent,
    }),
    startTemporal({
      binary: found.binary,
      dataFile: join(apart.folder, 'temporal.db'),
      port: config.temporal.port,
      log: silent,
    }),
  ]);
});
afterAll(async () => {
  await Promise.all([postgres.stop(), temporal.stop()]);
  apart.remove();
});

let place: Place | undefined;
let stack: HeldStack | undefined;
let campaign: Play | undefined;
afterEach(async () => {
  await campaign?.leave();
  await stack?.stop();
  place?.remove();
});

/** A database of the external server, so that no test finds another one's rows. */
async function newDatabase(name: string): Promise<string> {
  const admin = connect(postgres.url, { max: 1 });
  await admin.unsafe(`create database campaign_${name}`);
  await admin.end();
  const url = new URL(postgres.url);
  url.pathname = `/campaign_${name}`;
  return url.href;
}

describe.each([
  { what: 'an external database', database: true, workflows: false },
  { what: 'an external Temporal', database: false, workflows: true },
  { what: 'both external', database: true, workflows: true },
])('with $what', ({ database, workflows }) => {
  test('only what is missing is started, and a campaign finishes', { timeout: 240_000 }, async () => {
    place = await makePlace({
      ...(database ? { QUORATE_DATABASE_URL: await newDatabase(workflows ? 'both' : 'alone') } : {}),
      ...(workflows ? { TEMPORAL_ADDRESS: temporal.address } : {}),
    });
    stack = await holdUp(place);
    expect(existsSync(join(place.home, 'postgres')), 'a database was started').toBe(!database);
    expect(existsSync(join(place.home, 'temporal')), 'a Temporal server was started').toBe(!workflows);
    expect(stack.parts.map(({ source }) => source.startsWith('server at '))).toEqual([database, workflows]);
    if (database) expect(JSON.stringify(stack.parts)).not.toContain(new URL(postgres.url).password);

    campaign = await play(stack, { items: 6, gold: 2, personas: CREW.slice(0, 4) });
    const { view } = await campaign.finished();
    expect(view).toMatchObject({ state: 'finished', stopReason: 'pool_empty' });
    const { campaignId, acknowledged } = campaign;
    await assertInvariants({ ...stack, campaignId, acknowledged });
    await stack.stop();
    const sql = connect(postgres.url, { max: 1 });
    expect(await sql`select 1 as n`, 'the external servers are left running').toEqual([{ n: 1 }]);
    await sql.end();
  });
});

describe('with a server that is not there', () => {
  test.each(['up', 'serve api', 'serve worker'])('`quorate %s` says so in a sentence', async (command) => {
    const port = await freePort();
    place = await makePlace({
      QUORATE_DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/q`,
      TEMPORAL_ADDRESS: temporal.address,
    });
    const { code, stderr } = await quorate(place, command.split(' '));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`The database at postgres://u:\\.\\.\\.@127.0.0.1:${port}/q does not answer: .*\\. Start it or`),
    );
    expect(stderr).not.toMatch(/secret|\n\s+at |bug/);
  });

  test('a worker without Temporal says so in a sentence', async () => {
    const port = await freePort();
    place = await makePlace({ QUORATE_DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    const { code, stderr } = await quorate(place, ['serve', 'learning']);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`The Temporal server at 127.0.0.1:${port} does not answer: .*Start it or`));
    expect(stderr).not.toMatch(/\n\s+at |bug/);
  });
});
