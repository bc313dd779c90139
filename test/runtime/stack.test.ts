import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../runtime/config.ts';
import { startPostgres } from '../../runtime/postgres.ts';
import { processIdentity } from '../../runtime/processes.ts';
import { type Stack, startStack } from '../../runtime/stack.ts';
import { installedTemporal, startTemporal } from '../../runtime/temporal.ts';
import { freePort } from '../support/ports.ts';
import { compiledRuntime, eventually, forgedDeadHolder, onCleanUp, tempConfig, tempFolder } from './support.ts';

const SLOW = 180_000;
const cacheDir = loadConfig().cacheDir;
const temporal = await installedTemporal(cacheDir);
const quiet = () => undefined;

async function query(url: string, text: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: quiet });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end();
  }
}

describe('startPostgres', () => {
  async function started(dataDir: string, log: (line: string) => void = quiet) {
    const server = await startPostgres({ dataDir, port: await freePort(), cacheDir, log });
    onCleanUp(() => server.stop());
    return server;
  }

  it(
    'keeps its data over a stop and over SIGKILL, with safe settings',
    async () => {
      const dataDir = join(tempFolder(), 'pg');
      const first = await started(dataDir);
      await query(first.url, 'create table t (n int); insert into t values (1)');
      const settings = `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'jit', 'max_connections', 'listen_addresses') order by 1`;
      expect(await query(first.url, settings)).toEqual([
        { name: 'fsync', setting: 'on' },
        { name: 'jit', setting: 'off' },
        { name: 'listen_addresses', setting: '127.0.0.1' },
        { name: 'max_connections', setting: '200' },
        { name: 'synchronous_commit', setting: 'on' },
      ]);
      await first.stop();
      const second = await started(dataDir);
      await query(second.url, 'insert into t values (2)');
      process.kill(second.pid, 'SIGKILL');
      await second.exited;
      const third = await started(dataDir);
      expect(await query(third.url, 'select n from t order by n')).toEqual([{ n: 1 }, { n: 2 }]);
    },
    SLOW,
  );

  it(
    'says so when a living process works on the folder',
    async () => {
      const dataDir = join(tempFolder(), 'pg');
      await started(dataDir);
      await expect(started(dataDir)).rejects.toMatchObject({
        code: 'already_running',
        message: expect.stringContaining(`process ${process.pid}`),
      });
    },
    SLOW,
  );

  it(
    'stops a server that a killed run left behind, and goes on with its data',
    async () => {
      const dataDir = join(tempFolder(), 'pg');
      const orphan = await started(dataDir);
      await query(orphan.url, 'create table t (n int)');
      writeFileSync(join(dataDir, 'lock'), forgedDeadHolder(join(dataDir, 'lock')));
      const lines: string[] = [];
      const next = await started(dataDir, (line) => lines.push(line));
      expect(lines.join()).toContain(`left behind (process ${orphan.pid})`);
      expect(processIdentity(orphan.pid)).toBeUndefined();
      expect(await query(next.url, 'select n from t')).toEqual([]);
    },
    SLOW,
  );

  it(
    'starts although the id in a stale postmaster.pid belongs to another program now',
    async () => {
      const dataDir = join(tempFolder(), 'pg');
      const first = await started(dataDir);
      const [row] = await query(first.url, "select setting from pg_settings where name = 'data_directory'");
      await first.stop();
      const other = spawn('sleep', ['100']);
      onCleanUp(() => other.kill('SIGKILL'));
      writeFileSync(join(String((row as { setting: string }).setting), 'postmaster.pid'), `${other.pid}\n`);
      await started(dataDir);
      expect(other.exitCode, 'the other program is left alone').toBeNull();
    },
    SLOW,
  );
});

describe.skipIf(temporal === undefined)('with the temporal program (skipped where it is not installed)', () => {
  const binary = temporal?.binary ?? '';

  async function up(
    config: Awaited<ReturnType<typeof tempConfig>>,
    log: (line: string) => void = quiet,
  ): Promise<Stack> {
    const stack = await startStack(config, log);
    onCleanUp(() => stack.stop());
    return stack;
  }

  async function namespaces(address: string): Promise<string[]> {
    const connection = await Connection.connect({ address });
    try {
      const { namespaces } = await connection.workflowService.listNamespaces({});
      return namespaces.map(({ namespaceInfo }) => namespaceInfo?.name ?? '');
    } finally {
      await connection.close();
    }
  }

  it(
    'keeps Temporal’s data over SIGKILL and stops an orphan',
    async () => {
      const dataFile = join(tempFolder(), 'temporal.db');
      const started = async (namespace: string, lines: string[] = []) => {
        const server = await startTemporal({
          binary,
          dataFile,
          port: await freePort(),
          namespace,
          log: (line) => lines.push(line),
        });
        onCleanUp(() => server.stop());
        return server;
      };
      const first = await started('one');
      process.kill(first.pid, 'SIGKILL');
      await first.exited;
      const second = await started('two');
      expect(await namespaces(second.address)).toEqual(expect.arrayContaining(['one', 'two']));
      await expect(started('three')).rejects.toMatchObject({ code: 'already_running' });
      writeFileSync(`${dataFile}.lock`, forgedDeadHolder(`${dataFile}.lock`));
      const lines: string[] = [];
      await started('three', lines);
      expect(lines.join()).toContain(`left behind (process ${second.pid})`);
      expect(processIdentity(second.pid)).toBeUndefined();
    },
    SLOW,
  );

  it(
    'brings up both, refuses a second stack on the folder, stops, and goes on with the same data',
    async () => {
      const config = await tempConfig();
      const first = await up(config);
      expect(first.parts.map(({ name }) => name)).toEqual(['PostgreSQL', 'Temporal']);
      await query(first.databaseUrl, 'create table t (n int)');
      await expect(startStack(config, quiet)).rejects.toMatchObject({
        code: 'already_running',
        message: expect.stringMatching(
          /^Quorate is already running here \(process \d+, since .*\)\. Stop it or set QUORATE_HOME/,
        ),
      });
      // A child process finds the stack through its environment.
      const child = loadConfig({ TEMPORAL_CONFIG_FILE: '/dev/null', ...first.env });
      expect(child.database.url).toBe(first.databaseUrl);
      expect(child.temporal.external).toEqual(first.temporal);
      await Promise.all([first.stop(), first.stop()]);
      for (const { pid } of first.parts) expect(processIdentity(pid ?? 0)).toBeUndefined();
      const second = await up(config);
      expect(await query(second.databaseUrl, 'select n from t')).toEqual([]);
    },
    SLOW,
  );

  it(
    'starts PostgreSQL and Temporal again when they are killed',
    async () => {
      const lines: string[] = [];
      const stack = await up(await tempConfig(), (line) => lines.push(line));
      for (const { pid } of stack.parts) process.kill(pid ?? 0, 'SIGKILL');
      await eventually(
        () => ['PostgreSQL is up again.', 'Temporal is up again.'].every((line) => lines.includes(line)),
        60_000,
      );
      expect(await query(stack.databaseUrl, 'select 1 as n')).toEqual([{ n: 1 }]);
      expect(await namespaces(stack.temporal.address)).toContain('default');
    },
    SLOW,
  );

  it(
    'uses the servers that the settings name and starts none',
    async () => {
      const stack = await up(await tempConfig());
      const second = await up(
        await tempConfig({ QUORATE_DATABASE_URL: stack.databaseUrl, TEMPORAL_ADDRESS: stack.temporal.address }),
      );
      expect(second.parts.map(({ pid }) => pid)).toEqual([undefined, undefined]);
      expect(second.parts[0]?.source).not.toContain(new URL(stack.databaseUrl).password);
      await second.stop();
      expect(await query(stack.databaseUrl, 'select 1 as n'), 'the first one still runs').toEqual([{ n: 1 }]);
      const wrong = await tempConfig({ TEMPORAL_ADDRESS: stack.temporal.address, TEMPORAL_NAMESPACE: 'nope' });
      await expect(startStack(wrong, quiet)).rejects.toMatchObject({
        message: expect.stringContaining('no namespace nope'),
      });
      // What had been started for the failed stack is gone: its folder is free again.
      await expect(startStack(wrong, quiet)).rejects.toMatchObject({ code: 'temporal_unreachable' });
    },
    SLOW,
  );

  it(
    'leaves nothing running when the process that holds the stack is killed',
    async () => {
      const config = await tempConfig();
      const script = `
      const { startStack } = await import(${JSON.stringify(join(compiledRuntime(), 'stack.js'))});
      const stack = await startStack(${JSON.stringify(config)}, () => {});
      console.log(JSON.stringify(stack.parts.map((part) => part.pid)));`;
      const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onCleanUp(() => holder.kill('SIGKILL'));
      const line = await new Promise<string>((resolve, reject) => {
        createInterface({ input: holder.stdout }).once('line', resolve);
        holder.once('exit', (code) => reject(new Error(`ended with ${code}`)));
      });
      const pids: number[] = JSON.parse(line);
      expect(pids.map((pid) => processIdentity(pid) !== undefined)).toEqual([true, true]);
      holder.kill('SIGKILL');
      await eventually(() => pids.every((pid) => processIdentity(pid) === undefined), 120_000);
      await up(config);
    },
    SLOW,
  );
});
