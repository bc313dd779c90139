import { describe, expect, test } from 'vitest';
import { runningCampaign } from '../api/rig.ts';
import { type Seat, seriousFaults } from '../support/browser.ts';
import { noBrowser, tooWide, usePages } from '../support/pages.ts';
import samples from '../support/web-samples.json' with { type: 'json' };

const PHONE = { width: 390, height: 844 };

describe.skipIf(noBrowser)('the annotation workspace on a phone', () => {
  const pages = usePages();

  /** The form of a sample, begun on a phone by somebody new. */
  async function openForm(type: string, locale: string): Promise<Seat> {
    const { items, ...sample } = samples.find((each) => each.type === type) ?? { items: [] };
    const settings = { ...sample, budgetUsd: '100', redundancy: 1 };
    const { id, annotators } = await runningCampaign(pages.rig, { settings, items: items.slice(0, 1), annotators: 1 });
    const seat = await pages.seat(annotators[0]?.apiKey, { viewport: PHONE, locale });
    await seat.page.goto(`/annotate?campaign=${id}`);
    await seat.page.locator('.work-form .answer').waitFor();
    return seat;
  }

  test.each(samples.flatMap(({ type }) => [[type, 'en'] as const, [type, 'ar'] as const]))(
    '%s in %s: what submits is whole and in view, and nothing is wider than the page',
    async (type, locale) => {
      const { page, context, complaints } = await openForm(type, locale);
      expect(await tooWide(page)).toBeLessThanOrEqual(0);
      for (const button of await page.locator('.work-foot button').all()) {
        const box = await button.boundingBox();
        expect(box).not.toBeNull();
        if (!box) continue;
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(PHONE.width);
        expect(box.y + box.height).toBeLessThanOrEqual(PHONE.height);
        // A finger needs some room.
        expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(32);
      }
      const hit = await page.evaluate(`(() => {
        const { x, y, width, height } = document.querySelector('.submit').getBoundingClientRect();
        return document.elementFromPoint(x + width / 2, y + height / 2).closest('.submit') !== null;
      })()`);
      expect(hit).toBe(true);
      if (locale === 'en') expect(await seriousFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    },
  );
});
