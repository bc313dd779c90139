import { describe, expect, it } from 'vitest';
import { type FreeTextConfig, freeText } from '../../../domain/tasks/free-text.ts';
import { readInput } from '../../../domain/tasks/read.ts';

const readConfig = (value: unknown) => readInput(freeText.configSchema, value, 'config');
const readPayload = (value: unknown) => readInput(freeText.payloadSchema, value, 'payload');
const config = readConfig({});
const readLabel = (value: unknown, cfg: FreeTextConfig = config) =>
  readInput(freeText.labelSchema(cfg), value, 'label');
const decide = (...texts: (string | [string, number])[]) =>
  freeText.aggregate(
    texts.map((each, at) => {
      const [label, weight] = typeof each === 'string' ? [each, 1] : each;
      return { annotationId: `${at}`, weight, label };
    }),
    config,
  );

describe('free text config', () => {
  it('has lengths by default, and takes patterns', () => {
    expect(config).toEqual({ minLength: 1, maxLength: 10_000 });
    expect(readConfig({ pattern: '\\d{4}-\\d\\d', patternHint: 'a month', maxLength: 20 })).toMatchObject({
      maxLength: 20,
    });
  });

  it.each<[unknown, string]>([
    [{ minLength: 0 }, 'config.minLength is 0; it must be a whole number from 1 to 100,000'],
    [{ maxLength: 100_001 }, 'config.maxLength is 100001; it must be a whole number from 1 to 100,000'],
    [{ minLength: 9, maxLength: 8 }, 'config.maxLength is 8; it must be at least config.minLength, 9'],
    [{ pattern: '(' }, 'config.pattern has a parenthesis that is not closed at position 1'],
    [
      { pattern: '(a)\\1' },
      'config.pattern refers back or looks for a word boundary, which is not allowed, at position 3',
    ],
    [{ pattern: '(?=a)a' }, 'config.pattern looks around or names a group, which is not allowed, at position 0'],
    [{ pattern: '[z-a]' }, 'config.pattern is no regular expression: [z-a] cannot stand at position 0'],
    [{ pattern: '(a{1000}){9}' }, 'config.pattern comes to more than 2000 steps; shorten it'],
    [{ pattern: 'x'.repeat(1001) }, 'config.pattern has more than 1,000 characters'],
    [
      { pattern: 'a{1000}', maxLength: 100_000 },
      'config.pattern takes too long on texts of 100,000 code points; shorten it (what it says of characters beyond ASCII, such as \\s, \\p{…} and [à-ü], takes longest), or set config.maxLength to 4,000 or less',
    ],
  ])('refuses %j', (value, message) => expect(() => readConfig(value)).toThrow(message));

  it.each([
    'a literal of some length, '.repeat(8).slice(0, 200),
    '(?:[A-Z][a-z]+(?: [A-Z][a-z]+){0,5}, )*[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:T[0-2][0-9]:[0-5][0-9])?(?:, (?:Berlin|Paris|Rome|Madrid|Lisbon|Vienna|Prague|Warsaw|London))?(?: \\([^)]*\\))?',
    '[\\p{L}\\p{M}0-9 .,;:!?()-]+',
    '.*',
  ])('takes a usual pattern for long texts: %s', (pattern) => {
    expect(readConfig({ pattern, maxLength: 20_000 })).toMatchObject({ pattern });
  });

  it('refuses a pattern that asks much about each character of a long text', () => {
    const pattern = `(?:${Array.from({ length: 190 }, (_, at) => `[^${String.fromCodePoint(0x4e00 + at)}]`).join('|')})*`;
    expect(() => readConfig({ pattern })).toThrow('or set config.maxLength to 397 or less');
  });
});

describe('free text payload', () => {
  it('has a text or a prompt', () => {
    expect(readPayload({ prompt: 'Say it better', id: 4 })).toEqual({ prompt: 'Say it better', id: 4 });
    expect(freeText.features(readPayload({ title: 'T', text: 'x' }))).toBe('T\nx');
    const message = 'payload.text is missing or empty, and so is payload.prompt; one of them must be filled';
    for (const bad of [{}, { text: ' ' }, { prompt: '' }]) expect(() => readPayload(bad)).toThrow(message);
    expect(() => readPayload('x')).toThrow('payload is "x"; it must be an object');
    expect(() => readPayload({ text: 5 })).toThrow('payload.text is 5; it must be a string');
  });
});

describe('free text label', () => {
  it('is composed, trimmed and has plain line ends', () => {
    expect(readLabel('  cafe\u0301\r\nbar \u3000')).toBe('caf\u00e9\nbar');
    expect(freeText.canonical('cafe\u0301 ')).toBe(freeText.canonical('caf\u00e9'));
    expect(readLabel('👩‍👩‍👧', readConfig({ maxLength: 5 }))).toBe('👩‍👩‍👧');
  });

  const short = readConfig({ minLength: 3, maxLength: 5 });
  const month = readConfig({ pattern: '\\d{4}-(0[1-9]|1[0-2])', patternHint: 'a month such as 2026-01' });
  it.each<[unknown, FreeTextConfig, string]>([
    [5, config, 'label: 5 is not a text'],
    [undefined, config, 'label: missing is not a text'],
    [['x'], config, 'label: a list of 1 is not a text'],
    ['  \n', config, 'label is empty; write an answer'],
    ['ab ', short, 'label has 2 characters; at least 3 are needed'],
    ['👍👍👍👍👍👍', short, 'label has 6 characters; at most 5 are allowed'],
    ['x'.repeat(300_000), config, 'label has 300,000 characters; at most 10,000 are allowed'],
    ['a\u0000b', config, 'label contains a NUL character at position 1; remove it'],
    ['a\ud800b', config, 'label is not well-formed Unicode at position 1; repair its encoding'],
    ['2026-13', month, 'label: "2026-13" does not have the form asked for, a month such as 2026-01'],
    ['x', readConfig({ pattern: 'y+' }), 'label: "x" does not have the form asked for, "y+"'],
  ])('refuses %j', (value, cfg, message) => expect(() => readLabel(value, cfg)).toThrow(message));

  it('is matched in linear time by a pattern that makes backtracking engines hang', () => {
    const cruel = readConfig({ pattern: '(a+)+b|([a-z]+)*1|(a|aa)*c' });
    expect(() => readLabel('a'.repeat(10_000), cruel)).toThrow('does not have the form asked for');
    expect(readLabel(`${'a'.repeat(9999)}c`, cruel)).toHaveLength(10_000);
  });
});

describe('free text aggregate', () => {
  it('takes the answer nearest to all, never a text that nobody wrote', () => {
    const result = decide('The cat sat on the mat', 'The cat sat on a mat.', 'The cat sat on the mat.', 'no idea');
    expect(result).toMatchObject({ label: 'The cat sat on the mat.', method: 'medoid', n: 4, stats: { tie: 0 } });
    expect(result.confidence).toBeGreaterThan(0.6);
    expect(result.confidence).toBeLessThan(0.75);
    expect(result.distribution).toMatchObject({ 'no idea': 0.25 });
  });

  it('counts the same text in other forms as the same', () => {
    expect(decide('caf\u00e9', 'cafe\u0301', 'tea')).toMatchObject({
      label: 'caf\u00e9',
      distribution: { 'caf\u00e9': 2 / 3 },
    });
  });

  it('weighs, and is unsure where all differ', () => {
    expect(decide(['left', 0.2], ['left', 0.2], ['something else', 0.9]).label).toBe('something else');
    const apart = decide('abcdefgh', '12345678', 'XYZUVWQR');
    expect(apart.stats?.tie).toBe(1);
    expect(apart.confidence).toBeCloseTo(1 / 3, 9);
  });

  it('draws a tie by the annotation ids, fairly', () => {
    let first = 0;
    for (let i = 0; i < 1000; i++) {
      const votes = ['left', 'right'].map((label, at) => ({ annotationId: `${i} ${at}`, weight: 1, label }));
      const { label } = freeText.aggregate(votes, config);
      expect(freeText.aggregate([...votes].reverse(), config).label).toBe(label);
      if (label === 'left') first++;
    }
    expect(Math.abs(first - 500)).toBeLessThan(80);
  });

  it('names long answers shortly in the distribution, and keeps two that begin alike apart', () => {
    const long = 'x'.repeat(5000);
    const { distribution } = decide(`${long}1`, `${long}2`, 'y');
    expect(Object.keys(distribution)).toEqual([`${'x'.repeat(100)}…`, `${'x'.repeat(100)}… (2)`, 'y']);
  });
});

it('takes an answer for right beside a known one up to case, spaces and small differences', () => {
  const right = (a: string, b: string, cfg = config) => freeText.matches?.(a, b, cfg);
  expect(right('  new   YORK', 'New York')).toBe(true);
  expect(right('New Yrok', 'New York', readConfig({ goldTolerance: 0 }))).toBe(false);
  expect(right('New Yorck', 'New York')).toBe(true);
  expect(right('Boston', 'New York')).toBe(false);
});
