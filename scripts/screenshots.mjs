// Takes the pictures of docs/images/ in Chromium, in light and in dark, of a stack that runs and has data: that of
// `quorate demo preference --keep`. It adds a few small campaigns of its own for the workspace to show. With names
// (`node scripts/screenshots.mjs annotate annotate-phone`) it takes these alone; those of the workspace need no demo.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { loadConfig } from '../dist/runtime/config.js';
import { readEndpoint } from '../dist/runtime/endpoint.js';
import { findChromium } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'docs', 'images');
const samples = JSON.parse(readFileSync(join(root, 'test', 'support', 'web-samples.json'), 'utf8'));
const stack = readEndpoint(loadConfig().home);
if (!stack) {
  console.error(
    'There is no running stack. Start one with `node bin/quorate demo preference --keep`, then run this again.',
  );
  process.exit(1);
}

async function ask(method, path, body, key = stack.apiKey) {
  const response = await fetch(stack.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** A small campaign of a sample's items, started, for one annotator. */
async function sampleCampaign(type) {
  const { items: all, ...sample } = samples.find((each) => each.type === type);
  // Not every machine has a font for emoji, and a picture shall not differ by which item is chosen.
  const items = all.filter((item) => !/\p{Extended_Pictographic}/u.test(JSON.stringify(item))).slice(0, 1);
  const settings = { budgetUsd: '20', redundancy: 1, goldRatio: 0 };
  const { id } = await ask('POST', '/v1/campaigns', { ...sample, ...settings });
  await ask('POST', `/v1/campaigns/${id}/items`, items);
  await ask('POST', `/v1/campaigns/${id}/start`);
  return id;
}

/** The demo's campaign. */
async function ofTheDemo() {
  const { items: campaigns } = await ask('GET', '/v1/campaigns?limit=50');
  const demo = campaigns.find(({ simulated }) => simulated);
  if (!demo) throw new Error('There is no demo campaign on this stack; run `node bin/quorate demo preference`.');
  return demo.id;
}

/** Its surest task in which a flagged answer was outvoted. */
async function outvoted() {
  const campaign = await ofTheDemo();
  const { items: decided } = await ask('GET', `/v1/campaigns/${campaign}/tasks?state=decided&kind=work&limit=200`);
  for (const { id, label } of decided.toSorted((a, b) => b.confidence - a.confidence)) {
    const { story } = await ask('GET', `/v1/tasks/${id}`);
    const isOther = (given) => JSON.stringify(given) !== JSON.stringify(label);
    if (story.annotations.some((answer) => answer.flags.length > 0 && isOther(answer.label))) return id;
  }
  throw new Error('No flagged answer was outvoted in the demo; run it with another --seed.');
}

let annotator;
async function workOf(type) {
  annotator ??= await ask('POST', '/v1/annotators', { name: 'Mina' });
  return {
    path: `/annotate?campaign=${await sampleCampaign(type)}`,
    ready: '.work-form .answer',
    as: annotator.apiKey,
  };
}

const both = ['light', 'dark'];
/** Marks two names in the sample's right-to-left text: the second word, and the fourth. */
const WORD = ['ArrowLeft', 'ArrowLeft'];
const SPAN_KEYS = [...WORD, 'Shift+ArrowLeft', '1', ...WORD, 'ArrowLeft', 'Shift+ArrowLeft', '2'];
/** The most a page may take, also where much else runs: a task has to be chosen and opened first. */
const READY_MS = 120_000;
/** By name: where the page is, what shows that it is there, and in which colours and size it is taken. */
const pages = {
  demo: async () => ({
    path: `/progress.html?campaign=${await ofTheDemo()}#key=${stack.apiKey}`,
    ready: '#accuracy-chart svg',
    height: 1000,
    schemes: ['light'],
  }),
  dashboard: async () => ({
    path: `/campaigns/${await ofTheDemo()}`,
    ready: '.recharts-line-curve',
    height: 1000,
    schemes: both,
  }),
  task: async () => ({
    path: `/tasks/${await outvoted()}`,
    ready: '.timeline li',
    height: 900,
    schemes: both,
  }),
  'new-campaign': async () => ({ path: '/campaigns/new', ready: '.plan .data', height: 900, schemes: both }),
  annotate: async () => ({ ...(await workOf('preference_ranking')), keys: ['1'], schemes: both }),
  'annotate-spans': async () => ({ ...(await workOf('span')), keys: SPAN_KEYS, schemes: both }),
  'annotate-phone': async () => ({
    ...(await workOf('preference_ranking')),
    keys: ['1'],
    schemes: ['light'],
    width: 390,
    height: 844,
  }),
};

const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] });
mkdirSync(folder, { recursive: true });

async function take(name, { path, ready, width = 1240, height = 760, as = stack.apiKey, keys }, colorScheme) {
  const context = await browser.newContext({
    ...{ baseURL: stack.url, colorScheme, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' },
    viewport: { width, height },
  });
  await context.addInitScript(`localStorage.setItem('quorate.key', ${JSON.stringify(as)})`);
  const page = await context.newPage();
  page.setDefaultTimeout(READY_MS);
  page.setDefaultNavigationTimeout(READY_MS);
  // The page is there when what it shows is, not when nothing more is loaded: live pages never stop.
  // A workspace takes keys once it has looked for a draft.
  const looked = keys && page.waitForResponse((answer) => answer.url().endsWith('/draft'));
  await page.goto(path, { waitUntil: 'commit' });
  await page.locator(ready).first().waitFor();
  // What is asked for while it renders has come; a list that waits is shown as such.
  await page.locator('[aria-busy="true"], .mantine-Loader-root').first().waitFor({ state: 'detached' });
  await page.evaluate('document.fonts.ready');
  await looked;
  for (const key of keys ?? []) await page.keyboard.press(key);
  const file = join(folder, `${name}${colorScheme === 'dark' ? '-dark' : ''}.png`);
  await page.screenshot({ path: file });
  console.log(file);
  await context.close();
}

try {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(pages);
  for (const name of wanted) {
    if (!pages[name]) throw new Error(`There is no picture ${name}; there are ${Object.keys(pages).join(', ')}.`);
    const page = await pages[name]();
    for (const scheme of page.schemes) await take(name, page, scheme);
  }
} finally {
  await browser.close();
}
