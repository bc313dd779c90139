// Takes the pictures of docs/images/ in Chromium, in light and in dark, of a stack that runs and has data: that of
// `quorate demo preference --keep`. It adds a few small campaigns of its own for the workspace to show.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { loadConfig } from '../dist/runtime/config.js';
import { readEndpoint } from '../dist/runtime/endpoint.js';

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
  const { items, ...sample } = samples.find((each) => each.type === type);
  const settings = { budgetUsd: '20', redundancy: 1, goldRatio: 0 };
  const { id } = await ask('POST', '/v1/campaigns', { ...sample, ...settings });
  await ask('POST', `/v1/campaigns/${id}/items`, items);
  await ask('POST', `/v1/campaigns/${id}/start`);
  return id;
}

const { items: campaigns } = await ask('GET', '/v1/campaigns?limit=50');
const demo = campaigns.find(({ simulated }) => simulated);
if (!demo) throw new Error('There is no demo campaign on this stack; run `node bin/quorate demo preference`.');
const { items: contested } = await ask('GET', `/v1/campaigns/${demo.id}/contested`);
const annotator = await ask('POST', '/v1/annotators', { name: 'Mina' });
const work = { ranking: await sampleCampaign('preference_ranking'), span: await sampleCampaign('span') };

const pages = [
  { name: 'dashboard', path: `/campaigns/${demo.id}`, ready: '.recharts-line-curve', height: 1000 },
  { name: 'task', path: `/tasks/${contested[0]?.taskId}`, ready: '.timeline li', height: 900 },
  { name: 'new-campaign', path: '/campaigns/new', ready: '.plan .data', height: 900 },
  {
    name: 'annotate',
    path: `/annotate?campaign=${work.ranking}`,
    ready: '.work-form .answer',
    as: annotator.apiKey,
    keys: '1',
  },
  {
    name: 'annotate-spans',
    path: `/annotate?campaign=${work.span}`,
    ready: '.work-form .answer',
    as: annotator.apiKey,
  },
];

const executablePath = [process.env.QUORATE_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
mkdirSync(folder, { recursive: true });

async function take({ name, path, ready, height = 760, as = stack.apiKey, keys }, colorScheme, viewport) {
  const context = await browser.newContext({
    ...{ baseURL: stack.url, colorScheme, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' },
    viewport: viewport ?? { width: 1240, height },
  });
  await context.addInitScript(`localStorage.setItem('quorate.key', ${JSON.stringify(as)})`);
  const page = await context.newPage();
  await page.goto(path);
  await page.locator(ready).first().waitFor();
  await page.evaluate('document.fonts.ready');
  if (keys) await page.keyboard.press(keys);
  const file = join(folder, `${name}${viewport ? '-phone' : colorScheme === 'dark' ? '-dark' : ''}.png`);
  await page.screenshot({ path: file });
  console.log(file);
  await context.close();
}

try {
  for (const page of pages) for (const scheme of ['light', 'dark']) await take(page, scheme);
  await take(
    pages.find(({ name }) => name === 'annotate'),
    'light',
    { width: 390, height: 780 },
  );
} finally {
  await browser.close();
}
