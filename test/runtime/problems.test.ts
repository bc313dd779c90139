import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireSpace, requireWritableFolder } from '../../runtime/disk.ts';
import { checkNode, diagnose } from '../../runtime/doctor.ts';
import { readEndpoint, removeEndpoint, writeEndpoint } from '../../runtime/endpoint.ts';
import { checkDatabase, checkTemporal } from '../../runtime/external.ts';
import { isPortFree, requireFreePort, waitForPort } from '../../runtime/ports.ts';
import { startPostgres } from '../../runtime/postgres.ts';
import { canReach } from '../../runtime/postgres-place.ts';
import { startStack } from '../../runtime/stack.ts';
import { freePort } from '../support/ports.ts';
import { onCleanUp, tempConfig, tempFolder } from './support.ts';

async function occupied(): Promise<number> {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  onCleanUp(() => server.close());
  expect(await waitForPort('127.0.0.1', port, 10_000)).toBe(true);
  return port;
}

describe('sentences for what stops a start', () => {
  it('tells a connection pooler, which refuses the settings that our sessions begin with', async () => {
    const fields = ['SFATAL', 'C08P01', 'Munsupported startup parameter: lock_timeout', ''].join('\0');
    const refusal = Buffer.concat([Buffer.from('E\0\0\0\0'), Buffer.from(`${fields}\0`)]);
    refusal.writeUInt32BE(refusal.length - 1, 1);
    const pooler = createServer((socket) => socket.once('data', () => socket.end(refusal)));
    const port = await freePort();
    pooler.listen(port, '127.0.0.1');
    onCleanUp(() => pooler.close());
    await waitForPort('127.0.0.1', port, 10_000);
    const url = `postgres://quorate:secret@127.0.0.1:${port}/quorate`;
    await expect(checkDatabase(url)).rejects.toMatchObject({
      code: 'database_unreachable',
      message: expect.stringMatching(
        /leads to a connection pooler\. Let QUORATE_DATABASE_URL lead to PostgreSQL itself/,
      ),
    });
  });

  it('names a port in use and the variable that changes it', async () => {
    const port = await occupied();
    expect(await isPortFree(port)).toBe(false);
    const options = { dataDir: join(tempFolder(), 'pg'), port, cacheDir: tempFolder(), log: () => undefined };
    await expect(startPostgres(options)).rejects.toMatchObject({
      code: 'port_in_use',
      message: `Port ${port}, wanted for PostgreSQL, is in use by another program. Stop that program, or set QUORATE_PG_PORT to another port.`,
    });
    await expect(requireFreePort(await freePort(), 'x', 'Y')).resolves.toBeUndefined();
  });

  it('refuses to start on a disk that is nearly full', () => {
    expect(() => requireSpace(tempFolder(), 'QUORATE_HOME', Number.MAX_SAFE_INTEGER)).toThrow(
      /Only \d+ MB are free .* set QUORATE_HOME to a folder on another disk/,
    );
    expect(() => requireSpace(join(tempFolder(), 'not', 'yet'), 'QUORATE_HOME', 1)).not.toThrow();
  });

  it('names a folder that cannot be written', () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    expect(() => requireWritableFolder(join(file, 'sub'), 'QUORATE_HOME')).toThrow(/cannot be written.*QUORATE_HOME/);
    expect(() => requireWritableFolder(file, 'QUORATE_HOME')).toThrow(`${file} is no folder. Set QUORATE_HOME to`);
  });

  it.skipIf(!existsSync('/proc/self'))('names a place where no folder can be made, and does not try for ever', () => {
    expect(() => requireWritableFolder('/proc/quorate/home', 'QUORATE_HOME')).toThrow(
      /cannot be written.*QUORATE_HOME/,
    );
  });

  it('names the machine or container that uses the data folder, and the file to delete once that is down', async () => {
    const config = await tempConfig();
    mkdirSync(config.home, { recursive: true });
    const lock = join(config.home, 'quorate.lock');
    writeFileSync(lock, JSON.stringify({ pid: 7, identity: 'x', since: 'then', host: 'box-2' }));
    await expect(startStack(config, () => undefined)).rejects.toMatchObject({
      code: 'already_running',
      message:
        `The data folder ${config.home} is in use by Quorate on box-2 (process 7 there, since then). ` +
        `Stop it there. Only if that machine or container is surely down, delete ${lock}.`,
    });
  });

  it('names a database that does not answer, without its password', async () => {
    const port = await freePort();
    const error: unknown = await checkDatabase(`postgres://u:secret@127.0.0.1:${port}/d`).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'database_unreachable' });
    expect(String(error)).toContain(`127.0.0.1:${port}/d does not answer`);
    expect(String(error)).not.toContain('secret');
  });

  it('names a Temporal server that does not answer', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await expect(checkTemporal({ address, namespace: 'default' }, 1000)).rejects.toMatchObject({
      code: 'temporal_unreachable',
      message: expect.stringContaining(`${address} does not answer`),
    });
  });
});

describe('canReach', () => {
  it('sees a private folder anywhere on the way', () => {
    const folder = tempFolder();
    const stranger = { uid: 54_321, gid: 54_321 };
    const inner = join(folder, 'a', 'b');
    mkdirSync(inner, { recursive: true });
    for (const each of [join(folder, 'a'), inner]) chmodSync(each, 0o755);
    expect(canReach(join(inner, 'missing'), stranger)).toBe(true);
    chmodSync(join(folder, 'a'), 0o700);
    expect(canReach(inner, stranger)).toBe(false);
    expect(canReach(inner, statSync(inner))).toBe(true);
  });
});

describe('endpoint', () => {
  it('is found while its process lives, and only readable by its user', () => {
    const home = tempFolder();
    const temporal = { address: '127.0.0.1:7402', namespace: 'default' };
    const note = { url: 'http://127.0.0.1:7400', databaseUrl: 'postgres://x', temporal, apiKey: 'key' };
    expect(readEndpoint(home)).toBeUndefined();
    writeEndpoint(home, note);
    expect(readEndpoint(home)).toMatchObject({ ...note, pid: process.pid });
    expect(statSync(join(home, 'endpoint.json')).mode & 0o777).toBe(0o600);
    removeEndpoint(home);
    expect(readEndpoint(home)).toBeUndefined();
  });

  it('of a process that was killed does not count', () => {
    const home = tempFolder();
    const dead = {
      pid: process.pid,
      identity: 'earlier',
      startedAt: 'then',
      url: 'http://x',
      databaseUrl: 'postgres://x',
    };
    writeFileSync(join(home, 'endpoint.json'), JSON.stringify({ ...dead, temporal: { address: 'a', namespace: 'n' } }));
    expect(readEndpoint(home)).toBeUndefined();
  });
});

describe('diagnose', () => {
  it('finds a port in use and external servers that do not answer, with what to do', async () => {
    const port = await occupied();
    const checks = await diagnose(
      await tempConfig({ QUORATE_PORT: String(port), QUORATE_DATABASE_URL: 'postgres://127.0.0.1:9/d' }),
    );
    expect(checks.find(({ name }) => name === `Port ${port}`)).toMatchObject({
      status: 'missing',
      fix: expect.stringContaining('QUORATE_PORT'),
    });
    expect(checks.find(({ name }) => name === 'PostgreSQL')).toMatchObject({
      status: 'missing',
      fix: expect.stringContaining('QUORATE_DATABASE_URL'),
    });
    expect(checks.find(({ name }) => name === 'Node.js')?.status).toBe('ok');
    for (const { status, fix } of checks) expect(status === 'ok' || fix !== undefined).toBe(true);
  }, 60_000);

  it('knows which Node is too old', () => {
    const status = (version: string) => checkNode(version).status;
    expect(['18.20.0', '20.18.9', '20.19.0', '22.0.0'].map(status)).toEqual(['missing', 'missing', 'ok', 'ok']);
  });
});
