import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../support/rig.ts';
import { type HeldStack, holdUp, makePlace, type Place, requireBuild } from '../support/stack.ts';
import { ask, send, viewOf } from './campaign.ts';
import { Console } from './console.ts';

requireBuild();

let place: Place;
let stack: HeldStack;
let shell: Console;
/** Two who answer alike, and a third who answers otherwise. */
const keys: string[] = [];
beforeAll(async () => {
  place = await makePlace();
  stack = await holdUp(place);
  shell = new Console(place);
  for (const name of ['Ana', 'Ben', 'Odd']) {
    const made = await ask(stack, 'POST', '/v1/annotators', { name });
    keys.push(z.object({ apiKey: z.string() }).parse(made).apiKey);
  }
});
afterAll(async () => {
  await stack?.stop();
  place.remove();
});

type Shown = Record<string, unknown>;

interface Case {
  readonly type: string;
  readonly config?: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
  /** The answer to what is shown, of the two who agree and of the third. */
  readonly most: (shown: Shown) => unknown;
  readonly odd: (shown: Shown) => unknown;
  /** What is exported, in the item's order: what the two said, of scores the mean of all three. */
  readonly exported: Record<string, unknown>;
}

const sideOf = (shown: Shown, text: string) => (shown.a === text ? 'a' : 'b');
const otherSide = (shown: Shown, text: string) => (shown.a === text ? 'b' : 'a');
const ranksOf = (shown: Shown, best: readonly string[]) => ({
  ranks: z
    .array(z.string())
    .parse(shown.answers)
    .map((text) => best.indexOf(text) + 1),
});
const TEA = 'A drink made of leaves.';
const COLOUR = 'A colour.';
const LEAVES = 'Leaves in water.';

const CASES: readonly Case[] = [
  {
    type: 'classification',
    config: { labels: ['spam', 'ham'] },
    payload: { text: 'Win a watch!' },
    most: () => 'spam',
    odd: () => 'ham',
    exported: { label: 'spam' },
  },
  {
    type: 'likert',
    config: { min: 1, max: 7, criteria: [{ name: 'accuracy' }, { name: 'style' }] },
    payload: { prompt: 'What is tea?', text: TEA },
    most: () => ({ accuracy: 6, style: 2 }),
    odd: () => ({ accuracy: 5, style: 3 }),
    exported: { label: { accuracy: expect.closeTo(17 / 3), style: expect.closeTo(7 / 3) } },
  },
  {
    type: 'pairwise',
    config: { strength: { max: 3 } },
    payload: { prompt: 'What is tea?', a: COLOUR, b: TEA },
    most: (shown) => ({ choice: sideOf(shown, TEA), strength: 2 }),
    odd: (shown) => ({ choice: otherSide(shown, TEA), strength: 1 }),
    exported: { label: { choice: 'b' }, chosen: TEA, rejected: COLOUR, strength: 2 },
  },
  {
    type: 'preference_ranking',
    payload: { prompt: 'What is tea?', answers: [COLOUR, TEA, LEAVES] },
    most: (shown) => ranksOf(shown, [TEA, LEAVES, COLOUR]),
    odd: (shown) => ranksOf(shown, [COLOUR, LEAVES, TEA]),
    exported: { label: { ranks: [3, 1, 2] } },
  },
  {
    type: 'span',
    config: { labels: ['PERSON', 'PLACE'] },
    payload: { text: '👩‍👩‍👧 met Ana in New York' },
    most: () => [{ start: 10, end: 13, label: 'PERSON' }],
    odd: () => [{ start: 17, end: 25, label: 'PLACE' }],
    exported: { label: [{ start: 10, end: 13, label: 'PERSON' }] },
  },
  {
    type: 'free_text',
    payload: { prompt: 'When was it signed?', text: 'Signed in May of 2024.' },
    most: () => 'May 2024',
    odd: () => 'Nobody knows',
    exported: { label: 'May 2024' },
  },
  {
    type: 'dialog',
    config: { turn: { min: 1, max: 5, criteria: [{ name: 'helpful' }] }, overall: { choices: ['pass', 'fail'] } },
    payload: {
      turns: [
        { role: 'user', text: 'Hi' },
        { role: 'assistant', text: 'Hello! How can I help?' },
      ],
    },
    most: () => ({ turns: [null, { helpful: 4 }], overall: 'pass' }),
    odd: () => ({ turns: [null, { helpful: 1 }], overall: 'fail' }),
    exported: { label: { turns: [null, { helpful: expect.closeTo(3) }], overall: 'pass' } },
  },
];

const leaseSchema = z.looseObject({
  assignmentId: z.string(),
  task: z.looseObject({ payload: z.record(z.string(), z.unknown()) }),
});

/** Leases and answers all there is for one annotator now. */
async function answerAll(apiKey: string, campaignId: string, label: (shown: Shown) => unknown): Promise<void> {
  for (;;) {
    const next = await send({ url: stack.url, apiKey }, 'POST', '/v1/assignments/next', { campaignId });
    if (next.status !== 200) return;
    const { assignmentId, task } = leaseSchema.parse(next.body);
    const answer = { label: label(task.payload), timeSpentS: 12.5 };
    await ask({ url: stack.url, apiKey }, 'POST', `/v1/assignments/${assignmentId}/annotation`, answer);
  }
}

test.each(CASES)(
  '$type goes the whole way, and what comes of three answers is exported',
  { timeout: 180_000 },
  async ({ type, config, payload, most, odd, exported }) => {
    const settings = { name: type, type, config, instructions: 'Answer.', budgetUsd: '100', goldRatio: 0 };
    const created = await ask(stack, 'POST', '/v1/campaigns', settings);
    const { id } = z.object({ id: z.string() }).parse(created);
    const items = [1, 2].map((n) => ({ key: `item-${n}`, payload }));
    await ask(stack, 'POST', `/v1/campaigns/${id}/items`, items);
    await ask(stack, 'POST', `/v1/campaigns/${id}/start`);
    const ended = async () => {
      for (const [at, apiKey] of keys.entries()) await answerAll(apiKey, id, at < 2 ? most : odd);
      return (await viewOf(stack, id)).state === 'finished';
    };
    await until('the campaign has ended', ended, 120_000);

    const out = join(place.folder, `${type}.jsonl`);
    await shell.run('export', id, '--out', out);
    const records = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ key }) => key).toSorted()).toEqual(['item-1', 'item-2']);
    for (const record of records) {
      expect(record).toMatchObject({ ...exported, state: 'decided' });
      expect(await shell.run('explain', record.task_id)).toMatch(/: decided\n/);
    }
  },
);
