import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { quorate } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'quorate-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const small = ['--tasks', '40', '--played', '2', '--runs', '2', '--price', '0.10'];
const plan = (...args: string[]) => quorate(undefined, 'plan', '--workflows', ...small, ...args);

describe('where the time-skipping server cannot be had', () => {
  async function withServer(path: string) {
    const before = process.env.QUORATE_TEST_SERVER;
    process.env.QUORATE_TEST_SERVER = path;
    return plan().finally(() => {
      if (before === undefined) delete process.env.QUORATE_TEST_SERVER;
      else process.env.QUORATE_TEST_SERVER = before;
    });
  }

  test('a plan says how to get it', async () => {
    const { code, err } = await withServer('/nonexistent/server');
    expect(code).toBe(1);
    expect(err).toMatch(/there is no file \/nonexistent\/server.*Java and Maven.*QUORATE_TEST_SERVER/);
  });

  test('a plan passes on what a server says that does not start', async () => {
    const path = join(folder, 'server');
    writeFileSync(path, '#!/bin/sh\necho "Unsupported class file version" >&2\nexit 1\n');
    chmodSync(path, 0o755);
    const { code, err } = await withServer(path);
    expect(code).toBe(1);
    expect(err).toMatch(/server did not start: it ended at once\. It said: Unsupported class file version$/m);
  });
});

test('plays every policy by the workflows, and says so', { timeout: 240_000 }, async ({ skip }) => {
  const { code, out, err } = await plan('--gold-ratio', '0', '--json');
  if (code === 1 && err.includes('cannot be had here')) return skip(err);
  expect(err).toMatch(/^Playing 8 campaigns of 2 tasks by the workflows\.$/m);
  const { options, played, recommended } = JSON.parse(out);
  expect(played).toEqual({ by: 'workflows', tasks: 2 });
  expect(options.map(({ name }: { name: string }) => name)).toEqual(['fixed:1', 'fixed:3', 'fixed:5', 'adaptive']);
  expect(options[1]).toMatchObject({ costUsd: { p10: 12, p50: 12, p90: 12 }, answersPerTask: { p50: 3 } });
  expect(options[1].hours.p50).toBeGreaterThan(9);
  expect(recommended).not.toBeNull();
});

test('Ctrl-C ends a plan in good order, and its server with it', { timeout: 120_000 }, async ({ skip }) => {
  const command = fileURLToPath(new URL('../../bin/quorate', import.meta.url));
  const child = spawn(process.execPath, [command, 'plan', '--workflows', '--tasks', '500', '--played', '500'], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const before = err;
    err += text;
    if (!before.includes('Playing') && err.includes('Playing')) child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (err.includes('cannot be had here')) return skip(err);
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^Playing 20 campaigns of 500 tasks by the workflows\.\nThe plan was interrupted\.\n$/m),
  });
  // It takes its folder away when its server has ended.
  expect(readdirSync(folder).filter((name) => name.startsWith('quorate-time-'))).toEqual([]);
});
