import { describe, expect, test } from 'vitest';
import { runningCampaign } from '../api/rig.ts';
import { noBrowser, usePages } from '../support/pages.ts';

const VISITS = 7;
const TASKS = 24;
/** What is wanted is a second, and 100 ms; a machine that does other things meanwhile is given several times as much. */
const MOST_MS = { firstTask: 10_000, nextTask: 1000 } as const;

/** Watches, from before the first paint, what moves on the page; and how long a key takes to show the next task. */
const WATCH = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) window.shifts.push({ value, hadRecentInput });
  }).observe({ type: 'layout-shift', buffered: true });
  window.shownMs = new Promise((shown) => {
    const look = () =>
      document.querySelector('.work-form .plain') ? requestAnimationFrame(() => shown(performance.now())) : requestAnimationFrame(look);
    look();
  });
  window.nextMs = () => new Promise((shown) => {
    const before = document.querySelector('.work-form .plain').textContent;
    const pressedMs = performance.now();
    const look = () =>
      document.querySelector('.work-form .plain')?.textContent === before
        ? requestAnimationFrame(look)
        : requestAnimationFrame(() => shown(performance.now() - pressedMs));
    document.addEventListener('keydown', look, { once: true, capture: true });
  });`;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

describe.skipIf(noBrowser)('the workspace', () => {
  const pages = usePages();

  test('shows a first task soon from an empty cache, the next one at once, and moves nothing in between', async () => {
    const items = Array.from({ length: VISITS + TASKS + 2 }, (_, at) => ({ text: `Message ${at}` }));
    const { id, annotators } = await runningCampaign(pages.rig, {
      settings: { redundancy: 1, maxLeases: 50 },
      items,
      annotators: 1,
    });
    const key = annotators[0]?.apiKey ?? '';
    const first: number[] = [];
    for (let visit = 0; visit < VISITS; visit++) {
      const seat = await pages.seat(key);
      await seat.context.addInitScript(WATCH);
      await seat.page.goto(`/annotate?campaign=${id}`);
      first.push((await seat.page.evaluate('window.shownMs')) as number);
      if (visit < VISITS - 1) await pages.leave(seat);
      else {
        const { page } = seat;
        // What comes with the first task may move it; from here on nothing may.
        await page.evaluate('window.shifts.length = 0');
        const next: number[] = [];
        for (let task = 0; task < TASKS; task++) {
          await page.keyboard.press('1');
          const shown = page.evaluate('window.nextMs()') as Promise<number>;
          await page.evaluate('0');
          await page.keyboard.press('Control+Enter');
          next.push(await shown);
        }
        const shifts = (await page.evaluate('window.shifts')) as { value: number; hadRecentInput: boolean }[];
        const moved = shifts.filter(({ hadRecentInput }) => !hadRecentInput);
        const sum = (of: typeof shifts) => of.reduce((total, { value }) => total + value, 0);
        console.info(
          `first task ${Math.round(median(first))} ms (${first.map(Math.round).join(', ')}), ` +
            `next task ${median(next).toFixed(1)} ms (most ${Math.max(...next).toFixed(1)}), ` +
            `layout shift ${sum(moved)} (${sum(shifts).toFixed(4)} with what an answer itself moves)`,
        );
        expect(median(first)).toBeLessThan(MOST_MS.firstTask);
        expect(median(next)).toBeLessThan(MOST_MS.nextTask);
        expect(sum(moved)).toBe(0);
        await pages.leave(seat);
      }
    }
  });
});
