import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { quorate } from './run.ts';
import { json, startStub } from './stub-server.ts';

const cost = async (...args: string[]) => quorate(undefined, 'cost', ...args);
const preferences = ['--type', 'preference_ranking', '--tasks', '10000', '--tier', 'trained', '--redundancy', '3'];
const estimated = async (...args: string[]) => {
  const { code, out, err } = await cost(...args, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Record<string, unknown>;
};

it('is one object with --platform, its members in the documented order', async () => {
  const { out } = await cost(...preferences, '--platform', 'mturk', '--json');
  expect(out).toBe(
    '{"platform":"mturk","tasks":10000,"redundancy":3,"totalAnnotations":31500,"costPerAnnotation":0.417,' +
      '"baseCost":13125,"platformFee":2625,"reviewCost":833.33,"totalCost":16583.33,"costPerTask":1.658,"breakEvenTasksAMonth":50794}\n',
  );
});

it('is a list without', async () => {
  const list = (await estimated(...preferences)) as unknown as { platform: string; totalCost: number }[];
  expect(list.map(({ platform, totalCost }) => [platform, totalCost])).toEqual([
    ['scale_ai', 19_208.33],
    ['surge_ai', 17_895.83],
    ['mturk', 16_583.33],
    ['self_hosted', 14_614.58],
    ['other', 15_270.83],
  ]);
});

it('is a table for people, with the break-even and where list prices differ', async () => {
  const { out, code } = await cost(...preferences);
  expect(code).toBe(0);
  expect(out).toContain('10000 preference_ranking tasks, 3 answers each by trained annotators: 31500 annotations');
  expect(out).toMatch(/\nscale_ai +13125\.00 +5250\.00 +833\.33 +19208\.33 +1\.921\n/);
  expect(out).toContain('mturk from 50794 tasks a month');
  expect(out).toMatch(/\nscale_ai +5250 +4375 +0\.72 to 0\.82 +list higher\n/);
  expect(out).toMatch(/\nself_hosted +2363 +3281\.25 .* list lower\n/);
  const other = await cost('--type', 'likert', '--tasks', '5', '--platform', 'self_hosted');
  expect(other.out).not.toMatch(/List prices|cheaper than|\n\n$/);
  expect((await cost(...preferences, '--hosting-usd', '0.5', '--platform', 'mturk')).out).toContain(
    'if that costs $0.50 a month, is cheaper than: mturk from 3 tasks a month',
  );
});

it.each([
  ['pairwise_comparison', 'pairwise'],
  ['likert_scale', 'likert'],
  ['span_annotation', 'span'],
  ['multi_turn_dialog', 'dialog'],
  ['Multi-Turn-Dialog', 'dialog'],
])('takes %s for %s', async (alias, name) => {
  const rest = ['--tasks', '10', '--tier', 'expert', '--platform', 'Scale-AI'];
  expect(await estimated('--type', alias, ...rest)).toEqual(await estimated('--type', name, ...rest));
});

it("compares platforms by fees and figures of one's own", async () => {
  const work = [
    '--type',
    'likert',
    '--tier',
    'crowd',
    '--tasks',
    '100',
    '--redundancy',
    '1',
    '--gold',
    '0',
    '--review',
    '0',
  ];
  const totals = async (...args: string[]) => {
    const list = (await estimated(...work, ...args)) as unknown as { platform: string; totalCost: number }[];
    return Object.fromEntries(list.map(({ platform, totalCost }) => [platform, totalCost]));
  };
  // 100 answers of 0.10 each.
  expect(await totals('--fee', 'mturk=.5', '--fee', 'scale=0')).toMatchObject({
    mturk: 15,
    scale_ai: 10,
    surge_ai: 13,
  });
  const file = join(await mkdtemp(join(tmpdir(), 'figures-')), 'figures.json');
  await writeFile(file, JSON.stringify({ hourlyUsd: { crowd: '24' }, fee: { other: 0.2 } }));
  expect(await totals('--settings', file, '--fee', 'mturk=.5')).toMatchObject({ mturk: 30, other: 24, surge_ai: 26 });
  expect((await cost(...work, '--settings', file)).out).toContain(
    'Not the usual figure: hourlyUsd.crowd is 24 (usually 12).',
  );
  const planned = await quorate(undefined, 'plan', '--tasks', '20', '--runs', '10', '--settings', file, '--json');
  expect(JSON.parse(planned.out).assumptions.priceUsd).toBe('0.10');
  await writeFile(file, '{"fee":{"mturk":11}}');
  const wrong = await cost(...work, '--settings', file);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('fee.mturk')]);
  expect((await cost(...work, '--fee', '0.5')).err).toContain('NAME=RATIO');
});

it('takes every figure as a setting', async () => {
  const settings = ['--hourly-usd', '36', '--seconds', '10', '--fee', '.5', '--gold', '0.1', '--review', '0.2'];
  const rest = ['--tasks', '100', '--redundancy', '2', '--review-factor', '3', '--platform', 'other'];
  const estimate = await estimated('--type', 'dialog', ...settings, ...rest);
  expect(estimate).toMatchObject({
    totalAnnotations: 220,
    baseCost: 22,
    platformFee: 11,
    reviewCost: 6,
    totalCost: 39,
  });
});

it.each([
  [['--type', 'poem', '--tasks', '5'], /'--type <name>'.*'poem'.*Allowed choices are classification, pairwise, likert/],
  [['--type', 'constructor', '--tasks', '5'], /Allowed choices are classification/],
  [['--tasks', '5'], /--type is missing; only a --campaign stands for it/],
  [['--type', 'likert'], /required option '--tasks <n>'/],
  [['--type', 'likert', '--tasks', '0'], /'--tasks <n>'.*whole number from 1/],
  [['--type', 'likert', '--tasks', '1e3'], /'--tasks <n>'.*whole number from 1/],
  [['--type', 'likert', '--tasks', '1000000001'], /'--tasks <n>'.*from 1 to 1000000000/],
  [
    ['--type', 'likert', '--tasks', '5', '--tier', 'amateur'],
    /'--tier <name>'.*crowd, trained, expert, domain_specialist/,
  ],
  [['--type', 'likert', '--tasks', '5', '--platform', 'toString'], /scale_ai, surge_ai, mturk, self_hosted, other/],
  [['--type', 'likert', '--tasks', '5', '--redundancy', '-1'], /'--redundancy <n>'.*whole number from 1/],
  [['--type', 'likert', '--tasks', '5', '--fee', '0.1'], /--fee is of one platform; name it with --platform/],
  [['--type', 'likert', '--tasks', '5', '--gold', '-1'], /'--gold <ratio>'.*a number from 0 to 10/],
  [['--type', 'likert', '--tasks', '5', '--review', '2'], /'--review <ratio>'.*a number from 0 to 1/],
  [['--type', 'likert', '--tasks', '5', '--hourly-usd', 'much'], /--hourly-usd is "much"; it must be dollars/],
])('%j ends with 2 and says what is allowed', async (args, message) => {
  const ran = await cost(...args);
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toMatch(message);
});

it('goes by what a campaign measured, but for what is asked for', async () => {
  const measured = { answers: 40, secondsEach: 36, hourlyUsd: '10.00', goldRatio: 0.25 };
  // A newcomer's many golds are no figure of a campaign that goes on: its own setting is.
  const campaign = { type: 'pairwise', tier: 'expert', goldRatio: 0.1 };
  let answer: object = { campaign, measured, measuredElsewhere: [] };
  const stub = await startStub((request, response, seen) => json(200, { ...answer, set: {} })(request, response, seen));
  try {
    const asked = ['cost', ...preferences, '--platform', 'other', '--campaign', 'c1'];
    const { out } = await quorate(stub.url, ...asked, '--json');
    // 36 s at $10 an hour, and a gold to every tenth answer.
    expect(JSON.parse(out)).toMatchObject({ costPerAnnotation: 0.1, totalAnnotations: 33_000, baseCost: 3300 });
    const shortest = await quorate(stub.url, 'cost', '--tasks', '10', '--campaign', 'c1');
    expect(shortest.out).toContain('10 pairwise tasks, 3 answers each by expert annotators');
    const asks = stub.seen.map(({ url }) => url).filter((url) => url !== '/v1/cost/settings');
    expect(asks.at(-1)).not.toContain('type=');
    expect(asks[0]).toContain('campaignId=c1');
    expect((await quorate(stub.url, ...asked)).out).toContain('By its newest 40 answers: 36 s each, $10.00 an hour');
    const faster = await quorate(stub.url, ...asked, '--seconds', '18', '--json');
    expect(JSON.parse(faster.out)).toMatchObject({ costPerAnnotation: 0.05 });
    const mturk = { platform: 'mturk', answers: 60, secondsEach: null, priceUsd: '0.096', feeUsd: '0.016' };
    answer = { campaign, measured, measuredElsewhere: [mturk] };
    const all = ['cost', ...preferences, '--review', '0', '--gold', '0', '--campaign', 'c1'];
    const [, , bought] = JSON.parse((await quorate(stub.url, ...all, '--json')).out);
    // 8 cents and a fee of 20%; self-hosting still pays people their 10 cents, and 5%.
    expect(bought).toMatchObject({ platform: 'mturk', costPerAnnotation: 0.08, platformFee: 480, totalCost: 2880 });
    expect(bought.breakEvenTasksAMonth).toBeNull();
    expect((await quorate(stub.url, ...all)).out).toContain('newest 60 answers of mturk: $0.096 each, of which $0.016');
    answer = { campaign, measured: null, measuredElsewhere: [] };
    expect((await quorate(stub.url, ...asked)).out).toContain('fewer than 20 answers');
  } finally {
    await stub.close();
  }
});
