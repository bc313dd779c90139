import { describe, expect, test } from 'vitest';
import { runningCampaign } from '../api/rig.ts';
import { seriousFaults } from '../support/browser.ts';
import { noBrowser, usePages } from '../support/pages.ts';

describe.skipIf(noBrowser)('a ruling', () => {
  const pages = usePages();

  test('marks by keys while the focus is in the form, and is asked about once more where it says nothing', async () => {
    const { rig } = pages;
    const settings = { type: 'span', config: { labels: ['PERSON', 'PLACE'] } };
    const { taskIds } = await runningCampaign(rig, { settings, items: [{ text: 'Ada met Bob' }] });
    const seat = await pages.seat(rig.requester);
    const { page } = seat;
    await page.goto(`/tasks/${taskIds[0]}`);
    const ruling = page.getByRole('region', { name: 'Decide this task' });
    const marked = ruling.getByRole('button', { name: /^Remove PERSON/ });
    await ruling.getByRole('button', { name: 'PERSON' }).waitFor();
    // Elsewhere on the page keys are not the form's, and are not shown.
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('1');
    expect(await marked.count()).toBe(0);
    expect(await ruling.locator('.key-hint').first().isVisible()).toBe(false);
    await ruling.getByRole('button', { name: 'Decide' }).click();
    await ruling.getByText('Submit once more to say that there is nothing.').waitFor();
    expect(rig.temporal.updates).toEqual([]);
    await ruling.getByRole('button', { name: 'PERSON' }).focus();
    expect(await ruling.locator('.key-hint').first().isVisible()).toBe(true);
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('1');
    await marked.waitFor();
    expect(await ruling.getByText('Submit once more').count()).toBe(0);
    expect(await seriousFaults(page)).toEqual([]);
    await ruling.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(() => rig.temporal.updates.length).toBe(1);
    await pages.leave(seat);
  });
});
