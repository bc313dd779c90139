import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRng } from '../../domain/rng.ts';
import { quorate } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
  writeFileSync(join(folder, 'answers.csv'), crowd());
  writeFileSync(join(folder, 'gold.csv'), `task,label\n${TASKS.map((t) => `t${t},${truth(t)}\n`).join('')}unheard,y\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const TASKS = Array.from({ length: 60 }, (_, t) => t);
const truth = (task: number) => (task % 3 === 0 ? 'y' : 'n');

/** Seven workers who are right four times out of five. */
function crowd(): string {
  const rng = seededRng('replay');
  const rows = TASKS.flatMap((t) =>
    Array.from({ length: 7 }, (_, w) => `t${t},w${w},${rng.next() < 0.8 === (truth(t) === 'y') ? 'y' : 'n'}\n`),
  );
  return `task,worker,label\n${rows.join('')}`;
}

const replay = (...args: string[]) =>
  quorate(undefined, 'replay', '--in', join(folder, 'answers.csv'), '--gold', join(folder, 'gold.csv'), ...args);
const replayed = async (...args: string[]) => {
  const { code, out, err } = await replay('--json', ...args);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Record<string, unknown> & { accuracy: number; answersPerTask: number };
};

describe('replay', () => {
  it('asks a fixed number of annotators', async () => {
    const report = await replayed('--policy', 'fixed:3', '--seeds', '4');
    expect(report).toMatchObject({ policy: 'fixed:3', answersPerTask: 3, seeds: 4, goldTasks: 60, goldUnknown: 1 });
    const members = ['policy', 'accuracy', 'answersPerTask', 'answersUsed', 'seeds'];
    expect(Object.keys(report).slice(0, 5)).toEqual(members);
    expect(report.accuracy).toBeGreaterThan(0.7);
    expect((await replayed('--policy', 'fixed:7', '--seeds', '4')).accuracy).toBeGreaterThanOrEqual(report.accuracy);
  });

  it('asks as many as it takes, within its bounds', async () => {
    const report = await replayed(
      '--policy',
      'adaptive',
      '--min',
      '2',
      '--max',
      '6',
      '--target',
      '0.9',
      '--seeds',
      '4',
    );
    expect(report).toMatchObject({ policy: 'adaptive', min: 2, max: 6, target: 0.9, seeds: 4 });
    expect(report.answersPerTask).toBeGreaterThanOrEqual(2);
    expect(report.answersPerTask).toBeLessThan(6);
    expect(
      await replayed('--policy', 'adaptive', '--min', '2', '--max', '6', '--target', '0.9', '--seeds', '4'),
    ).toEqual(expect.objectContaining({ accuracy: report.accuracy, answersPerTask: report.answersPerTask }));
  });

  it('says whether the budget or the target ended it, and takes another budget and whoever comes', async () => {
    const by = (...args: string[]) => replayed('--policy', 'adaptive', '--seeds', '2', ...args);
    const usual = await by();
    expect(usual).toMatchObject({ average: 3, atHand: 5, answersPerTask: 3, endedByBudget: 2 });
    const richer = await by('--average', '6.5', '--target', '0.7', '--at-hand', '1');
    expect(richer).toMatchObject({ average: 6.5, atHand: 1, target: 0.7, endedByBudget: 0 });
    expect(richer.answersPerTask).not.toBe(3);
    expect(richer.answersPerTask).toBeLessThan(6.5);
    const { out } = await replay('--policy', 'adaptive', '--seeds', '2');
    expect(out).toMatch(/\nended by +the budget \(--average\), before the target, in 2 of 2 seeds\n/);
  });

  it('asks everybody there is, however many it is to ask', async () => {
    const report = await replayed('--policy', 'adaptive', '--min', '1000000000', '--seeds', '1');
    expect(report).toMatchObject({ answersPerTask: 7, min: 1_000_000_000 });
  });

  it('says the same to people', async () => {
    expect((await replay('--policy', 'fixed:3', '--seeds', '2')).out).toMatch(
      /^policy +fixed:3\naccuracy +\d\.\d{4} of 60 gold tasks\nanswers a task +3\.000\n/,
    );
  });

  it.each([
    [['--policy', 'fixed'], /It must be fixed:N/],
    [['--policy', 'fixed:0'], /It must be fixed:N/],
    [
      ['--policy', 'fixed:3', '--max', '5'],
      /--min, --max, --target, --average and --at-hand belong to --policy adaptive/,
    ],
    [['--policy', 'fixed:3', '--at-hand', '1'], /belong to --policy adaptive/],
    [['--policy', 'adaptive', '--average', '1.5'], /average is 1\.5; it must be at least min, which is 2/],
    [['--policy', 'adaptive', '--average', '0'], /number above 0/],
    [['--policy', 'adaptive', '--min', '4', '--max', '3'], /--min 4 is more than --max 3/],
    [['--policy', 'adaptive', '--target', '1.5'], /number from 0 to 1/],
    [['--policy', 'fixed:3', '--seeds', '-1'], /whole number from 1 to 10000/],
    [['--policy', 'fixed:3', '--seeds', '1000000000'], /whole number from 1 to 10000/],
    [['--policy', 'fixed:3', '--labels', 'y,n,y'], /It names "y" twice/],
    [['--policy', 'fixed:3', '--in', '-', '--gold', '-'], /--in - and --gold - both want standard input/],
    [[], /required option '--policy <policy>'/],
  ])('%j is wrong usage', async (args, message) => {
    const ran = await replay(...args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(message);
  });

  it('refuses gold that has nothing to do with the answers', async () => {
    const gold = join(folder, 'other.csv');
    writeFileSync(gold, 'task,label\nelsewhere,y\n');
    const ran = await replay('--policy', 'fixed:3', '--gold', gold);
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringMatching(/other\.csv: none of its tasks has an answer in/),
    });
  });
});
