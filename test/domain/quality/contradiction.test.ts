import { expect, it } from 'vitest';
import { contradiction, earlierAnswer } from '../../../domain/quality/contradiction.ts';
import { likeness, shinglesOf, similarity, sketchOf } from '../../../domain/quality/near-duplicate.ts';
import { RULE_DEFAULTS } from '../../../domain/quality/rules.ts';
import { seededRng } from '../../../domain/rng.ts';

const rules = RULE_DEFAULTS.contradiction;
const apart = (a: number, b: number) => Math.abs(a - b) / 4;

it('is a far answer to the same item, and names the earlier one', () => {
  expect(contradiction(5, { annotationId: 'n1', label: 1 }, apart, rules)).toEqual({
    flag: 'contradiction',
    factor: 0.7,
    evidence: { distance: 1, earlier: 'n1' },
  });
});

it('is not a near one, nor a first one', () => {
  expect(contradiction(2, { annotationId: 'n1', label: 1 }, apart, rules)).toBeUndefined();
  expect(contradiction(5, undefined, apart, rules)).toBeUndefined();
});

/** A text of so many made-up words. */
function wordsOf(seed: string, count: number): string[] {
  const rng = seededRng(seed);
  const letters = () => Array.from({ length: 3 + rng.int(6) }, () => String.fromCharCode(97 + rng.int(26))).join('');
  return Array.from({ length: count }, letters);
}

const answerTo = (id: string, text: string, label = 1) => ({ id, label, itemHash: text, sketch: sketchOf(text) });

const others = Array.from({ length: 10 }, (_, at) => answerTo(`o${at}`, wordsOf(`item ${at}`, 50).join(' ')));

it('is one to nearly the same item, too, which is the newest of those that are', () => {
  const words = wordsOf('review', 120);
  const text = words.join(' ');
  const nearly = [...words.slice(0, 60), 'really', ...words.slice(60)].join(' ').toUpperCase();
  const other = wordsOf('another', 120).join(' ');
  const own = [answerTo('n1', text), answerTo('n2', nearly, 2), answerTo('n3', other, 3), ...others];
  const newest = answerTo('n4', `${text}!`);
  const earlier = earlierAnswer(newest, own, rules);
  expect(earlier).toMatchObject({ annotationId: 'n2', label: 2 });
  expect(earlier?.similarity).toBeGreaterThan(0.9);
  // The very same item counts before a newer one that is nearly so.
  expect(earlierAnswer(answerTo('n5', text), own, rules)).toEqual({ annotationId: 'n1', label: 1 });
  expect(earlierAnswer(own[2] ?? answerTo('', ''), own, rules)).toBeUndefined();
  // Settings from before there was a limit look at the same item alone.
  expect(earlierAnswer(newest, own, {})).toBeUndefined();
  // Of the first few answers it cannot be told whether all items are alike.
  expect(earlierAnswer(newest, own.slice(0, 3), rules)).toBeUndefined();
  expect(contradiction(5, earlier, apart, rules)).toMatchObject({
    evidence: { distance: 0.75, earlier: 'n2', similarity: earlier?.similarity },
  });
});

it('is none where texts are short, long beyond reading, or have a form in common', () => {
  expect(earlierAnswer(answerTo('b', 'Great :('), [...others, answerTo('a', 'Great :)')], rules)).toBeUndefined();
  const text = wordsOf('form', 200).join(' ');
  const long = { ...answerTo('a', text), sketch: undefined };
  expect(earlierAnswer(answerTo('b', `${text} one`), [...others, long], rules)).toBeUndefined();
  const forms = ['one', 'two', 'three'].map((end) => answerTo(end, `${text} ${end}`));
  const four = answerTo('b', `${text} four`);
  expect(earlierAnswer(four, [...others, ...forms.slice(0, 2)], rules)).toMatchObject({ annotationId: 'two' });
  expect(earlierAnswer(four, [...others, ...forms], rules)).toBeUndefined();
});

it('sketches of texts are as alike as the texts', () => {
  for (const [shared, own] of [
    [400, 0],
    [400, 20],
    [400, 100],
    [100, 400],
    [15, 1],
  ] as const) {
    const common = wordsOf(`common ${shared}`, shared);
    const [a, b] = ['a', 'b'].map((side) => [...common, ...wordsOf(`${side} ${own}`, own)].join(' '));
    const exact = similarity(shinglesOf(a ?? ''), shinglesOf(b ?? ''));
    expect(Math.abs(likeness(sketchOf(a ?? ''), sketchOf(b ?? '')) - exact)).toBeLessThan(shared < 20 ? 1e-9 : 0.09);
  }
  expect(likeness(sketchOf(''), sketchOf(''))).toBe(1);
  expect(likeness(sketchOf('something'), sketchOf(''))).toBe(0);
});
