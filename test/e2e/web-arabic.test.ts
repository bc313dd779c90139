import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { runningCampaign } from '../api/rig.ts';
import { seriousFaults } from '../support/browser.ts';
import { insertKey } from '../support/keys.ts';
import { noBrowser, tooWide, usePages } from '../support/pages.ts';

/** Words in Latin letters that a page shows or is called by, but for what people wrote and what is for machines. */
const LATIN = `(() => {
  const own = 'noscript, [aria-hidden=true], code, pre, [lang=en], [dir=auto], .label-text, .content-card, .shell-header, option, table.data td, .brand';
  const found = new Set();
  const look = (text, element) => {
    if (!element.closest(own)) for (const word of (text ?? '').match(/[A-Za-z]{3,}/g) ?? []) found.add(word);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement && !node.parentElement.closest('script, style')) look(node.data, node.parentElement);
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    for (const name of ['aria-label', 'title', 'placeholder']) look(element.getAttribute(name), element);
  }
  return [...found].sort();
})()`;

/** What is called so in every language. */
const NAMES = [
  'API',
  'BADGE',
  'CSV',
  'DPO',
  'JSON',
  'LLM',
  'MTurk',
  'Markdown',
  'POST',
  'Parquet',
  'Quorate',
  'Scale',
  'Surge',
  'Temporal',
  'UTC',
];

describe.skipIf(noBrowser)('the pages of those who run campaigns, in Arabic', () => {
  const pages = usePages();
  const owner = newApiKey();
  let campaignId = '';
  let taskId = '';
  beforeAll(async () => {
    const { rig } = pages;
    await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'owner' });
    const made = await runningCampaign(rig);
    campaignId = made.id;
    taskId = made.taskIds[0] ?? '';
    for (const { apiKey } of made.annotators) {
      const { body } = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId });
      await rig.call(apiKey, 'POST', `/v1/assignments/${body.assignmentId}/annotation`, {
        label: 'spam',
        timeSpentS: 9,
      });
    }
    const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
    await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  });

  const latinOn = async (page: Page) =>
    ((await page.evaluate(LATIN)) as string[]).filter((word) => !NAMES.includes(word));

  test.each([
    ['/campaigns', 'الحملات', []],
    ['/campaigns/new', 'حملة جديدة', ['seed', 'mine', 'campaigns']],
    ['/plan', 'خطّط لحملة', []],
    // The workforce that is usual is called so where it is typed.
    ['/people', 'الأشخاص', ['internal']],
    ['/pay', 'الأجور', []],
    ['/rulings', 'الأحكام', []],
    ['campaign', 'الإنفاق', []],
    // The task's key, and the campaign's name.
    ['task', 'القرار', ['one', 'Spam']],
  ])('%s is whole from right to left, on a phone too', async (path, heading, theirs: readonly string[]) => {
    const office = await pages.seat(owner, { locale: 'ar' });
    const { page } = office;
    await page.goto(path === 'campaign' ? `/campaigns/${campaignId}` : path === 'task' ? `/tasks/${taskId}` : path);
    await page.getByRole('heading', { name: heading, exact: true }).first().waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await expect.poll(async () => (await latinOn(page)).filter((word) => !theirs.includes(word))).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => tooWide(page)).toBeLessThanOrEqual(0);
    await pages.leave(office);
  });

  test('another language changes the page that is open, and what was typed into it stays', async () => {
    const office = await pages.seat(owner);
    const { page } = office;
    await page.goto('/campaigns/new');
    await page.getByRole('textbox', { name: /^Name/ }).fill('Bees');
    await page.getByLabel('Language', { exact: true }).selectOption('ar');
    await page.getByRole('heading', { name: 'حملة جديدة' }).waitFor();
    expect(await page.getByRole('textbox', { name: /^الاسم/ }).inputValue()).toBe('Bees');
    await page.getByLabel('اللغة', { exact: true }).selectOption('en');
    await page.getByRole('heading', { name: 'New campaign' }).waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('ltr');
    await pages.leave(office);
  });
});
