import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { addAnnotators, runningCampaign } from '../api/rig.ts';
import { lookAway } from '../support/browser.ts';
import { deferred } from '../support/deferred.ts';
import { noBrowser, usePages } from '../support/pages.ts';

const TEXTS = ['one', 'two', 'three'];

/** What goes wrong at an annotator's desk when hands, clocks and connections are not as they should be. */
describe.skipIf(noBrowser)('the desk of an annotator', () => {
  const pages = usePages();

  interface Task {
    readonly settings?: Record<string, unknown>;
    readonly items?: readonly object[];
    /** Runs in the page before anything else. */
    readonly before?: string;
    readonly locale?: string;
  }

  /** A campaign, and somebody new at work on it. */
  async function sit({ settings = {}, items = TEXTS.map((text) => ({ text })), before, locale }: Task = {}) {
    const all = { redundancy: 1, ...settings };
    const { id, annotators } = await runningCampaign(pages.rig, { settings: all, items, annotators: 1 });
    const key = annotators[0]?.apiKey ?? '';
    const seat = await pages.seat(key, locale === undefined ? {} : { locale });
    if (before !== undefined) await seat.context.addInitScript(before);
    const { page } = seat;
    await page.goto(`/annotate?campaign=${id}`);
    await page.locator('.work-form .answer').waitFor();
    const labels = async () =>
      (
        await pages.rig.db<{ label: unknown }[]>`
          select l.label from annotations n join annotation_labels l on l.annotation_id = n.id
          where n.campaign_id = ${id} order by n.id`
      ).map(({ label }) => label);
    /** The labels that are stored once what the desk holds back is sent. */
    const sent = async () => {
      await lookAway(page);
      return labels();
    };
    const shown = page.locator('.work-form .plain');
    /** Answers the task that is shown, and waits for the next one; gives what was shown. */
    const answer = async () => {
      const before = (await shown.textContent()) ?? '';
      await page.keyboard.press('1');
      await page.keyboard.press('Enter');
      await shown.filter({ hasNotText: before }).waitFor();
      return before;
    };
    return { id, key, seat, page, labels, sent, shown, answer };
  }

  /** Holds requests to such a path back until `go` is called. */
  async function hold(page: Page, path: string): Promise<{ held: Promise<void>; go: () => void }> {
    const [held, free] = [deferred<void>(), deferred<void>()];
    await page.route(path, async (route) => {
      held.resolve();
      await free.promise;
      await route.continue();
    });
    return { held: held.promise, go: () => free.resolve() };
  }

  test('a key that is held down answers one task, and one pressed twice does, too', async () => {
    const settings = { type: 'span', config: { labels: ['PERSON'] } };
    const { page, seat, sent, shown } = await sit({ settings });
    const first = (await shown.textContent()) ?? '';
    for (const key of ['Shift+ArrowRight', '1']) await page.keyboard.press(key);
    await page.keyboard.down('Control');
    await page.keyboard.down('Enter');
    await shown.filter({ hasNotText: first }).waitFor();
    const second = (await shown.textContent()) ?? '';
    // As long as a hand may rest on it.
    for (const startedMs = performance.now(); performance.now() - startedMs < 700; ) {
      await page.keyboard.down('Enter');
    }
    await page.keyboard.up('Enter');
    await page.keyboard.up('Control');
    expect(await shown.textContent()).toBe(second);
    for (const key of ['Shift+ArrowRight', '1']) await page.keyboard.press(key);

    // The second press of a double one falls on the task that has just come.
    await page.evaluate(`{
      const text = () => document.querySelector('.work-form .plain')?.textContent ?? '';
      const enter = () => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      const before = text();
      new MutationObserver((_, seen) => {
        if (text() === '' || text() === before) return;
        seen.disconnect();
        // Once the task has drawn itself.
        requestAnimationFrame(enter);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
      enter();
    }`);
    await shown.filter({ hasNotText: second }).waitFor();
    await expect.poll(sent).toHaveLength(2);
    await page.getByText('Nothing is marked.').waitFor();
    expect(await shown.count()).toBe(1);
    await expect
      .poll(async () => {
        await page.keyboard.press('Enter');
        return page.getByText('No tasks for you right now').count();
      })
      .toBe(1);
    await pages.leave(seat);
  });

  test('an answer that says nothing is asked about once more, and Enter is for the task once the help is closed', async () => {
    const { page, seat, labels, sent } = await sit({
      settings: { type: 'span', config: { labels: ['PERSON'] } },
      items: [{ text: 'one' }],
    });
    await page.getByRole('button', { name: 'Keyboard' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByText('Submit once more to say that there is nothing.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await labels()).toEqual([]);
    await expect
      .poll(async () => {
        await page.keyboard.press('Enter');
        return page.getByText('No tasks for you right now').count();
      })
      .toBe(1);
    await expect.poll(sent).toEqual([[]]);
    await pages.leave(seat);
  });

  test('what is still missing is said beside the undo of the answer before', async () => {
    const { page, seat, answer } = await sit();
    await answer();
    const message = page.locator('.work-message');
    // Enter right after the task has come is for the one before.
    await expect
      .poll(async () => {
        await page.keyboard.press('Enter');
        return message.getAttribute('data-kind');
      })
      .toBe('trouble');
    await message.getByRole('button', { name: 'Undo' }).waitFor();
    await pages.leave(seat);
  });

  test('Enter on a choice takes it, and on the choice that is taken sends it', async () => {
    const names = Array.from({ length: 13 }, (_, at) => `label ${at + 1}`);
    const { page, seat, labels } = await sit({ settings: { config: { labels: names } }, items: [{ text: 'one' }] });
    const last = page.getByRole('button', { name: 'label 13' });
    await last.focus();
    await page.keyboard.press('Enter');
    expect(await last.getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('Enter');
    await page.getByText('No tasks for you right now').waitFor();
    await expect.poll(labels, { timeout: 40_000 }).toEqual(['label 13']);
    await pages.leave(seat);
  });

  test('an answer is not lost when undo is pressed while the next task is being skipped', async () => {
    const { page, seat, sent, shown, answer } = await sit();
    const first = await answer();
    const second = (await shown.textContent()) ?? '';
    const skip = await hold(page, '**/skip');
    await page.keyboard.press('s');
    await page.getByLabel('I cannot tell the right answer').check();
    await page.getByRole('button', { name: 'Skip task' }).click();
    await skip.held;
    await page.keyboard.press('u');
    expect(await shown.textContent()).toBe(second);
    skip.go();
    await shown.filter({ hasNotText: second }).waitFor();
    expect(await shown.textContent()).not.toBe(first);
    await expect.poll(sent).toEqual(['spam']);
    await pages.leave(seat);
  });

  test('signing out sends the last answer first, and says where it could not be done', async () => {
    const { page, seat, labels, shown, answer } = await sit();
    // Before the answer is given: on a slow machine it might be sent by the time that signing out is clicked.
    await page.route('**/annotation', (route) => route.abort());
    await answer();
    const out = page.getByRole('button', { name: 'Sign out' });
    await out.click();
    await page.getByRole('alert').filter({ hasText: 'You are still signed in' }).waitFor();
    await page.unroute('**/annotation');
    await page.route('**/sign-out', (route) => route.abort());
    await out.click();
    await expect.poll(labels).toEqual(['spam']);
    await page.getByRole('alert').filter({ hasText: 'The server could not be reached.' }).waitFor();
    expect(await shown.count()).toBe(1);
    await page.unroute('**/sign-out');
    await out.click();
    // Signing in leads on to setting up, as this server has no owner yet.
    await page.getByRole('heading', { name: 'Welcome to Quorate' }).waitFor();
    expect(await page.evaluate('localStorage.getItem("quorate.key")')).toBeNull();
    await pages.leave(seat);
  });

  test('answers of two closed tabs outlive a third that is closed before they are sent', async () => {
    const { id, page, seat, labels, shown } = await sit({ settings: { maxLeases: 5 } });
    await seat.context.route('**/annotation', (route) => route.abort());
    const other = await seat.context.newPage();
    await other.goto(`/annotate?campaign=${id}`);
    await other.locator('.work-form .answer').waitFor();
    for (const [tab, key] of [
      [page, '1'],
      [other, '2'],
    ] as const) {
      const text = tab.locator('.work-form .plain');
      const before = (await text.textContent()) ?? '';
      await tab.keyboard.press(key);
      await tab.keyboard.press('Enter');
      await expect.poll(async () => (await text.count()) === 0 || (await text.textContent()) !== before).toBe(true);
    }
    const kept = (tab: Page) =>
      tab.evaluate<number>(`Object.keys(localStorage).filter((key) => key.startsWith('quorate.held.'))
        .flatMap((key) => JSON.parse(localStorage.getItem(key)).given).length`);
    expect(await kept(page)).toBe(2);
    await other.close();
    await page.goto('/favicon.svg');
    const third = await seat.context.newPage();
    const tried = third.waitForRequest('**/annotation');
    await third.goto(`/annotate?campaign=${id}`);
    await tried;
    await third.close();
    expect(await kept(page)).toBe(2);
    await seat.context.unroute('**/annotation');
    await page.goto(`/annotate?campaign=${id}`);
    await expect.poll(async () => (await labels()).sort(), { timeout: 40_000 }).toEqual(['ham', 'spam']);
    expect(await shown.count()).toBeLessThan(2);
    await pages.leave(seat);
  });

  test('a desk with nothing to do takes up what a tab that was closed has left', async () => {
    const { id, page, seat, shown } = await sit({ settings: { maxLeases: 5 } });
    const other = await seat.context.newPage();
    await other.goto(`/annotate?campaign=${id}`);
    await other.locator('.work-form .answer').waitFor();
    const left = (await other.locator('.work-form .plain').textContent()) ?? '';
    await other.close();
    await expect
      .poll(async () => {
        if ((await shown.count()) === 0) return '';
        const text = await shown.textContent();
        if (text === left) return left;
        await page.keyboard.press('1');
        await page.keyboard.press('Enter');
        return text;
      })
      .toBe(left);
    await pages.leave(seat);
  });

  test('an answer counts as given at once, and taken back it is no draft of before', async () => {
    const { page, seat, shown, answer } = await sit();
    const first = await answer();
    await page.getByText('1 answered in this session').waitFor();
    await page.keyboard.press('u');
    await shown.filter({ hasText: first }).waitFor();
    await page.getByText('You can change your answer.').waitFor();
    await page.reload();
    await page.getByText('Your draft was restored.').waitFor();
    await pages.leave(seat);
  });

  test('the buttons of a pair stand in the order of its answers, from right to left, too', async () => {
    const items = [{ prompt: 'Which?', a: 'first', b: 'second' }];
    const { page, seat } = await sit({ settings: { type: 'pairwise', config: {} }, items, locale: 'ar' });
    const lefts = async (selector: string) =>
      (await Promise.all((await page.locator(selector).all()).map((each) => each.boundingBox()))).map(
        (box) => box?.x ?? 0,
      );
    for (const selector of ['.pair > *', '.choices-pair > *']) {
      const [first = 0, second = 0] = await lefts(selector);
      expect(first).toBeLessThan(second);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    const [first, second, third] = await lefts('.choices-pair > *');
    expect([first === third, first === second]).toEqual([true, false]);
    await pages.leave(seat);
  });

  test('what was begun at two desks comes back one after the other, though the time of both is up', async () => {
    const settings = { type: 'free_text', config: {}, maxLeases: 5 };
    const items = ['A?', 'B?', 'C?', 'D?'].map((prompt) => ({ prompt }));
    const { id, page, seat } = await sit({ settings, items });
    const write = async (tab: Page, text: string) => {
      await tab.getByLabel('Your text').fill(text);
      await tab.locator('.saved[data-saved=server]').waitFor();
    };
    await write(page, 'one');
    const other = await seat.context.newPage();
    await other.goto(`/annotate?campaign=${id}`);
    await write(other, 'two');
    await other.close();
    await page.goto('/favicon.svg');
    const past = new Date(Date.now() - 60_000).toISOString();
    await page.evaluate(`for (const key of Object.keys(localStorage).filter((each) => each.startsWith('quorate.held.'))) {
      const held = JSON.parse(localStorage.getItem(key));
      for (const offer of held.offers) offer.expiresAt = '${past}';
      localStorage.setItem(key, JSON.stringify(held));
    }`);
    await pages.rig.db`update assignments set expires_at = ${past} where campaign_id = ${id}`;
    await pages.rig.db`update slots set lease_expires_at = ${past} where campaign_id = ${id} and state = 'leased'`;
    await page.goto(`/annotate?campaign=${id}`);
    const field = page.getByLabel('Your text');
    await expect.poll(() => field.inputValue()).toMatch(/one|two/);
    const first = await field.inputValue();
    await page.getByRole('button', { name: 'Submit answer' }).click();
    await expect.poll(() => field.inputValue()).toBe(first === 'one' ? 'two' : 'one');
    await pages.leave(seat);
  });

  test('an answer that could not be sent as its desk was left is sent once it can be, on whatever page', async () => {
    const { page, seat, labels, answer } = await sit();
    await page.route('**/annotation', (route) => route.abort());
    await answer();
    const tried = page.waitForRequest('**/annotation');
    await page.getByRole('link', { name: 'My page' }).click();
    await tried;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('alert').filter({ hasText: 'You are still signed in' }).waitFor();
    await page.unroute('**/annotation');
    await expect.poll(labels, { timeout: 40_000 }).toEqual(['spam']);
    await pages.leave(seat);
  });

  test('an answer given as somebody else signs in in another tab is kept for whose it is, and the desk is theirs', async () => {
    const { id, key, page, seat, labels, sent, shown } = await sit();
    const [other] = await addAnnotators(pages.rig, 1);
    const first = (await shown.textContent()) ?? '';
    await page.keyboard.press('1');
    await page.evaluate(`localStorage.setItem('quorate.key', '${other?.apiKey}')`);
    const refused = page.waitForResponse((response) => response.url().endsWith('/annotation'));
    await page.keyboard.press('Enter');
    await lookAway(page);
    expect((await (await refused).json()).code).toBe('lease_foreign');
    await shown.filter({ hasNotText: first }).waitFor();
    expect(await labels()).toEqual([]);
    await page.evaluate(`localStorage.setItem('quorate.key', '${key}')`);
    await page.goto(`/annotate?campaign=${id}`);
    await expect.poll(sent).toEqual(['spam']);
    await pages.leave(seat);
  });

  test('who signs out in one tab has signed out in the others', async () => {
    const { page, seat } = await sit();
    const other = await seat.context.newPage();
    await other.goto('/me');
    await other.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL((url) => url.pathname !== '/annotate');
    await pages.leave(seat);
  });

  test('a pattern that other engines never come to the end of is left to the server', async () => {
    const settings = { type: 'free_text', config: { pattern: '(\\w+\\s?)*\\.', patternHint: 'words and a full stop' } };
    const { page, seat, sent } = await sit({ settings, items: [{ prompt: 'Say something.' }] });
    const field = page.getByLabel('Your text');
    const text = 'and so on '.repeat(20).trim();
    await field.fill(text);
    await page.keyboard.press('Control+Enter');
    await lookAway(page);
    await page.getByText('does not have the form asked for, words and a full stop').waitFor();
    await field.fill(`${text}.`);
    await page.keyboard.press('Control+Enter');
    await expect.poll(sent).toEqual([`${text}.`]);
    await pages.leave(seat);
  });

  test('of two drafts the one that was written last is shown', async () => {
    const settings = { type: 'free_text', config: {} };
    const { id, key, page, seat } = await sit({ settings, items: [{ prompt: 'Say something.' }] });
    const field = page.getByLabel('Your text');
    const saved = page.locator('.saved[data-saved=server]');
    await field.fill('begun here');
    await saved.waitFor();
    const { body } = await pages.rig.call(key, 'GET', '/v1/me/assignments');
    const path = `/v1/assignments/${body.items[0].assignmentId}/draft`;
    const { content } = (await pages.rig.call(key, 'GET', path)).body;
    const elsewhere = { ...content, value: 'ended elsewhere', savedAtMs: content.savedAtMs + 60_000 };
    await pages.rig.call(key, 'PUT', path, { content: elsewhere });
    await page.reload();
    await expect.poll(() => field.inputValue()).toBe('ended elsewhere');
    await pages.rig.call(key, 'PUT', path, { content: { ...elsewhere, value: 'older', savedAtMs: 1 } });
    const looked = page.waitForResponse((response) => response.url().endsWith('/draft'));
    await page.goto(`/annotate?campaign=${id}`);
    await looked;
    expect(await field.inputValue()).toBe('begun here');
    await pages.leave(seat);
  });

  test('what is selected beyond the text is marked to its end, and what is selected elsewhere is not', async () => {
    const labels = Array.from({ length: 13 }, (_, at) => `L${at + 1}`);
    const settings = { type: 'span', config: { labels } };
    const { page, seat } = await sit({ settings, items: [{ text: 'Ana lives in Porto' }] });
    const marks = page.locator('.span-list .span-quote');
    const place = (await page.locator('.span-text').evaluate((holder) => {
      const text = holder.querySelector('.segment')?.firstChild;
      const range = holder.ownerDocument.createRange();
      if (text) range.setStart(text, 'Ana lives in '.length);
      if (text) range.setEnd(text, 'Ana lives in P'.length);
      const { left, top, bottom } = range.getBoundingClientRect();
      return { x: left + 1, y: (top + bottom) / 2 };
    })) as { x: number; y: number };
    const below = (await page.getByText('Select text, then choose a label.').boundingBox()) ?? { x: 0, y: 0 };
    await page.mouse.move(place.x, place.y);
    await page.mouse.down();
    await page.mouse.move(place.x + 20, place.y, { steps: 3 });
    await page.mouse.move(below.x + 60, below.y + 8, { steps: 5 });
    await page.mouse.up();
    // Looking for a label keeps what is selected.
    await page.getByLabel('Find a label').fill('L12');
    await page.getByRole('button', { name: 'L12' }).click();
    await marks.first().waitFor();
    expect(await marks.allTextContents()).toEqual(['Porto']);

    await page.keyboard.press('Escape');
    await page.getByLabel('Find a label').fill('');
    await page.getByText('Select text, then choose a label.').dblclick();
    await page.getByRole('button', { name: 'L1', exact: true }).click();
    expect(await marks.allTextContents()).toEqual(['Porto']);
    await pages.leave(seat);
  });

  test('what had the focus and is made anew has it still', async () => {
    const ranking = { type: 'preference_ranking', config: {} };
    const items = [{ prompt: 'Which is best?', answers: ['a', 'b', 'c'] }];
    const { page, seat } = await sit({ settings: ranking, items });
    const focused = (name: string) => page.getByRole('button', { name, exact: true }).and(page.locator(':focus'));
    await page.getByRole('button', { name: 'Answer 2: Move up' }).press('Enter');
    await page.locator('[data-rank="1"]').waitFor();
    await focused('Answer 2: Move up').waitFor();
    await page.getByRole('button', { name: 'Answer 2: Take out of the ranking' }).press('Enter');
    await page.locator('[data-rank="1"]').waitFor({ state: 'detached' });
    // That one is off now.
    await focused('Answer 2: Move up').waitFor();
    await page.getByRole('button', { name: 'Close' }).press('Enter');
    await focused('Instructions').waitFor();
    await pages.leave(seat);
  });

  test('a score of a long scale is typed, and one off the scale is refused in words', async () => {
    const settings = { type: 'likert', config: { min: 10, max: 100, criteria: [{ name: 'clear' }] } };
    const { page, seat, labels } = await sit({ settings, items: [{ text: 'A text.' }] });
    const field = page.getByRole('textbox', { name: 'clear' });
    await field.click();
    await page.keyboard.type('500');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('status').filter({ hasText: 'clear: a whole number from 10 to 100.' }).waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Control+Enter');
    await page.getByText('No tasks for you right now').waitFor();
    await page.goto('/me');
    await expect.poll(labels).toEqual([{ clear: 50 }]);
    await pages.leave(seat);
  });

  test('whoever does nothing that is seen asks for more time by a button, and is told what a late answer pays', async () => {
    const settings = { leaseMs: 8000, hourlyUsd: '18', priceUsd: '0.05', lateAnswers: 'keep_unpaid' };
    const { page, seat } = await sit({ settings });
    await page.getByText('up to $0.05, by your time at $18.00 an hour').waitFor();
    const given = page.waitForResponse('**/extend');
    // As a screen reader presses it: with neither a key nor a pointer.
    await page.getByRole('button', { name: 'I need more time' }).dispatchEvent('click');
    expect((await given).status()).toBe(200);
    await page.getByText('You were given more time.').waitFor();
    await page.route('**/extend', (route) => route.abort());
    await page.getByText('it counts and is paid if nobody else has taken the place by then').waitFor();
    await seat.context.close();
  });

  test('whoever has answered all of a day is told until when, and not that the page waits', async () => {
    const { page, seat } = await sit({ settings: { dailyLimit: 1 } });
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await page.getByText('You have answered as many as you may in a day.').waitFor();
    expect(await page.getByText('This page waits').count()).toBe(0);
    // As the list of keys says.
    await page.keyboard.press('u');
    await page.locator('.work-form .answer').waitFor();
    await seat.context.close();
  });

  test('what a key chose is read out, and single keys do nothing once they are switched off', async () => {
    const { page, seat, labels } = await sit();
    const said = page.getByRole('status').filter({ hasText: /^spam$/ });
    await page.keyboard.press('1');
    await said.waitFor({ state: 'attached' });
    await page.keyboard.press('?');
    await page.getByRole('checkbox', { name: 'Letters, digits and signs are shortcuts' }).uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    for (const key of ['2', 's', 'r', '?', 'i', 'u']) await page.keyboard.press(key);
    expect(await page.getByRole('dialog').count()).toBe(0);
    await said.waitFor({ state: 'attached' });
    await page.reload();
    await page.locator('.work-form .answer').waitFor();
    await page.keyboard.press('2');
    await said.waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await page.goto('/me');
    await expect.poll(labels).toEqual(['spam']);
    await seat.context.close();
  });

  test('a lease is counted by the clock of the server, and nobody is told of time they were not given', async () => {
    const slow = 'const now = Date.now; Date.now = () => now() - 2 * 3600 * 1000;';
    const { page, seat } = await sit({ settings: { leaseMs: 8000 }, before: slow });
    await page.route('**/extend', async (route) => {
      const { items } = (
        await pages.rig.call(
          (await route.request().headerValue('authorization'))?.replace('Bearer ', ''),
          'GET',
          '/v1/me/assignments',
        )
      ).body;
      await route.fulfill({ json: { expiresAt: items[0].expiresAt } });
    });
    expect(await page.getByRole('timer').textContent()).toMatch(/^0:0[0-8] left$/);
    const asked = page.waitForRequest('**/extend');
    await page.mouse.move(300, 300);
    await asked;
    await page.getByRole('status').filter({ hasText: 'Time is nearly up, and there is no more of it.' }).waitFor();
    expect(await page.getByRole('button', { name: 'I need more time' }).count()).toBe(0);
    expect(await page.getByText('You were given more time.').count()).toBe(0);
    await page.getByRole('status').filter({ hasText: 'Your time for this task has run out.' }).waitFor();
    await pages.leave(seat);
  });
});
