import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { seededRng } from '../../domain/rng.ts';
import { quorate } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'quorate-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));
const plan = (...args: string[]) => quorate(undefined, 'plan', '--tasks', '100', '--runs', '10', ...args);

it('prints every policy, a recommendation and what was assumed, and draws the frontier', async () => {
  const out = join(folder, 'frontier.svg');
  const { code, out: text } = await plan('--price', '0.10', '--judge-accuracy', '0.9', '--out', out);
  expect(code).toBe(0);
  // 300 answers of 20 people at $0.10, all still newcomers, so that one in five assignments is a gold: 75 on average.
  const [, p50, p10, p90] = /\nfixed:3 +(\S+) \((\S+) to (\S+)\)/.exec(text)?.map(Number) ?? [];
  expect(Math.abs((p50 ?? 0) - 37.5)).toBeLessThan(1);
  expect(p10).toBeLessThan(37.5);
  expect(p90).toBeGreaterThan(37.5);
  expect(text).toMatch(/\nadaptive\+judge /);
  expect(text).toMatch(/Recommended by cost against accuracy: \S+\./);
  expect(text).toMatch(/single answers right +80\.0%, 2 choices/);
  expect(readFileSync(out, 'utf8')).toMatch(/^<svg /);
});

it('learns from a pilot; the same seed gives the same plan', async () => {
  const rng = seededRng('pilot');
  const tasks = Array.from({ length: 60 }, (_, at) => ({ task: `t${at}`, truth: rng.next() < 0.5 ? 'a' : 'b' }));
  const rows = tasks.flatMap(({ task, truth }) =>
    ['u', 'v', 'w'].map((worker) => `${task},${worker},${rng.next() < 0.9 ? truth : truth === 'a' ? 'b' : 'a'}`),
  );
  const [answers, gold] = [join(folder, 'answers.csv'), join(folder, 'gold.csv')];
  writeFileSync(answers, ['task,worker,label', ...rows].join('\n'));
  writeFileSync(gold, ['task,label', ...tasks.map(({ task, truth }) => `${task},${truth}`)].join('\n'));
  const start = ['--start', '2026-12-01T14:00Z'];
  const run = (...more: string[]) => plan('--in', answers, '--gold', gold, ...start, ...more, '--json');
  const first = await run('--target-accuracy', '0.9');
  const { options, assumptions, recommended, startAt } = JSON.parse(first.out);
  expect(assumptions.source).toBe('a pilot of 60 tasks with 180 answers');
  expect(Math.abs(assumptions.accuracy - 0.9)).toBeLessThan(0.07);
  expect(options.map(({ name }: { name: string }) => name)).toContain(recommended);
  expect((await run('--target-accuracy', '0.9')).out).toBe(first.out);
  expect(startAt).toBe('2026-12-01T14:00:00.000Z');
  for (const { hours, finishAt, costUsd, costMicros } of options) {
    expect(Date.parse(finishAt.p90)).toBeCloseTo(Date.parse(startAt) + hours.p90 * 3_600_000, -1);
    expect(costMicros.p50).toBe(Math.round(costUsd.p50 * 1e6));
  }
  // Somebody answered twice: what plans advise is what they take.
  writeFileSync(answers, ['task,worker,label', ...rows, rows[0]].join('\n'));
  expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('--duplicates first') });
  expect(JSON.parse((await run('--duplicates', 'first')).out).assumptions).toEqual(assumptions);
});

it('names the day of the finish, what it cannot play, and no cap as if it were an estimate', async () => {
  const { out } = await quorate(
    undefined,
    ...['plan', '--tasks', '1000000', '--annotators', '2', '--runs', '10', '--type', 'span', '--start', '2026-12-01'],
  );
  expect(out).toMatch(/\nfixed:3: left out; it needs 3 annotators; there are 2\.\n/);
  // 90 s each of one at work eight hours a day at nine tenths: some 3,500 days and more, beyond ten years with golds.
  const [, days, from, to] =
    /\nadaptive +\S+ .*?\) +(\S+) .*?(\d{4})-\d\d-\d\d to (\d{4})-/.exec(out)?.map(Number) ?? [];
  expect(days).toBeGreaterThan(3650);
  const p50 = new Date(Date.parse('2026-12-01') + (days ?? 0) * 86_400_000);
  expect(from).toBe(p50.getUTCFullYear());
  expect(to).toBeGreaterThanOrEqual(from ?? 0);
  expect(out).toMatch(/\nbegins +2026-12-01 00:00 UTC\n/);
});

it('says how many tasks may be given up, also where half of the campaigns give up none, and recommends what can be made', async () => {
  const { out } = await plan('--annotators', '2', '--judge-accuracy', '0.9', '--budget', '10');
  expect(out).toMatch(/\nadaptive\+judge: 0% \(0% to [1-9]\S*%\) of the tasks are given up without a label\.\n/);
  expect(out).toContain('\nfixed:1+judge: left out; it would have a judge decide alone.\n');
  expect(out).toContain('\nRecommended by what was asked for: fixed:1.\n');
});

it.each([
  [['--in', 'x.csv'], 'both --in and --gold'],
  [['--at-work', 'always'], 'hours and annotators such as'],
  [['--accuracy', '1'], 'between 0 and 1'],
  [['--at-work', '9-17:21'], '21 annotators at work at once, but only 20 in all'],
  [['--played', '60'], '--played belongs to --workflows'],
  [['--judge-price', '0.01'], '--judge-price is of a judge'],
  [['--price', '0.10', '--tier', 'expert'], '--tier says what an answer pays'],
  [['--price', '0.10', '--type', 'span', '--seconds', '9'], '--type is for price and seconds'],
  [['--in', 'x.csv', '--gold', 'y.csv', '--skill-sd', '0.5'], '--skill-sd is what the pilot shows'],
  [['--campaign', 'x'], '--runs is of no use with --campaign'],
  [['--campaign', 'x', '--in', 'y'], '--in is of no use with --campaign'],
  [['--start', 'tomorrow'], 'It must be a day'],
  [['--duplicates', 'first'], 'belong to a pilot'],
  [['--choices', '101'], 'from 2 to 100'],
  [['--annotators', '1001'], 'from 1 to 1000'],
  [['--runs', '9'], 'must be 10 or more'],
  [['--workflows', '--played', '0'], 'must be a whole number from 1'],
])('refuses %j', async (args, message) => {
  expect(await plan(...args)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
});
