import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInput } from '../../../domain/tasks/read.ts';
import { type SpanConfig, type SpanLabel, span } from '../../../domain/tasks/span.ts';

const readConfig = (value: unknown) => readInput(span.configSchema, value, 'config');
const readPayload = (value: unknown) => readInput(span.payloadSchema, value, 'payload');
const config = readConfig({ labels: ['PERSON', 'PLACE'] });
const flat = readConfig({ labels: ['PERSON', 'PLACE'], allowOverlap: false, maxSpans: 3 });
const readLabel = (value: unknown, text?: string, cfg: SpanConfig = config) =>
  readInput(span.labelSchema(cfg, text === undefined ? undefined : { text }), value, 'label');
const of = (start: number, end: number, label = 'PERSON') => ({ start, end, label });
const decide = (text: string, ...labels: SpanLabel[]) =>
  span.aggregate(
    labels.map((label, at) => ({ annotationId: `${at}`, weight: 1, label })),
    config,
    { text },
  );

describe('span config and payload', () => {
  it('takes labels, and by default overlap and 1,000 spans', () => {
    expect(config).toEqual({ labels: ['PERSON', 'PLACE'], allowOverlap: true, maxSpans: 1000 });
    expect(readPayload({ text: '👍'.repeat(100_000) }).text).toHaveLength(200_000);
  });

  it.each<[unknown, string]>([
    [{}, 'config.labels is missing; it must be a list of names'],
    [{ labels: [] }, 'config.labels has 0; at least 1 is needed'],
    [{ labels: ['X'], maxSpans: 1001 }, 'config.maxSpans is 1001; it must be a whole number from 1 to 1,000'],
    [{ labels: ['X'], goldTolerance: 2 }, 'config.goldTolerance is 2; it must be a number from 0 to 1'],
    [{ labels: ['X'], allowOverlap: 'no' }, 'config.allowOverlap is "no"; it must be true or false'],
  ])('refuses config %j', (value, message) => expect(() => readConfig(value)).toThrow(message));

  it('refuses a text too long to mark', () => {
    const message = 'payload.text has 100,001 code points; at most 100,000 are allowed';
    expect(() => readPayload({ text: '👍'.repeat(100_001) })).toThrow(message);
  });
});

describe('span label', () => {
  const text = 'Ana met Bo';

  it('sorts spans, which may overlap and nest, and takes none at all', () => {
    expect(readLabel([of(8, 10), of(0, 3, 'PLACE'), of(0, 3), of(0, 10)], text)).toEqual([
      of(0, 3),
      of(0, 3, 'PLACE'),
      of(0, 10),
      of(8, 10),
    ]);
    expect(readLabel([], text)).toEqual([]);
    expect(readLabel([{ ...of(8, 10), text: 'Bo' }], text)).toEqual([of(8, 10)]);
  });

  it.each<[unknown, string]>([
    ['PERSON', 'label: "PERSON" is not a list of {start, end, label}'],
    [{ spans: [] }, 'label: an object is not a list of {start, end, label}'],
    [[5], 'label[0]: 5 is not an object with start, end and label'],
    [[of(0, 3), { ...of(4, 7), color: 1 }], 'label[1] has the unknown field "color"; use start, end, label and text'],
    [[of(-1, 3)], 'label[0].start: -1 is not a whole number from 0 to 9'],
    [[of(0.5, 3)], 'label[0].start: 0.5 is not a whole number from 0 to 9'],
    [[of(10, 11)], 'label[0].start: 10 is not a whole number from 0 to 9'],
    [[{ start: '0', end: 3, label: 'PERSON' }], 'label[0].start: "0" is not a whole number from 0 to 9'],
    [[of(4, 4)], 'label[0] is empty: it starts and ends at 4; end is the place after the last code point'],
    [[of(4, 3)], "label[0].end: 3 is not a whole number from 5 to 10, the text's length in code points"],
    [[of(4, 11)], "label[0].end: 11 is not a whole number from 5 to 10, the text's length in code points"],
    [[of(4, Number.NaN)], 'label[0].end: NaN is not a whole number from 5 to 10'],
    [[of(0, 3, 'DATE')], 'label[0].label: "DATE" is not one of "PERSON", "PLACE"'],
    [[of(0, 3, '__proto__')], 'label[0].label: "__proto__" is not one of "PERSON", "PLACE"'],
    [[of(8, 10), of(0, 3), of(8, 10)], 'label[2] repeats label[0]'],
    [
      [{ ...of(8, 10), text: 'met' }],
      'label[0].text: "met" is not what stands there, "Bo"; offsets count Unicode code points',
    ],
    [Array.from({ length: 1001 }, () => of(0, 3)), 'label has 1,001 spans; at most 1,000 are allowed'],
  ])('refuses %j', (value, message) => expect(() => readLabel(value, text)).toThrow(message));

  it('refuses overlap and many spans where the campaign does', () => {
    expect(readLabel([of(0, 3), of(3, 7)], text, flat)).toHaveLength(2);
    const overlap = 'label[0] overlaps label[1], which this campaign does not allow';
    expect(() => readLabel([of(2, 7), of(0, 3, 'PLACE')], text, flat)).toThrow(overlap);
    const many = [of(0, 1), of(1, 2), of(2, 3), of(3, 4)];
    expect(() => readLabel(many, text, flat)).toThrow('label has 4 spans; at most 3 are allowed');
  });

  it('checks what it can without the text', () => {
    expect(readLabel([of(50, 90)])).toEqual([of(50, 90)]);
    expect(() => readLabel([of(50, 100_001)])).toThrow('label[0].end: 100001 is not a whole number from 51 to 100000');
  });
});

describe('span offsets', () => {
  it.each<[string, string, number, number, string]>([
    ['emoji beyond the first plane', 'a👍b', 1, 2, '👍'],
    ['after emoji', '👍👍 Ana', 3, 6, 'Ana'],
    ['a family of three joined by two joiners', '👩‍👩‍👧 Ana', 0, 5, '👩‍👩‍👧'],
    ['a flag of two letters', '🇫🇷!', 0, 2, '🇫🇷'],
    ['a skin tone', '👋🏽 hi', 0, 2, '👋🏽'],
    ['a letter with a combining mark', 'cafe\u0301 bar', 0, 5, 'cafe\u0301'],
    ['Hebrew, in the order of reading', 'שלום Ana', 0, 4, 'שלום'],
    ['Arabic with marks', 'مَرْحَبًا يا آنا', 0, 9, 'مَرْحَبًا'],
    ['mixed directions', 'in שלום, 2026', 3, 7, 'שלום'],
    ['a rare Chinese character', '𠮷野家', 0, 1, '𠮷'],
  ])('count code points: %s', (_, text, start, end, marked) => {
    const label = readLabel([{ start, end, label: 'PERSON', text: marked }], text);
    expect(label).toEqual([of(start, end)]);
    const record = span.exportRecord({ text }, decide(text, label, label), config);
    expect(record.spans).toEqual([{ start, end, label: 'PERSON', text: marked, share: 1 }]);
    const length = Array.from(text).length;
    expect(readLabel([of(0, length)], text)).toHaveLength(1);
    expect(() => readLabel([of(0, length + 1)], text)).toThrow('the text');
  });

  it('cut the same text as a list of characters does', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 30 })
      .filter((each) => !/\p{Surrogate}/u.test(each));
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (whole, from, size) => {
        const characters = Array.from(whole);
        const start = from % characters.length;
        const end = start + 1 + (size % (characters.length - start));
        const marked = characters.slice(start, end).join('');
        expect(readLabel([{ ...of(start, end), text: marked }], whole)).toEqual([of(start, end)]);
      }),
    );
  });
});

describe('span distance', () => {
  const d = (a: SpanLabel, b: SpanLabel) => span.distance(a, b, config);

  it('is the share of labelled code points that only one marked', () => {
    expect(d([], [])).toBe(0);
    expect(d([], [of(0, 3)])).toBe(1);
    expect(d([of(0, 3)], [of(0, 3, 'PLACE')])).toBe(1);
    expect(d([of(0, 3)], [of(5, 9)])).toBe(1);
    // 5 and 8 code points with the joints between them: 9 of 15.
    expect(d([of(0, 5)], [of(0, 8)])).toBeCloseTo(1 - 9 / 15, 12);
    expect(d([of(0, 3), of(10, 13)], [of(0, 3)])).toBeCloseTo(1 / 2, 12);
  });

  it('tells one span from its two halves, and counts a nested one', () => {
    expect(d([of(0, 8)], [of(0, 4), of(4, 8)])).toBeCloseTo(1 / 15, 12);
    expect(d([of(0, 8)], [of(0, 8), of(2, 4)])).toBeCloseTo(3 / 18, 12);
  });

  it('grows as a span is moved away', () => {
    const far = [0, 1, 2, 3, 4].map((shift) => d([of(0, 4)], [of(shift, 4 + shift)]));
    expect(far).toEqual([...far].sort((a, b) => a - b));
    expect(new Set(far).size).toBe(5);
  });
});

describe('span aggregate', () => {
  const text = 'Ana Maria met Bo in New York City today.';

  it('keeps what more than half marked, overlapping labels and all', () => {
    const city = [of(20, 28, 'PLACE'), of(20, 33, 'PLACE')];
    const result = decide(text, [of(0, 9), ...city, of(14, 16)], [of(0, 9), ...city, of(24, 28)], [of(0, 3), ...city]);
    expect(result).toMatchObject({ label: [of(0, 9), ...city], method: 'span_vote', n: 3, stats: { spans: 3 } });
    expect(result.distribution['PERSON 0-9']).toBeCloseTo((1 + 1 + 1 / 3) / 3, 9);
    expect(result.distribution['PLACE 20-28']).toBe(1);
    expect(result.confidence).toBeGreaterThan(0.7);
    expect(result.confidence).toBeLessThan(1);
  });

  it('takes nothing marked for a decision, but not where most mark something, each another', () => {
    expect(decide(text, [], [], [of(0, 3)])).toMatchObject({ label: [], confidence: 2 / 3, distribution: {} });
    expect(decide(text, [], [of(0, 3)])).toMatchObject({ label: [], confidence: 0.5 });
    const split = decide(text, [of(0, 3)], [of(14, 16)]);
    expect(split).toMatchObject({ confidence: 0.5, distribution: {}, stats: { spans: 1, tie: 1 } });
    expect([[of(0, 3)], [of(14, 16)]]).toContainEqual(split.label);
  });

  it('weighs votes', () => {
    const votes = [
      { annotationId: '1', weight: 0.9, label: [of(0, 9)] },
      { annotationId: '2', weight: 0.2, label: [of(0, 3)] },
      { annotationId: '3', weight: 0.2, label: [of(0, 3)] },
    ];
    expect(span.aggregate(votes, config, { text }).label).toEqual([of(0, 9)]);
    expect(
      span.aggregate(
        votes.map((each) => ({ ...each, weight: 1 })),
        config,
        { text },
      ).label,
    ).toEqual([of(0, 3)]);
  });

  it('moves an edge that nobody has a majority for to the word it is near to', () => {
    // "York" is 24 to 28: three cut it differently, none more than two code points off.
    expect(decide(text, [of(25, 28)], [of(23, 28)], [of(26, 29)]).label).toEqual([of(24, 28)]);
    // Without the text the vote alone decides.
    const votes = [[of(25, 28)], [of(23, 28)], [of(26, 29)]].map((label, at) => {
      return { annotationId: `${at}`, weight: 1, label };
    });
    expect(span.aggregate(votes, config).label).toEqual([of(25, 28)]);
  });

  it('leaves edges alone that a majority drew or that lie far from a word edge', () => {
    expect(decide(text, [of(25, 28)], [of(25, 28)], [of(24, 28)]).label).toEqual([of(25, 28)]);
    const long = 'abcdefghijklmnopqrstuvwxyz';
    expect(decide(long, [of(9, 20)], [of(10, 20)], [of(11, 20)]).label).toEqual([of(10, 20)]);
  });

  it('does not make a span of the accident that three happen to overlap', () => {
    expect(decide(text, [of(0, 6)], [of(5, 11)], [of(10, 16)])).toMatchObject({
      ...{ label: [of(5, 11)], distribution: {}, stats: { tie: 1 } },
    });
  });

  it('keeps spans of one label that cross or touch when all drew them so', () => {
    const crossing = [of(0, 6), of(4, 9)];
    expect(decide(text, crossing, crossing, crossing).label).toEqual(crossing);
    const touching = [of(0, 3), of(3, 9)];
    expect(decide(text, touching, touching, [of(0, 9)]).label).toEqual(touching);
  });

  it('joins what different annotators marked of one long span', () => {
    const result = decide(text, [of(0, 9), of(14, 16)], [of(0, 16)], [of(2, 16)], [of(0, 15)], [of(1, 16)]);
    expect(result.label).toEqual([of(0, 16)]);
  });

  it('works on the worst that the limits allow', () => {
    const labels = Array.from({ length: 5 }, (_, who) =>
      Array.from({ length: 1000 }, (_, at) => of(90 * at + who, 90 * at + 40 + 3 * who, at % 2 ? 'PERSON' : 'PLACE')),
    );
    const result = decide('word '.repeat(20_000), ...labels);
    expect(result.label).toHaveLength(1000);
    expect(result.confidence).toBeGreaterThan(0.8);
  });
});

it('takes an answer for right that marks nearly the same', () => {
  const right = (a: SpanLabel, b: SpanLabel, tolerance?: number) =>
    span.matches?.(a, b, tolerance === undefined ? config : { ...config, goldTolerance: tolerance });
  expect(right([of(0, 9)], [of(0, 10)])).toBe(true);
  expect(right([of(0, 9)], [of(0, 10)], 0)).toBe(false);
  expect(right([of(0, 3)], [of(0, 10)])).toBe(false);
  expect(right([], [])).toBe(true);
});
