import { describe, expect, test } from 'vitest';
import { exampleOf, withExamples } from '../../web/src/new/examples';
import { countGolds, knownAt, withGold } from '../../web/src/new/golds';
import { bodyOf, START, settingsOf } from '../../web/src/new/settings';

describe('known answers given on the page', () => {
  const config = { labels: ['spam', 'ham'] };
  test('count under the settings they were given under, and no others', () => {
    const golds = withGold(withGold(new Map(), 0, { label: 'spam', config }), 2, { label: 'ham', config });
    expect(knownAt(golds, 2, config)?.label).toBe('ham');
    expect(knownAt(golds, 1, config)).toBeUndefined();
    const other = { labels: ['spam', 'fine'] };
    expect(knownAt(golds, 2, other)).toBeUndefined();
    expect([countGolds(golds, config), countGolds(golds, other)]).toEqual([
      { known: 2, stale: 0 },
      { known: 0, stale: 2 },
    ]);
    expect(countGolds(withGold(golds, 0, null), config).known).toBe(1);
  });
});

describe('worked examples', () => {
  test('quote the very words, whatever Markdown they look like', () => {
    const example = exampleOf('classification', { text: '# not a *title*\n<b>x</b>', title: '' }, 'spam');
    expect(example).toEqual({ content: '# not a *title*\n<b>x</b>', answer: 'spam', why: '' });
    expect(withExamples('Read.\n', [{ ...example, why: 'It sells.' }])).toBe(
      'Read.\n\n### Example 1\n\n> \\# not a \\*title\\*\\\n> \\<b\\>x\\</b\\>\n\n**spam**\n\nIt sells.',
    );
    expect(withExamples('Read.', [])).toBe('Read.');
  });

  test('name the fields where there are several, and the words that were marked', () => {
    const pair = exampleOf('pairwise', { prompt: 'Why?', a: 'So.', b: 'No.' }, { choice: 'a', strength: 2 });
    expect(pair.content).toBe('Prompt: Why?\nFirst answer: So.\nSecond answer: No.');
    expect(pair.answer).toBe('first answer is better, by 2');
    const marked = exampleOf('span', { text: '👍 Ana came.' }, [{ start: 2, end: 5, label: 'PERSON' }]);
    expect(marked.answer).toBe('PERSON “Ana”');
    const ranked = exampleOf('preference_ranking', { prompt: 'Why?', answers: ['x', 'y'] }, { ranks: [2, 1] });
    expect(ranked.content).toBe('Prompt: Why?\nAnswers to rank: \n1. x\n2. y');
  });
});

describe('a copy of a campaign', () => {
  const old = {
    ...{ name: 'Mails (copy)', type: 'classification', config: { labels: ['a', 'b'] }, budgetUsd: '20.00' },
    ...{ workforces: ['llm', 'internal'], judge: { target: 0.9 }, goldFloor: 3, dailyLimit: 40, redundancy: 3 },
    agreementWatch: { pauseBelow: 0.5, windowAnswers: 500, minTasks: 60 },
    escalation: [{ step: 'raise_pay', by: 0.5 }],
  };

  test('keeps what the page has no field for, and what it has as the page says', () => {
    const body = bodyOf({ ...settingsOf(old), dailyLimit: null, pauseBelow: 0.4 }, old);
    expect(body).toMatchObject({
      goldFloor: 3,
      judge: { target: 0.9 },
      budgetUsd: '20.00',
      agreementWatch: { pauseBelow: 0.4, windowAnswers: 500, minTasks: 60 },
      escalation: [{ step: 'raise_pay', by: 0.5 }],
    });
    expect(body).not.toHaveProperty('dailyLimit');
  });

  test('of another type begins with nothing of the old one; without judges first there are none', () => {
    expect(bodyOf({ ...settingsOf(old), type: 'span' }, old)).not.toHaveProperty('goldFloor');
    expect(bodyOf({ ...settingsOf(old), workforces: ['internal'] }, old)).not.toHaveProperty('judge');
    expect(bodyOf(START)).not.toHaveProperty('language');
  });
});
