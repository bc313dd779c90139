import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.mjs';
import { until } from './rig.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium; install the package `chromium`.');
  return chromium.launch({ executablePath, args: FLAGS });
}

/** As if another tab came before the page for a moment: an answer that it holds back, to be undone, it sends then. */
export async function lookAway(page: Page): Promise<void> {
  await page.evaluate(`{
    const look = () => document.dispatchEvent(new Event('visibilitychange'));
    Object.defineProperty(document, 'hidden', { configurable: true, value: true });
    look();
    delete document.hidden;
    look();
  }`);
}

export interface Seat {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page's console complained of, content security policy included. */
  readonly complaints: string[];
}

/** A browser context of its own, signed in by `key`, with one page. */
export async function takeSeat(
  browser: Browser,
  {
    url,
    key,
    ...options
  }: {
    url: string;
    key?: string;
    viewport?: { width: number; height: number };
    colorScheme?: 'light' | 'dark';
    locale?: string;
  },
): Promise<Seat> {
  const context = await browser.newContext({
    baseURL: url,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  if (key !== undefined) await context.addInitScript(`localStorage.setItem('quorate.key', ${JSON.stringify(key)})`);
  // Whole stacks share two cores with the browser: a page may be long in coming without being at fault.
  context.setDefaultTimeout(90_000);
  context.setDefaultNavigationTimeout(90_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    // Statuses that pages expect are also told to the console.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) complaints.push(text);
  });
  return { context, page, complaints };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Scheme = 'light' | 'dark';

const schemeOf = (page: Page) =>
  page.evaluate('document.documentElement.dataset.mantineColorScheme') as Promise<Scheme | undefined>;

const CHANGING = `document.getAnimations().filter(({ playState, effect }) =>
  playState === 'running' && Number.isFinite(effect?.getComputedTiming().endTime)).length`;

/** What axe holds to be serious or critical on the page as it is, in light and in dark. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // By the debugger, which the page's security policy does not bind.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  const shown = (await schemeOf(page)) ?? 'light';
  const faults: string[] = [];
  for (const scheme of [shown === 'light' ? 'dark' : 'light', shown] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    // Pages without Mantine go by the media query alone.
    await until(`the page in ${scheme}`, async () => [undefined, scheme].includes(await schemeOf(page)));
    // Colours that are on their way from one to the other are neither's. What turns while something is loaded has no end.
    await until('no colour changes', async () => (await page.evaluate(CHANGING)) === 0);
    // What no colour is part of is the same in both.
    faults.push(
      ...(await faultsNow(page, scheme === shown ? 'all' : OF_COLOURS)).map((fault) => `${scheme}: ${fault}`),
    );
  }
  return faults;
}

const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

async function faultsNow(page: Page, rules: 'all' | typeof OF_COLOURS): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...(rules === 'all' ? {} : { runOnly: rules }) };
  const found = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary?: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary ?? ''}`).join(' | ')}`,
    );
}
