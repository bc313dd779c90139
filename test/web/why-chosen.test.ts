import { describe, expect, it } from 'vitest';
import { weightsOf } from '../../web/src/campaigns/decision-record';
import { reasonText } from '../../web/src/campaigns/reason-text';
import { storyOf, whyChosen } from '../../web/src/campaigns/story';
import type { Say } from '../../web/src/i18n';
import { en } from '../../web/src/i18n/en';
import { speak } from '../../web/src/i18n/office';

describe('why an item was chosen, in words', () => {
  it('names the strategy, the place and the parts of the score that played a part', () => {
    const selection = {
      strategy: 'combined',
      seed: 's',
      rank: 2,
      candidates: 5000,
      uncertainty: 0.91234,
      distance: null,
    };
    expect(whyChosen({ ...selection, novelty: 0.25, score: 0.0001234 })).toBe(
      'by combined · number 3 of the batch · of 5000 candidates · uncertainty 0.912 · novelty 0.25 · score 0.000123',
    );
    const start = { ...selection, uncertainty: null, candidates: null, by: 'diverse_start', because: 'no_model' };
    expect(whyChosen(start)).toBe(
      'by combined · in its place a diverse start · there was no model · number 3 of the batch',
    );
    expect(whyChosen({ ...selection, uncertainty: null, model: 'not heard: it is late' })).toBe(
      'by combined · number 3 of the batch · of 5000 candidates · model not heard: it is late',
    );
  });

  it('says that chance chose what measures the model, and nothing where no strategy did', () => {
    expect(whyChosen({ strategy: 'evaluation', seed: 's', rank: 0 })).toBe('at random, to measure the model');
    expect(whyChosen(null)).toBe('');
    expect(whyChosen({})).toBe('');
  });
});

it('what answers weighed in a decision is what its record says', () => {
  const votes = [{ annotationId: 'a', weight: 0.18 }, { annotationId: 'b' }];
  expect([...weightsOf({ votes })]).toEqual([['a', 0.18]]);
  expect(weightsOf(null).size).toBe(0);
});

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

it('a task’s story tells a ruling once, by the name of who ruled, and in Arabic keeps what runs the other way apart', async () => {
  const [at, none] = ['2026-11-30T12:00:00Z', []] as const;
  const events = [
    { at, kind: 'adjudicate', detail: 'disagreement' },
    { at, kind: 'ruled', detail: 'by 01a22f26' },
  ];
  const rulings = [{ id: 'r', label: 'ham', ruledBy: '01a22f26', ruledByName: 'Lea', note: null, createdAt: at }];
  const revision = { id: 'd', revision: 1, state: 'adjudicated', label: 'ham', confidence: 1, method: 'adjudication' };
  const story = { assignments: none, annotations: none, reopenings: none, events, rulings };
  const task = { createdAt: at, story: { ...story, revisions: [{ ...revision, costMicros: 0, decidedAt: at }] } };
  const titles = () => storyOf(task as never, say).map(({ title }) => title);
  expect(titles()).toEqual(['Chosen from the pool', 'adjudicate', 'Lea ruled ham', 'Revision 1: adjudicated, ham']);
  await speak('ar');
  const [, , ruled, decided] = titles();
  expect(ruled).toBe('حكم \u2068Lea\u2069: \u2068ham\u2069');
  expect(decided).toMatch(/، \u2068ham\u2069$/);
  expect(storyOf(task as never, say)[1]?.detail).toBe('اختلاف');
  await speak('en');
});
