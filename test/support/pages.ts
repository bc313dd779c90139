import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { AppDependencies } from '../../api/app.ts';
import { findChromium } from '../../scripts/chromium.mjs';
import { type Rig, startRig } from '../api/rig.ts';
import { openBrowser, type Seat, takeSeat } from './browser.ts';
import { requireBuild } from './stack.ts';

/** True where there is no browser to drive; says so once. */
export const noBrowser = findChromium() === undefined;
if (noBrowser) console.warn('Skipped: there is no Chromium on this machine (Debian: apt-get install chromium).');

export interface Pages {
  readonly rig: Rig;
  readonly url: string;
  readonly browser: Browser;
  /** A browser context signed in by `key`, or by nobody's. */
  seat(key?: string, options?: Omit<Parameters<typeof takeSeat>[1], 'url' | 'key'>): Promise<Seat>;
  /** Closes seats whose pages complained of nothing. */
  leave(...seats: readonly Seat[]): Promise<void>;
}

/**
 * The built pages, served by an API without workers, and a browser; both last as long as the tests around the call.
 * What workflows do is done by the tests.
 */
export function usePages(options: Partial<AppDependencies> = {}): Pages {
  let open: { rig: Rig; url: string; browser: Browser } | undefined;
  const now = () => {
    if (!open) throw new Error('The pages are open only while tests run.');
    return open;
  };
  beforeAll(async () => {
    requireBuild();
    const rig = await startRig({ webRoot: fileURLToPath(new URL('../../web/dist', import.meta.url)), ...options });
    const url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
    open = { rig, url, browser: await openBrowser() };
  });
  afterAll(async () => {
    await open?.browser.close();
    await open?.rig.close();
  });
  return {
    get rig() {
      return now().rig;
    },
    get url() {
      return now().url;
    },
    get browser() {
      return now().browser;
    },
    seat: (key, more = {}) =>
      takeSeat(now().browser, { url: now().url, ...(key === undefined ? {} : { key }), ...more }),
    async leave(...seats) {
      for (const { complaints, context } of seats) {
        expect(complaints).toEqual([]);
        await context.close();
      }
    },
  };
}

/** Answers the dialog that is open: fills the field, presses the button, and waits until the dialog is gone. */
export async function say(page: Page, label: string, text: string, button: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(label).fill(text);
  await dialog.getByRole('button', { name: button }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** Opens the first menu of acts there, and chooses one. */
export async function actOf(within: Locator, title: string): Promise<void> {
  await within.getByRole('button', { name: 'Act' }).first().click();
  await within.getByRole('button', { name: title }).click();
}

/** The captions of tables that are wider than their place, so that they have to be scrolled. */
export async function scrolled(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('.table-scroll')]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ ariaLabel }) => ariaLabel)`);
}

/** How much wider the page is than its window, in pixels; 0 or less where nothing is cut off. */
export async function tooWide(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
