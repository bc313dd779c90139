import { expect, it } from 'vitest';
import { reasonText } from '../../web/src/campaigns/reason-text';
import { storyOf } from '../../web/src/campaigns/story';
import type { Say } from '../../web/src/i18n';
import { en } from '../../web/src/i18n/en';

const say: Say = (key) => en[key];

it.each([
  ['private', 'It shows personal or confidential data'],
  ['wrong_form', 'None of the possible answers fits'],
  ['wrong_form: it is half of each', 'None of the possible answers fits: it is half of each'],
  ['other: see: below', 'Another reason: see: below'],
  ['cannot_tell', 'I cannot tell the right answer'],
  ['It is broken.', 'It is broken.'],
  ['title', 'title'],
])('the reason %j is shown as %j', (reason, words) => {
  expect(reasonText(reason, say)).toBe(words);
});

it('a task’s story says in words why it was skipped', () => {
  const [at, none] = ['2026-11-30T12:00:00Z', []] as const;
  const assignment = { id: 'a', annotator: 'Ana', leasedAt: at, closedAt: at, state: 'skipped', routing: { why: '' } };
  const story = { assignments: [{ ...assignment, note: 'knowledge: of medicine' }], annotations: none, events: none };
  const task = { createdAt: at, story: { ...story, reopenings: none, rulings: none, revisions: none } };
  const details = storyOf(task as never, say).map(({ title, detail }) => [title, detail]);
  expect(details).toContainEqual(['Ana: skipped', 'It needs knowledge I do not have: of medicine']);
});
