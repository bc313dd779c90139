import { describe, expect, it } from 'vitest';
import { preferencePairs } from '../../../cli/demo/preference-pairs.ts';
import { pairwise } from '../../../domain/tasks/pairwise.ts';

const strict = preferencePairs.filter(({ truth }) => truth === 'a' || truth === 'b');
const words = new Intl.Segmenter('en', { granularity: 'word' });
const wordsOf = (text: string) => [...words.segment(text)].filter(({ isWordLike }) => isWordLike).length;

/** Accuracy of "the answer with more of this is better"; equal amounts count half. */
function accuracyOfMore(measure: (text: string) => number): number {
  const hits = strict.map(({ a, b, truth }) => {
    const difference = measure(a) - measure(b);
    return difference === 0 ? 0.5 : difference > 0 === (truth === 'a') ? 1 : 0;
  });
  return hits.reduce<number>((sum, hit) => sum + hit, 0) / strict.length;
}

describe('the preference campaign', () => {
  it('has at least 72 pairs, with at least 10 ties and 3 where both answers are bad', () => {
    expect(preferencePairs.length).toBe(110);
    expect(preferencePairs.filter(({ truth }) => truth === 'tie').length).toBeGreaterThanOrEqual(10);
    expect(preferencePairs.filter(({ truth }) => truth === 'both_bad').length).toBeGreaterThanOrEqual(3);
  });

  it('has the better answer as often on the left as on the right', () => {
    const left = strict.filter(({ truth }) => truth === 'a').length / strict.length;
    expect(left).toBeGreaterThanOrEqual(0.45);
    expect(left).toBeLessThanOrEqual(0.55);
  });

  it.each([
    ['characters', (text: string) => text.length],
    ['words', wordsOf],
    ['lines', (text: string) => text.split('\n').length],
    ['digits', (text: string) => text.match(/\d/g)?.length ?? 0],
  ])('does not give the better answer away by its number of %s', (_, measure) => {
    const accuracy = accuracyOfMore(measure);
    expect(accuracy).toBeGreaterThan(0.35);
    expect(accuracy).toBeLessThan(0.65);
  });

  it('repeats no key, prompt or answer', () => {
    for (const field of ['key', 'prompt'] as const) {
      expect(new Set(preferencePairs.map((pair) => pair[field])).size).toBe(preferencePairs.length);
    }
    expect(new Set(preferencePairs.flatMap(({ a, b }) => [a, b])).size).toBe(2 * preferencePairs.length);
  });

  it.each(preferencePairs.map((pair) => [pair.key, pair] as const))('%s is a sound item', (_, pair) => {
    for (const answer of [pair.a, pair.b]) {
      expect(answer).toBe(answer.trim());
      expect(wordsOf(answer)).toBeGreaterThanOrEqual(2);
      expect(wordsOf(answer)).toBeLessThanOrEqual(120);
    }
    expect(pair.key).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(pair.reason.length).toBeGreaterThan(15);
    expect(pair.difficulty).toBeGreaterThanOrEqual(0);
    expect(pair.difficulty).toBeLessThanOrEqual(1);
    expect(pairwise.payloadSchema.safeParse({ prompt: pair.prompt, a: pair.a, b: pair.b }).success).toBe(true);
  });

  it('covers six fields, several scripts, and writing from right to left', () => {
    expect(new Set(preferencePairs.map(({ domain }) => domain)).size).toBe(6);
    const prompts = preferencePairs.map(({ prompt }) => prompt).join('\n');
    for (const script of ['Arabic', 'Hebrew', 'Cyrillic', 'Devanagari', 'Han', 'Hiragana']) {
      expect(prompts).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'));
    }
  });
});
