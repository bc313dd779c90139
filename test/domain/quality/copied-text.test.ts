import { describe, expect, it } from 'vitest';
import { copiedText } from '../../../domain/quality/copied-text.ts';
import { containment, shinglesOf, similarity } from '../../../domain/quality/near-duplicate.ts';
import { RULE_DEFAULTS } from '../../../domain/quality/rules.ts';

const rules = RULE_DEFAULTS.copiedText;
const text = 'The customer wants her money back, because the kettle leaked on the very first day.';
const touched = 'the customer wants her money back - because the kettle leaked on the very first day';
const other = 'A kettle that drips is sent back; a refund is asked for and a replacement is not wanted.';
const none = { source: '', peers: [], own: [] };

describe('copied text', () => {
  it('is another annotator’s text with other capitals and punctuation', () => {
    const found = copiedText({ text, ...none, peers: [other, touched] }, rules);
    expect(found).toMatchObject({ flag: 'copied_text', factor: 0.3, evidence: { from: 'another annotator' } });
    expect(found?.evidence.similarity).toBe(1);
  });

  it('is one’s own text to another item', () => {
    expect(copiedText({ text, ...none, own: [touched] }, rules)?.evidence.from).toBe('own earlier answer');
  });

  it('is not a text in other words, a short one, or one that most of the others wrote too', () => {
    expect(copiedText({ text, ...none, peers: [other] }, rules)).toBeUndefined();
    expect(copiedText({ text: 'a refund', ...none, peers: ['a refund'] }, rules)).toBeUndefined();
    expect(copiedText({ text, ...none, peers: [touched, text, other] }, rules)).toBeUndefined();
  });

  it('is not what the item says itself', () => {
    const source = `Dear shop, ${text} Regards, Ann`;
    expect(copiedText({ text, source, peers: [touched], own: [] }, rules)).toBeUndefined();
  });

  it('works in scripts without spaces and right to left', () => {
    for (const each of [
      'お客様は初日にやかんが漏れたので返金を希望しています',
      'הלקוחה רוצה את כספה בחזרה כי הקומקום דלף',
    ]) {
      const loose = { ...rules, minCharacters: 20 };
      expect(copiedText({ text: each, ...none, peers: [`${each}!`] }, loose)?.flag).toBe('copied_text');
    }
  });
});

describe('similarity of texts', () => {
  it('is 1 for the same, 0 for nothing in common, and symmetric', () => {
    const [a, b] = [shinglesOf(text), shinglesOf(other)];
    expect(similarity(a, shinglesOf(touched))).toBe(1);
    expect(similarity(shinglesOf('abcdefgh'), shinglesOf('stuvwxyz'))).toBe(0);
    expect(similarity(a, b)).toBe(similarity(b, a));
    // abcde bcdef | bcdef cdefg: one of three.
    expect(similarity(shinglesOf('abcdef'), shinglesOf('bcdefg'))).toBeCloseTo(1 / 3, 12);
    expect(similarity(shinglesOf(''), shinglesOf('!'))).toBe(1);
  });

  it('finds a part in the whole', () => {
    expect(containment(shinglesOf('the kettle leaked'), shinglesOf(text))).toBe(1);
    expect(containment(shinglesOf(text), shinglesOf('the kettle leaked'))).toBeLessThan(0.3);
  });
});
