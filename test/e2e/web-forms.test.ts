import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookAway, openBrowser, seriousFaults, takeSeat } from '../support/browser.ts';
import { noBrowser } from '../support/pages.ts';
import { until } from '../support/rig.ts';
import { type HeldStack, holdUp, makePlace, type Place, requireBuild } from '../support/stack.ts';
import samples from '../support/web-samples.json' with { type: 'json' };
import { ask } from './campaign.ts';
import { ANSWERS } from './web-answers.ts';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly apiKey: string;
}
interface Story {
  readonly story: { readonly annotations: readonly { annotator: string; label: unknown; timeSpentS: number }[] };
}

const EVIL =
  'x <script>window.pwned = 1</script><img src="x" onerror="window.pwned = 1"> [go](javascript:window.pwned=1) <b onclick="window.pwned=1">b</b>';

function poison(value: unknown): unknown {
  if (typeof value === 'string') return EVIL;
  if (Array.isArray(value)) return value.map(poison);
  if (typeof value !== 'object' || value === null) return value;
  // A turn's role is asked for by name.
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, name === 'role' ? each : poison(each)]));
}

describe.skipIf(noBrowser)('the annotation workspace in a real browser', () => {
  let place: Place;
  let stack: HeldStack;
  let browser: Browser;
  let people: Person[];
  /** By task type, a campaign of its sample's first item: made together, so that nobody waits for their tasks. */
  let plain: ReadonlyMap<string, string>;
  let poisoned: ReadonlyMap<string, string>;
  beforeAll(async () => {
    requireBuild();
    place = await makePlace();
    stack = await holdUp(place);
    browser = await openBrowser();
    people = [];
    for (const name of ['Mina', 'Kei']) people.push((await ask(stack, 'POST', '/v1/annotators', { name })) as Person);
    plain = await ofEachType(({ items, ...sample }) => campaign(sample, items.slice(0, 1)));
    poisoned = await ofEachType(({ type, config, items }) => {
      const named = type === 'classification' || type === 'span' ? { ...config, labels: [EVIL, 'fine'] } : config;
      return campaign({ type, config: named, name: EVIL, instructions: EVIL }, [poison(items[0]) as object]);
    });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    place?.remove();
  });

  async function ofEachType(make: (sample: (typeof samples)[number]) => Promise<string>) {
    return new Map(await Promise.all(samples.map(async (each) => [each.type, await make(each)] as const)));
  }

  async function campaign(body: object, items: readonly object[]): Promise<string> {
    const { id } = (await ask(stack, 'POST', '/v1/campaigns', {
      budgetUsd: '100',
      redundancy: 2,
      goldRatio: 0,
      ...body,
    })) as { id: string };
    await ask(stack, 'POST', `/v1/campaigns/${id}/items`, items);
    await ask(stack, 'POST', `/v1/campaigns/${id}/start`);
    return id;
  }

  async function answersOf(campaignId: string): Promise<Story['story']['annotations']> {
    const { items } = (await ask(stack, 'GET', `/v1/campaigns/${campaignId}/tasks`)) as { items: { id: string }[] };
    const stories = await Promise.all(items.map(({ id }) => ask(stack, 'GET', `/v1/tasks/${id}`) as Promise<Story>));
    return stories.flatMap(({ story }) => [...story.annotations]);
  }

  const at = (who: number) => people[who] as Person;
  const seat = (who: number, options = {}) => takeSeat(browser, { url: stack.url, key: at(who).apiKey, ...options });
  const work = async (page: Page, id: string) => {
    await page.goto(`/annotate?campaign=${id}`);
    await page.locator('.work-form .answer').waitFor();
  };
  /** The last answer can be taken back for some seconds; then it is stored. */
  const stored = async (page: Page) => {
    await page.getByText('No tasks for you right now').waitFor();
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
  };

  /** Whoever leaves the page gives up taking the answer back: it is sent at once, and nobody has to wait for it. */
  const leave = async (page: Page) => {
    await page.getByText('No tasks for you right now').waitFor();
    await page.goto('/me');
  };

  test.each(samples.map(({ type }) => [type] as const))('%s is answered by mouse, and by keys alone', async (type) => {
    const id = plain.get(type) ?? '';
    const answer = ANSWERS[type];
    if (!answer) throw new Error(`Nobody says how ${type} is answered.`);
    const mouse = await seat(0);
    await work(mouse.page, id);
    expect(await seriousFaults(mouse.page)).toEqual([]);
    await answer.mouse(mouse.page);
    expect(await seriousFaults(mouse.page)).toEqual([]);
    await mouse.page.getByRole('button', { name: 'Submit answer' }).click();
    await leave(mouse.page);

    const keys = await seat(1, { colorScheme: 'dark' });
    await work(keys.page, id);
    await answer.keys(keys.page);
    expect(await seriousFaults(keys.page)).toEqual([]);
    await keys.page.keyboard.press(type === 'free_text' ? 'Control+Enter' : 'Enter');
    await leave(keys.page);

    const answers = await until('both answers are stored', async () => {
      const found = await answersOf(id);
      return found.length === 2 && found;
    });
    expect(answers.map(({ annotator, label }) => [annotator, label])).toEqual(
      expect.arrayContaining([
        ['Mina', answer.label],
        ['Kei', answer.label],
      ]),
    );
    expect(answers.every(({ timeSpentS }) => timeSpentS > 0 && timeSpentS < 120)).toBe(true);
    expect([...mouse.complaints, ...keys.complaints]).toEqual([]);
    await mouse.context.close();
    await keys.context.close();
  });

  test('what others wrote is text or harmless Markdown, in every field of every form', async () => {
    const { page, context, complaints } = await seat(0);
    for (const id of poisoned.values()) {
      await work(page, id);
      expect(await page.evaluate('window.pwned')).toBeUndefined();
      expect(await page.locator('main script, main img, main [onclick], main [href^="javascript"]').count()).toBe(0);
      await page.getByRole('button', { name: 'Skip', exact: true }).click();
      await page.getByLabel('I cannot tell the right answer').check();
      await page.getByRole('button', { name: 'Skip task' }).click();
      await page.getByText('No tasks for you right now').waitFor();
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a double click, going back and a second tab make no second answer', async () => {
    const items = ['one', 'two', 'three', 'four'].map((text) => ({ text }));
    const id = await campaign({ type: 'classification', config: { labels: ['a', 'b'] }, name: 'Twice' }, items);
    const { page, context } = await seat(0);
    await work(page, id);
    const other = await context.newPage();
    await work(other, id);
    const shown = (each: Page) => each.locator('.work-form .plain').textContent();
    expect(await shown(page)).not.toBe(await shown(other));
    await page.keyboard.press('1');
    await page.getByRole('button', { name: 'Submit answer' }).dblclick();
    await lookAway(page);
    await page.getByText('Answer stored.').waitFor();
    await page.goto('/me');
    await page.goBack();
    await page.locator('.work-form .answer').waitFor();
    await other.keyboard.press('2');
    await other.keyboard.press('Enter');
    await lookAway(other);
    await other.getByText('Answer stored.').waitFor();
    const answers = await until('both answers are there', async () => {
      const found = await answersOf(id);
      return found.length >= 2 && found;
    });
    expect(answers).toHaveLength(2);
    await context.close();
  });

  test('a draft outlives the page, another device, and a kill of the API in mid-answer', async () => {
    const id = await campaign({ type: 'free_text', config: {}, name: 'Drafts' }, [{ prompt: 'Say something long.' }]);
    const { page, context } = await seat(0);
    await work(page, id);
    await page.getByLabel('Your text').fill('Half of an ans');
    const pid = stack.pids.api();
    if (pid === undefined) throw new Error('There is no API process.');
    process.kill(pid, 'SIGKILL');
    await page.getByLabel('Your text').fill('Half of an answer, and the rest');
    await page.getByRole('button', { name: 'Submit answer' }).click();
    await until(
      'the API is up again',
      async () => {
        const response = await fetch(`${stack.url}/readyz`).catch(() => undefined);
        return response?.ok === true && stack.pids.api() !== pid;
      },
      120_000,
    );
    // The page is closed and opened anew, as after a crash of the browser.
    await page.close();
    const again = await context.newPage();
    await again.goto(`/annotate?campaign=${id}`);
    const kept = again.getByLabel('Your text');
    const sent = again.getByText('No tasks for you right now');
    // What was submitted is sent first; without the submission reaching the page's end, the draft is in the form.
    await kept.or(sent).waitFor();
    // Either it went through before the kill was felt, or it is in the form still.
    if (await kept.isVisible()) {
      expect(await kept.inputValue()).toBe('Half of an answer, and the rest');
      await again.getByRole('button', { name: 'Submit answer' }).click();
    }
    await stored(again);
    const [answer] = await answersOf(id);
    expect(answer?.label).toBe('Half of an answer, and the rest');
    await context.close();
  });

  test('the last answer can be taken back for a while, and is sent when the page is closed', async () => {
    const items = ['one', 'two'].map((text) => ({ text }));
    const id = await campaign({ type: 'classification', config: { labels: ['a', 'b'] }, name: 'Undo' }, items);
    const { page, context, complaints } = await seat(1);
    // Time stands still for the last answer, however slow the page is.
    await context.addInitScript(
      'const real = setTimeout; window.setTimeout = (act, ms, ...more) => real(act, ms === 20_000 ? 600_000 : ms, ...more);',
    );
    await work(page, id);
    const shown = page.locator('.work-form .plain');
    const first = (await shown.textContent()) ?? '';
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await shown.filter({ hasNotText: first }).waitFor();
    await page.keyboard.press('u');
    await shown.filter({ hasText: first }).waitFor();
    expect(await page.locator('.choice[aria-pressed=true]').textContent()).toBe('a');
    expect(await answersOf(id)).toEqual([]);
    await page.keyboard.press('2');
    await page.keyboard.press('Enter');
    await shown.filter({ hasNotText: first }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.close();
    // Where the browser did not send it on the way out, the page does when it is opened again.
    const again = await context.newPage();
    await work(again, id);
    expect(await again.locator('.work-form .plain').textContent()).not.toBe(first);
    expect((await answersOf(id)).map(({ label }) => label)).toEqual(['b']);
    await again.keyboard.press('1');
    await again.keyboard.press('Enter');
    await again.getByText('No tasks for you right now').waitFor();
    await again.getByRole('button', { name: 'Undo' }).click();
    await again.locator('.work-form .answer').waitFor();
    await again.keyboard.press('Enter');
    await leave(again);
    await until('both are stored', async () => (await answersOf(id)).length === 2);
    expect((await answersOf(id)).map(({ label }) => label).sort()).toEqual(['a', 'b']);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('nothing moves between tasks', async () => {
    const items = ['one', 'two', 'three'].map((text) => ({ text }));
    const id = await campaign({ type: 'classification', config: { labels: ['a', 'b'] }, name: 'Quick' }, items);
    const { page, context } = await seat(1);
    await page.addInitScript(`
      window.shifts = [];
      new PerformanceObserver((list) => window.shifts.push(...list.getEntries().filter((e) => !e.hadRecentInput).map((e) => e.value)))
        .observe({ type: 'layout-shift', buffered: true });
    `);
    const startedMs = performance.now();
    await work(page, id);
    const firstMs = performance.now() - startedMs;
    await page.evaluate('window.shifts.length = 0');
    const shown = page.locator('.work-form .plain');
    for (let left = items.length; left > 0; left--) {
      const before = (await shown.textContent()) ?? '';
      await page.keyboard.press('1');
      await page.keyboard.press('Enter');
      if (left === 1) await page.getByText('No tasks for you').waitFor();
      else await page.locator('.work-form .plain', { hasNotText: before }).waitFor();
    }
    const shift = (await page.evaluate('window.shifts.reduce((sum, each) => sum + each, 0)')) as number;
    console.log(`First task after ${Math.round(firstMs)} ms; layout shift ${shift.toFixed(4)}.`);
    expect(shift).toBeLessThan(0.05);
    await context.close();
  });

  test('on a phone, and from right to left, all of it can be reached', async () => {
    const [sample] = samples;
    const id = await campaign({ ...sample, items: undefined }, sample?.items ?? []);
    const { page, context, complaints } = await seat(0, { viewport: { width: 375, height: 720 }, locale: 'ar' });
    await work(page, id);
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await page.getByRole('button', { name: 'إرسال الإجابة' }).waitFor();
    const wider = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(wider).toBeLessThanOrEqual(0);
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
