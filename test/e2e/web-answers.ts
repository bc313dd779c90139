import type { Locator, Page } from 'playwright-core';

/** How one form is answered by mouse alone and by keys alone, and what label both come to. */
export interface Answering {
  mouse(page: Page): Promise<void>;
  keys(page: Page): Promise<void>;
  readonly label: unknown;
}

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const times = (count: number, key: string) => Array.from({ length: count }, () => key);
const choose = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();

/** Which side shows the answer that has this text: it is drawn for each annotator. */
async function sideOf(page: Page, text: string): Promise<1 | 2> {
  const first = await page.locator('.pair .content-card').first().textContent();
  return first?.includes(text) ? 1 : 2;
}

const card = (page: Page, text: string) => page.locator('.rank-card', { hasText: text });

async function goToCard(page: Page, text: string): Promise<void> {
  const current = page.locator('.rank-card[data-current]');
  for (let at = 0; at < 5; at++) {
    if ((await current.textContent())?.includes(text)) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`No key leads to the card with ${text}.`);
}

/** Selects a part of the text as a person would: pressing at its first letter, letting go after its last. */
async function selectText(page: Page, part: string): Promise<void> {
  const box = await page.locator('.span-text').evaluate((holder, wanted) => {
    const document = holder.ownerDocument;
    const at = (holder.textContent ?? '').indexOf(wanted);
    const find = (offset: number): Parameters<ReturnType<typeof document.createRange>['setStart']> => {
      const walker = document.createTreeWalker(holder, 4);
      let left = offset;
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const { length } = node.textContent ?? '';
        if (left <= length) return [node, left];
        left -= length;
      }
      throw new Error('The text is shorter than that.');
    };
    const range = document.createRange();
    range.setStart(...find(at));
    range.setEnd(...find(at + wanted.length));
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return { left, right, middle: (top + bottom) / 2 };
  }, part);
  await page.mouse.move(box.left + 1, box.middle);
  await page.mouse.down();
  await page.mouse.move((box.left + box.right) / 2, box.middle, { steps: 4 });
  await page.mouse.move(box.right - 1, box.middle, { steps: 4 });
  await page.mouse.up();
}

/** Goes on with the Tab key until this has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let at = 0; at < 40; at++) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('The Tab key does not lead there.');
}

const SENTENCE = 'It opens at ten on Saturdays.';

/** By task type, for the first item of each sample. */
export const ANSWERS: Readonly<Record<string, Answering>> = {
  classification: {
    mouse: (page) => choose(page, 'billing'),
    keys: (page) => press(page, '3', '1'),
    label: 'billing',
  },
  pairwise: {
    async mouse(page) {
      await choose(page, `Answer ${await sideOf(page, 'slice it')} is better`);
      await choose(page, 'How much better? 2');
    },
    async keys(page) {
      await press(page, (await sideOf(page, 'slice it')) === 1 ? 'ArrowLeft' : 'ArrowRight', 'ArrowUp', 'ArrowUp');
    },
    label: { choice: 'a', strength: 2 },
  },
  likert: {
    async mouse(page) {
      for (const name of ['faithful: 5', 'complete: 4', 'fluent: 3']) await choose(page, name);
    },
    keys: (page) => press(page, '5', '4', '3'),
    label: { faithful: 5, complete: 4, fluent: 3 },
  },
  preference_ranking: {
    async mouse(page) {
      await card(page, 'reflects the sea').dragTo(page.locator('.rank-gap').last());
      await card(page, 'Air scatters').dragTo(page.locator('.rank-gap').first());
      await card(page, 'Rayleigh').dragTo(page.locator('[data-rank="1"]'));
    },
    async keys(page) {
      await goToCard(page, 'Air scatters');
      await page.keyboard.press('1');
      await goToCard(page, 'reflects the sea');
      // Last, then first and down again.
      await press(page, '2', 'Shift+ArrowUp');
      await goToCard(page, 'reflects the sea');
      await page.keyboard.press('Shift+ArrowDown');
      await goToCard(page, 'Rayleigh');
      await page.keyboard.press('1');
    },
    label: { ranks: [1, 2, 1] },
  },
  span: {
    async mouse(page) {
      for (const [part, label] of [
        ['Ana Silva', 'PERSON'],
        ['University of Porto', 'ORGANISATION'],
        ['Porto', 'PLACE'],
      ] as const) {
        await selectText(page, part);
        await page.locator('.choice', { hasText: label }).click();
      }
    },
    async keys(page) {
      await press(page, 'ArrowRight', ...times(3, 'Shift+ArrowRight'), '1');
      await press(page, ...times(9, 'ArrowRight'), ...times(5, 'Shift+ArrowRight'), '3');
      await press(page, 'ArrowLeft', 'Shift+ArrowRight', '2');
    },
    // The family is five code points.
    label: [
      { start: 6, end: 15, label: 'PERSON' },
      { start: 32, end: 51, label: 'ORGANISATION' },
      { start: 46, end: 51, label: 'PLACE' },
    ],
  },
  free_text: {
    async mouse(page) {
      await page.getByLabel('Your text').click();
      await page.keyboard.insertText(SENTENCE);
    },
    async keys(page) {
      await tabTo(page, page.getByLabel('Your text'));
      await page.keyboard.type(SENTENCE);
    },
    label: SENTENCE,
  },
  dialog: {
    async mouse(page) {
      await choose(page, 'Turn 2: helpful');
      await choose(page, 'Turn 4: wrong');
      await choose(page, 'solved: 4');
      await choose(page, 'polite: 5');
    },
    keys: (page) => press(page, '1', '3', '4', '5'),
    label: { turns: [null, 'helpful', null, 'wrong'], overall: { solved: 4, polite: 5 } },
  },
};
