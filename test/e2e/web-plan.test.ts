import { describe, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { seriousFaults } from '../support/browser.ts';
import { insertKey } from '../support/keys.ts';
import { noBrowser, tooWide, usePages } from '../support/pages.ts';

describe.skipIf(noBrowser)('the page of plans', () => {
  const pages = usePages();
  const { seat, leave } = pages;

  test('says what each policy comes to, draws the frontier, and prints what was assumed; by keys alone', async () => {
    const { page, ...office } = await seat(pages.rig.requester);
    await page.goto('/campaigns');
    await page.getByRole('navigation', { name: 'Quorate' }).getByRole('link', { name: 'Plan' }).press('Enter');
    await page.getByRole('textbox', { name: /^Tasks/ }).fill('200');
    await page.getByLabel('Pay for an answer ($)').fill('0.05');
    await page.getByLabel('Begins on').fill('2027-01-04');
    await page.getByLabel('Also with a judge that answers first').press('Space');
    await page.getByLabel('Labels right, at least (%, optional)').fill('70');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByLabel('Labels right, at least (%, optional)').press('Enter');
    const title = page.getByRole('heading', { name: /^Recommended: / });
    await title.and(page.locator(':focus')).waitFor();
    await page.getByText(/is done between \d+ Jan 2027 and \d+ Jan 2027/).waitFor();
    const table = page.getByRole('region', { name: /What each policy comes to/ });
    expect(await table.getByRole('row').count()).toBe(8);
    await table.getByRole('row', { name: /3 answers, a judge first/ }).waitFor();
    const chart = page.getByRole('img', { name: /Frontier/ });
    // Each policy has a dot, with its name beside it.
    expect(await chart.getByText('adaptive + judge').count()).toBe(1);
    const assumed = page.getByRole('region', { name: 'What was assumed' });
    await assumed.getByText('85.0% right, $0.005 an answer').waitFor();
    await assumed.getByText('9-17: 10').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await tooWide(page)).toBeLessThanOrEqual(0);
    await leave({ page, ...office });
  });

  test('compares platforms, with the break-even of self-hosting and where lists and formula differ', async () => {
    const { page, ...office } = await seat(pages.rig.requester);
    await page.goto('/plan');
    await page.getByRole('textbox', { name: /^Tasks/ }).fill('10000');
    await page.getByLabel('Task type').selectOption('pairwise');
    await page.getByLabel('Tier').selectOption('trained');
    await page.getByLabel('Answers a task').fill('1');
    const costs = page.getByRole('region', { name: 'Cost by platform' });
    // 10,500 answers of 45 s at $25 an hour, 40% on top, and 1,000 reviews at twice the price with it.
    const work = (10_500 * 45 * 25) / 3600;
    const shown = (usd: number) =>
      `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
    await costs
      .getByRole('row', { name: /^Scale AI/ })
      .getByText(shown(work))
      .waitFor();
    await costs
      .getByRole('row', { name: /^MTurk/ })
      .getByText(/ tasks a month$/)
      .waitFor();
    const lists = page.getByRole('region', { name: 'List prices beside the formula' });
    // $5,250 against 10,000 x 45 s x $25 with 40% on top: $4,375.
    await lists.getByRole('row', { name: /^Scale AI.*\$5,250\.00.*\$4,375\.00.*list 20% higher/ }).waitFor();
    await lists.getByRole('row', { name: /^LLM judge.*\$50\.00/ }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await leave({ page, ...office });
  });

  test('an owner sets figures of the formula; others read which are not the usual ones', async () => {
    const owner = newApiKey();
    await insertKey(pages.rig.db, { hash: hashKey(owner), role: 'owner', name: 'owner' });
    const { page, ...office } = await seat(owner);
    await page.goto('/plan');
    await page.getByRole('textbox', { name: /^Tasks/ }).fill('100');
    await page.getByText('Figures of the formula').click();
    await page.getByLabel('Fee of MTurk (share)').fill('0.5');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save the figures' }).click();
    await page.getByText('Fee of MTurk (share) 0.5, usually 0.2').waitFor();
    expect((await pages.rig.call(owner, 'GET', '/v1/cost/settings')).body.set).toEqual({ fee: { mturk: 0.5 } });
    await leave({ page, ...office });
    const reader = await seat(pages.rig.requester);
    await reader.page.goto('/plan');
    await reader.page.getByRole('textbox', { name: /^Tasks/ }).fill('100');
    await reader.page.getByText('Fee of MTurk (share) 0.5, usually 0.2').waitFor();
    expect(await reader.page.getByText('Figures of the formula').count()).toBe(0);
    await leave(reader);
    await pages.rig.call(owner, 'PUT', '/v1/cost/settings', {});
  });

  test('takes a pilot of two files, and says what is wrong with one', async () => {
    const { page, ...office } = await seat(pages.rig.requester);
    await page.goto('/plan');
    await page.getByLabel('Known by').selectOption('files');
    const tasks = Array.from({ length: 30 }, (_, at) => `t${at}`);
    const answers = ['task,worker,label', ...tasks.flatMap((task) => [`${task},a,yes`, `${task},b,no`])].join('\n');
    const file = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByLabel('Answers: task, worker, label').setInputFiles(file('answers.csv', 'task,label\nt0,yes\n'));
    await page.getByText('answers.csv: It has no column worker.').waitFor();
    await page.getByLabel('Answers: task, worker, label').setInputFiles(file('answers.csv', answers));
    await page.getByText('60 rows read.').waitFor();
    expect(await page.getByRole('button', { name: 'Plan it' }).isDisabled()).toBe(true);
    const gold = ['task,label', ...tasks.map((task) => `${task},yes`)].join('\n');
    await page.getByLabel('Known labels: task, label').setInputFiles(file('gold.csv', gold));
    await page.getByText('30 rows read.').waitFor();
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page.getByText('a pilot of 30 tasks with 60 answers').waitFor();
    await page.getByRole('region', { name: 'What was assumed' }).getByText('50.0%').waitFor();
    await leave({ page, ...office });
  });

  test('goes by what a campaign has measured, and says where that is too little', async () => {
    const { body } = await pages.rig.call(pages.rig.requester, 'POST', '/v1/campaigns', {
      name: 'Mails of May',
      type: 'classification',
      config: { labels: ['spam', 'ham'] },
      budgetUsd: '5',
    });
    const { page, ...office } = await seat(pages.rig.requester);
    await page.goto(`/campaigns/${body.id}`);
    await page.getByRole('link', { name: 'Plan one like it' }).click();
    const campaign = page.getByRole('combobox', { name: /^Campaign/ });
    await campaign.getByText('Mails of May').waitFor({ state: 'attached' });
    expect(await campaign.inputValue()).toBe(body.id);
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page.getByText('The campaign has no items yet; say how many tasks.').waitFor();
    await page.getByLabel('Tasks', { exact: true }).fill('100');
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page.getByText(/Nobody has answered a task with a known label/).waitFor();
    await leave({ page, context: office.context, complaints: [] });
  });
});
