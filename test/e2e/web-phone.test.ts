import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Rig, runningCampaign, startRig } from '../api/rig.ts';
import { findChromium, openBrowser, type Seat, seriousFaults, takeSeat } from '../support/browser.ts';
import { requireBuild } from '../support/stack.ts';
import samples from '../support/web-samples.json' with { type: 'json' };

const missing = findChromium() === undefined;
if (missing) console.warn('Skipped: there is no Chromium on this machine (Debian: apt-get install chromium).');

const PHONE = { width: 390, height: 844 };

describe.skipIf(missing)('the annotation workspace on a phone', () => {
  let rig: Rig;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    requireBuild();
    rig = await startRig({ webRoot: fileURLToPath(new URL('../../web/dist', import.meta.url)) });
    url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  /** The form of a sample, begun on a phone by somebody new. */
  async function openForm(type: string, locale: string): Promise<Seat> {
    const { items, ...sample } = samples.find((each) => each.type === type) ?? { items: [] };
    const settings = { ...sample, budgetUsd: '100', redundancy: 1 };
    const { id, annotators } = await runningCampaign(rig, { settings, items: items.slice(0, 1), annotators: 1 });
    const seat = await takeSeat(browser, { url, key: annotators[0]?.apiKey ?? '', viewport: PHONE, locale });
    await seat.page.goto(`/annotate?campaign=${id}`);
    await seat.page.locator('.work-form .answer').waitFor();
    return seat;
  }

  test.each(samples.flatMap(({ type }) => [[type, 'en'] as const, [type, 'ar'] as const]))(
    '%s in %s: what submits is whole and in view, and nothing is wider than the page',
    async (type, locale) => {
      const { page, context, complaints } = await openForm(type, locale);
      const wider = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(wider).toBeLessThanOrEqual(0);
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
