import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, type Seat, seriousFaults, takeSeat } from '../support/browser.ts';
import { noBrowser } from '../support/pages.ts';
import { type HeldStack, holdUp, makePlace, type Place, requireBuild } from '../support/stack.ts';

const CSV = `id,prompt,answer_1,answer_2,answer_3
easy,Why is the sky blue?,GOOD: scattering,FAIR: air,POOR: paint
plain,"What is tea, in short?",GOOD: leaves in water,FAIR: a drink,POOR: a colour
hard,Which poem is best?,GOOD: the first,FAIR: the second,POOR: the third
`;
const WORDS = ['GOOD', 'FAIR', 'POOR'] as const;
/** By annotator: all agree but about the poem, where each puts another one first. */
const orderFor = (who: number, prompt: string) =>
  prompt.includes('poem') ? [...WORDS.slice(who), ...WORDS.slice(0, who)] : WORDS;

/** Ranks the task at hand by keys, and waits until it is gone. */
async function rankOne(page: Page, who: number): Promise<void> {
  const prompt = (await page.locator('.work-form .prose').first().textContent()) ?? '';
  const shown = await page.locator('.rank-card .prose').allTextContents();
  for (const word of orderFor(who, prompt)) {
    const current = page.locator('.rank-card[data-current]');
    for (let at = 0; at < shown.length && !(await current.textContent())?.includes(word); at++) {
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press(String(orderFor(who, prompt).indexOf(word) + 1));
  }
  await page.keyboard.press('Enter');
  const next = page.locator('.work-form .prose').first().filter({ hasNotText: prompt.trim() });
  await next.or(page.getByText('No tasks for you right now')).waitFor();
}

describe.skipIf(noBrowser)('a campaign, from a CSV to preference data, in a real browser', () => {
  let place: Place;
  let stack: HeldStack;
  let browser: Browser;
  beforeAll(async () => {
    requireBuild();
    place = await makePlace();
    stack = await holdUp(place);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    place?.remove();
  });

  test('is made, answered by three, ruled about once, watched and exported', async () => {
    const names = ['Ada', 'Ben', 'Cleo'];
    const owner = await takeSeat(browser, { url: stack.url });
    const { page } = owner;
    // An empty server leads to the link it has printed, and that to making its owner.
    await page.goto('/');
    await page.getByText('Open the link that `quorate up`').waitFor();
    expect.soft(await seriousFaults(page)).toEqual([]);
    await page.goto(stack.setupUrl ?? '/');
    await page.getByLabel('Your name').waitFor();
    expect.soft(await seriousFaults(page)).toEqual([]);
    await page.getByLabel('Your name').fill('Olive Owner');
    await page.getByLabel('E-mail').fill('olive@example.org');
    await page.getByLabel('Password', { exact: false }).first().fill('a long enough password');
    await page.getByLabel('Organisation').fill('Poetry Office');
    await page.getByRole('button', { name: "Make the owner's account" }).click();
    await page.getByRole('heading', { name: 'Campaigns' }).waitFor();

    // Three people are invited, and come in by their links.
    await page.getByRole('link', { name: 'People' }).click();
    const seats: Seat[] = [];
    for (const name of names) {
      await page.getByLabel('E-mail').fill(`${name.toLowerCase()}@example.org`);
      await page.getByRole('button', { name: 'Make the invitation' }).click();
      const link = await page
        .getByText(/\/invitations\//)
        .last()
        .textContent();
      const seat = await takeSeat(browser, { url: stack.url });
      await seat.page.goto(new URL(link ?? '').pathname);
      await seat.page.getByLabel('Your name').fill(name);
      await seat.page.getByLabel('Password', { exact: false }).first().fill(`the password of ${name}`);
      await seat.page.getByRole('button', { name: 'Accept the invitation' }).click();
      await seat.page.getByText('No tasks for you right now').waitFor();
      expect.soft(await seriousFaults(seat.page)).toEqual([]);
      seats.push(seat);
      await page.reload();
    }
    expect.soft(await seriousFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Campaigns' }).click();
    expect.soft(await seriousFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'New campaign' }).click();
    await page.getByLabel('Name', { exact: false }).first().fill('Poems and tea');
    await page.getByRole('button', { name: 'Preference ranking' }).click();
    await page
      .getByLabel('Upload a file')
      .setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
    await page.getByText('3 rows with 5 columns').waitFor();
    // The very form, on the requester's own rows.
    await page.locator('.preview .rank-card', { hasText: 'GOOD: scattering' }).waitFor();
    await page.getByLabel('When annotators disagree').selectOption('adjudicate');
    // Three equal answers are 98% sure, and 78% where all were given faster than one can read, as keys pressed by a program are.
    await page.getByLabel('Confidence wanted (%)').fill('70');
    await page.getByText('to annotators for 3 tasks').waitFor();
    expect.soft(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make the campaign' }).click();
    await page.getByText('3 rows are in, 0 were in already, 0 were refused.').waitFor();
    await page.getByRole('button', { name: 'Start it' }).click();
    await page.getByRole('heading', { name: 'Poems and tea' }).waitFor();
    const dashboard = page.url();

    // Three people in three browsers, whose pages wait for work.
    await Promise.all(
      seats.map(async (seat, who) => {
        for (let task = 0; task < 3; task++) {
          await seat.page.locator('.rank-card').first().waitFor();
          await rankOne(seat.page, who);
        }
      }),
    );

    // What nobody agrees about waits for the owner, who decides it on the same form.
    await page.getByRole('link', { name: 'See the answers and decide' }).click({ timeout: 60_000 });
    await page.getByRole('heading', { name: 'Task hard' }).waitFor();
    expect(await page.getByRole('region', { name: 'Answers to this task' }).locator('tbody tr').count()).toBe(3);
    for (const word of WORDS) {
      const card = page.locator('.rank-card', { hasText: word });
      await card.getByRole('button', { name: 'Move up' }).click();
    }
    await page.getByLabel('Why (kept with the ruling)').fill('The first one scans.');
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByText('adjudicated', { exact: true }).first().waitFor();
    await page.getByText('The first one scans.').waitFor();
    expect.soft(await seriousFaults(page)).toEqual([]);

    await page.goto(dashboard);
    await page.getByText('0 open, 0 unresolved').waitFor({ timeout: 60_000 });
    await page.getByText('Ended; these are the final figures.').waitFor({ timeout: 60_000 });
    for (const name of names) await page.getByRole('cell', { name, exact: true }).waitFor();
    expect.soft(await seriousFaults(page)).toEqual([]);

    await page.getByLabel('Format').selectOption('dpo');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('Poems-and-tea.dpo.jsonl');
    const stream = await download.createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks)
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines)
      expect(WORDS.indexOf(line.chosen?.slice(0, 4) as 'GOOD')).toBeLessThan(
        WORDS.indexOf(line.rejected?.slice(0, 4) as 'GOOD'),
      );

    // As a copy, with all its settings.
    await page.getByRole('link', { name: 'Duplicate' }).click();
    await page.getByLabel('Name', { exact: false }).first().waitFor();
    expect(await page.getByLabel('Name', { exact: false }).first().inputValue()).toBe('Poems and tea (copy)');
    expect([...owner.complaints, ...seats.flatMap(({ complaints }) => complaints)]).toEqual([]);
  }, 240_000);
});
