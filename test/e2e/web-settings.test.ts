import { describe, expect, test } from 'vitest';
import { addAnnotators, runningCampaign, spam } from '../api/rig.ts';
import { seriousFaults } from '../support/browser.ts';
import { noBrowser, tooWide, usePages } from '../support/pages.ts';

describe.skipIf(noBrowser)('the settings of a campaign that is there', () => {
  const pages = usePages();

  test('a draft opens in the form it was made in, is saved without its rows again, and starts with what is warned of', async () => {
    const { rig } = pages;
    const { call, requester } = rig;
    const { priceUsd: _, ...usual } = spam;
    const { id } = (await call(requester, 'POST', '/v1/campaigns', { ...usual, name: 'Mails' })).body;
    await call(requester, 'POST', `/v1/campaigns/${id}/items`, [{ text: 'one' }, { text: 'two' }]);
    await addAnnotators(rig, 3);
    const settings = async () => (await call(requester, 'GET', `/v1/campaigns/${id}`)).body.settings;
    const seat = await pages.seat(requester);
    const { page } = seat;
    await page.goto(`/campaigns/${id}`);
    await page.getByRole('link', { name: 'Settings' }).click();
    const name = page.getByLabel('Name', { exact: false }).first();
    expect(await name.inputValue()).toBe('Mails');
    const save = page.getByRole('button', { name: 'Save draft' });
    expect(await save.isDisabled()).toBe(true);
    expect(await page.getByLabel('Upload a file').count()).toBe(0);
    await page.getByText('to annotators for 2 tasks').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await tooWide(page)).toBe(0);
    await name.fill('Mails of today');
    await page.getByLabel('Least tier').selectOption('expert');
    await page.getByLabel('Budget ($)').fill('');
    await page.getByText('Set a budget in dollars.').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await page.getByLabel('Budget ($)').fill('80');
    // What a colleague changes meanwhile stays.
    await call(requester, 'PATCH', `/v1/campaigns/${id}`, { dailyLimit: 9 });
    await save.click();
    await page.getByText('Saved.').waitFor();
    expect(await settings()).toMatchObject({ name: 'Mails of today', tier: 'expert', dailyLimit: 9, redundancy: 3 });
    expect(await page.getByLabel('Most answers a person a UTC day').inputValue()).toBe('9');
    // What the server refuses leaves the page as it is, to be mended.
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'lower the tier' }).waitFor();
    await page.getByLabel('Least tier').selectOption('crowd');
    await page.getByLabel('Redundancy').selectOption('adaptive');
    await page.getByLabel('At most').fill('5');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'A task may ask for up to 5 answers' }).waitFor();
    expect(await settings()).toMatchObject({ tier: 'crowd', redundancyPolicy: 'adaptive', minConfidence: 0.95 });
    await page.getByRole('link', { name: 'Mails of today' }).click();
    await page.getByText('These figures are live.').waitFor();
    expect(await rig.db`select from items where campaign_id = ${id}`).toHaveLength(2);
    await pages.leave(seat);
  });

  test('of a campaign that runs what can change is in fields, all else in words, and of others nothing but words', async () => {
    const { rig } = pages;
    const { id } = await runningCampaign(rig, { annotators: 4 });
    const seat = await pages.seat(rig.requester);
    const { page } = seat;
    await page.goto(`/campaigns/${id}/settings`);
    const stays = page.getByRole('region', { name: 'What stays as it is' });
    await stays.getByText('spam, ham').waitFor();
    expect(await page.getByLabel('Least tier').count()).toBe(0);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Answers a task' }).fill('4');
    await page.getByLabel('Confidence wanted (%)').fill('75');
    await page.getByLabel('Most answers a person a UTC day').fill('40');
    await page.getByLabel('After so many tasks').fill('500');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved.').waitFor();
    const [row] = await rig.db`select settings from campaigns where id = ${id}`;
    expect(row?.settings).toMatchObject({ minConfidence: 0.75, dailyLimit: 40 });
    // These are for its workflow, of which there is none here.
    expect(rig.temporal.updates.map(({ name, args }) => [name, ...args])).toEqual([
      ['setRedundancy', { redundancy: 4, maxRedundancy: 4 }],
      ['setStopRules', { stop: { maxTasks: 500 } }],
    ]);
    await pages.leave(seat);

    const reader = await pages.seat(rig.viewer);
    await reader.page.goto(`/campaigns/${id}/settings`);
    const all = reader.page.getByRole('region', { name: 'Settings' });
    await all.getByText('Confidence wanted (%)').waitFor();
    await all.getByText('75', { exact: true }).waitFor();
    expect(await reader.page.getByRole('textbox').count()).toBe(0);
    expect(await seriousFaults(reader.page)).toEqual([]);
    await pages.leave(reader);
  });
});
