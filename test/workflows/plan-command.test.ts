import { expect, test } from 'vitest';
import { quorate } from '../cli/run.ts';

const plan = (...args: string[]) =>
  quorate(
    undefined,
    'plan',
    '--workflows',
    '--tasks',
    '40',
    '--played',
    '2',
    '--runs',
    '2',
    '--price',
    '0.10',
    ...args,
  );

test('says how to get a time-skipping server where there is none', async () => {
  const before = process.env.QUORATE_TEST_SERVER;
  process.env.QUORATE_TEST_SERVER = '/nonexistent/server';
  const { code, err } = await plan().finally(() => {
    if (before === undefined) delete process.env.QUORATE_TEST_SERVER;
    else process.env.QUORATE_TEST_SERVER = before;
  });
  expect(code).toBe(1);
  expect(err).toMatch(/there is no file \/nonexistent\/server.*Java and Maven.*QUORATE_TEST_SERVER/);
});

test('plays every policy by the workflows, and says so', { timeout: 240_000 }, async ({ skip }) => {
  const { code, out, err } = await plan('--gold-ratio', '0', '--json');
  if (code === 1 && err.includes('cannot be had here')) return skip(err);
  expect(err).toMatch(/^Playing 8 campaigns of 2 tasks by the workflows\.$/m);
  const { options, played, recommended } = JSON.parse(out);
  expect(played).toEqual({ by: 'workflows', tasks: 2, runs: 2 });
  expect(options.map(({ name }: { name: string }) => name)).toEqual(['fixed:1', 'fixed:3', 'fixed:5', 'adaptive']);
  expect(options[1]).toMatchObject({ costUsd: { p10: 12, p50: 12, p90: 12 }, answersPerTask: { p50: 3 } });
  expect(options[1].hours.p50).toBeGreaterThan(9);
  expect(recommended).not.toBeNull();
});
