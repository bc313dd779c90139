import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LikertConfig, type LikertLabel, likert } from '../../../domain/tasks/likert.ts';
import { readInput } from '../../../domain/tasks/read.ts';

const one: LikertConfig = { min: 1, max: 5, criteria: [{ name: 'quality' }] };
const two: LikertConfig = {
  min: 1,
  max: 5,
  criteria: [{ name: 'accuracy' }, { name: 'style', description: 'how it reads' }],
};
const readConfig = (value: unknown) => readInput(likert.configSchema, value, 'config');
const readLabel = (value: unknown, cfg: LikertConfig) => readInput(likert.labelSchema(cfg), value, 'label');
const vote = (annotationId: string, label: LikertLabel, weight = 1) => ({ annotationId, label, weight });

const score = fc.integer({ min: 1, max: 5 });
const label = fc.record({ accuracy: score, style: score });

describe('likert config', () => {
  it('takes a scale of any range and criteria', () => {
    expect(readConfig(two)).toEqual(two);
    expect(readConfig({ ...one, min: -100, max: 1000 })).toEqual({ ...one, min: -100, max: 1000 });
  });

  it.each<[unknown, string]>([
    [{ ...one, min: 5 }, 'config.max is 5; it must be more than config.min, 5'],
    [{ ...one, max: 1e7 }, 'config.max is 10000000; it must be a whole number from -1,000,000 to 1,000,000'],
    [{ ...one, min: 0.5 }, 'config.min is 0.5; it must be a whole number from -1,000,000 to 1,000,000'],
    [{ ...one, max: Infinity }, 'config.max is Infinity; it must be a whole number'],
    [{ ...one, criteria: [] }, 'config.criteria is empty; at least one criterion is needed'],
    [{ ...one, criteria: ['x'] }, 'config.criteria is "x"; it must be a list of {name, description}'],
    [{ ...one, criteria: [{ name: 'x' }, { name: 'x' }] }, 'config.criteria: "x" is there twice'],
    [{ ...one, criteria: [{ name: '__proto__' }] }, 'config.criteria: "__proto__" is a reserved word'],
  ])('refuses %j', (value, message) => expect(() => readConfig(value)).toThrow(message));
});

describe('likert label', () => {
  it('takes a number for one criterion, an object for several, and keeps an object', () => {
    expect(readLabel(4, one)).toEqual({ quality: 4 });
    expect(readLabel({ quality: 4 }, one)).toEqual({ quality: 4 });
    expect(readLabel({ style: 2, accuracy: 5 }, two)).toEqual({ accuracy: 5, style: 2 });
    expect(Object.is(readLabel(-0, { ...one, min: -1, max: 1 }).quality, 0)).toBe(true);
  });

  it.each<[unknown, LikertConfig, string]>([
    [6, one, 'label: 6 is not a whole number from 1 to 5'],
    [2.5, one, 'label: 2.5 is not a whole number from 1 to 5'],
    [Number.NaN, one, 'label: NaN is not a whole number from 1 to 5'],
    ['4', one, 'label: "4" is not a whole number from 1 to 5'],
    [undefined, one, 'label: missing is not a whole number from 1 to 5'],
    [{ quality: Infinity }, one, 'label.quality: Infinity is not a whole number from 1 to 5'],
    [{ quality: 1, other: 2 }, one, 'label: "other" is not one of "quality"'],
    [3, two, 'label: 3 is not an object with a score for each of "accuracy", "style"'],
    [{ accuracy: 3 }, two, 'label.style: missing is not a whole number from 1 to 5'],
    [[3, 4], two, 'label: "0" is not one of "accuracy", "style"'],
    [JSON.parse('{"__proto__":{"accuracy":3},"style":3}'), two, 'label: "__proto__" is not one of'],
  ])('refuses %j', (value, cfg, message) => expect(() => readLabel(value, cfg)).toThrow(message));

  it('has equal text exactly for equal labels', () => {
    fc.assert(
      fc.property(label, label, (x, y) => {
        const same = x.accuracy === y.accuracy && x.style === y.style;
        const turned = { style: y.style, accuracy: y.accuracy };
        expect(likert.canonical(x) === likert.canonical(turned)).toBe(same);
      }),
    );
  });
});

describe('likert distance', () => {
  it('is the difference as a share of the range, averaged over criteria', () => {
    expect(likert.distance({ quality: 1 }, { quality: 5 }, one)).toBe(1);
    expect(likert.distance({ quality: 2 }, { quality: 3 }, one)).toBe(0.25);
    expect(likert.distance({ accuracy: 1, style: 3 }, { accuracy: 5, style: 3 }, two)).toBe(0.5);
    fc.assert(
      fc.property(label, label, (x, y) => {
        expect(likert.distance(x, y, two)).toBe(likert.distance(y, x, two));
        expect(likert.distance(x, y, two) === 0).toBe(likert.canonical(x) === likert.canonical(y));
      }),
    );
  });
});

describe('likert aggregate', () => {
  it('takes the weighted mean, with spread, count and nearest category beside it', () => {
    const result = likert.aggregate([vote('1', { quality: 5 }, 0.9), vote('2', { quality: 2 }, 0.3)], one);
    expect(result.label?.quality).toBeCloseTo(4.25, 12);
    expect(result).toMatchObject({ method: 'weighted_mean', n: 2 });
    expect(result.stats?.['sd:quality']).toBeCloseTo(Math.sqrt(0.75 * 0.25) * 3, 12);
    expect(result.stats).toMatchObject({ 'count:quality': 2, 'rounded:quality': 4 });
    expect(result.distribution).toEqual({ '2': 0.3 / 1.2, '5': 0.9 / 1.2 });
    expect(result.confidence).toBeCloseTo(1 - Math.sqrt(0.75 * 0.25) * 1.5, 12);
  });

  it('leaves a criterion out that no vote has, as when it was added later', () => {
    const result = likert.aggregate([vote('1', { accuracy: 4 }), vote('2', { accuracy: 5, style: 2 }, 0)], two);
    expect(result.label).toEqual({ accuracy: 4, style: 2 });
    expect(likert.aggregate([vote('1', { accuracy: 4 })], two).label).toEqual({ accuracy: 4 });
  });

  it('takes an answer for right that is the known one, on long scales nearly', () => {
    const right = (a: number, b: number, cfg: LikertConfig) => likert.matches?.({ quality: a }, { quality: b }, cfg);
    expect([right(3, 3, one), right(3, 4, one)]).toEqual([true, false]);
    const long = { ...one, min: 0, max: 100 };
    expect([right(40, 50, long), right(39, 50, long)]).toEqual([true, false]);
  });

  it('is sure when all agree and unsure when split between the ends', () => {
    expect(likert.aggregate([vote('1', { quality: 3 }), vote('2', { quality: 3 })], one).confidence).toBe(1);
    const split = likert.aggregate([vote('1', { quality: 1 }), vote('2', { quality: 5 })], one);
    expect(split.confidence).toBe(0);
    expect(likert.aggregate([], one)).toEqual({
      label: null,
      confidence: 0,
      distribution: {},
      method: 'weighted_mean',
      n: 0,
    });
  });

  it('rounds halves up in spite of floating point', () => {
    const rounded = (weight: number) =>
      likert.aggregate([vote('1', { quality: 3 }, weight), vote('2', { quality: 4 }, weight)], one).stats?.[
        'rounded:quality'
      ];
    for (const weight of [0.1, 0.3, 0.7, 1 / 3]) expect(rounded(weight)).toBe(4);
  });

  it('gives the same bytes whatever the order of votes, within the scores given', () => {
    const votes = fc.uniqueArray(
      fc.record({ annotationId: fc.uuid(), label, weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { selector: ({ annotationId }) => annotationId, minLength: 1, maxLength: 9 },
    );
    fc.assert(
      fc.property(votes, fc.nat(), (given, turn) => {
        const k = turn % given.length;
        const turned = [...given.slice(k), ...given.slice(0, k)].reverse();
        const result = likert.aggregate(given, two);
        expect(JSON.stringify(likert.aggregate(turned, two))).toBe(JSON.stringify(result));
        const scores = given.map((each) => each.label.style);
        expect(result.label?.style).toBeGreaterThanOrEqual(Math.min(...scores) - 1e-9);
        expect(result.label?.style).toBeLessThanOrEqual(Math.max(...scores) + 1e-9);
        expect(result.confidence).toBeGreaterThanOrEqual(0);
        expect(result.confidence).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('takes leniency off the mean, and holds nobody apart who agree', () => {
    const votes = (scores: readonly number[], leniency: readonly number[]) =>
      scores.map((score, at) => ({
        ...vote(`${at}`, { quality: score }),
        leniency: { quality: leniency[at] ?? 0 },
      }));
    const decide = (scores: number[], leniency: number[]) => likert.aggregate(votes(scores, leniency), one);
    expect(decide([5, 5, 5], [0.4, -0.4, 0])).toMatchObject({ label: { quality: 5 }, confidence: 1 });
    expect(decide([4, 4, 4], [0.3, 0, 0])).toMatchObject({ label: { quality: 3.9 }, confidence: 1 });
    // Harsh ones would put it above the scale.
    expect(decide([5, 5], [-1, -1])).toMatchObject({ label: { quality: 5 } });
    // They differ just as they always do.
    const apart = decide([3, 4], [-0.5, 0.5]);
    expect(apart).toMatchObject({ label: { quality: 3.5 }, confidence: 1, stats: { 'sd:quality': 0 } });
    // Nor does it know what was never said.
    expect(decide([3, 4], [0.5, -0.5]).confidence).toBe(likert.aggregate(votes([3, 4], [0, 0]), one).confidence);
  });

  it('has decided the same where the nearest steps are the same', () => {
    expect(likert.same?.({ accuracy: 4.2, style: 1 }, { accuracy: 4.33, style: 1.4 }, two)).toBe(true);
    expect(likert.same?.({ accuracy: 4.2, style: 1 }, { accuracy: 4.5, style: 1 }, two)).toBe(false);
  });

  it('exports means, categories and spread by criterion', () => {
    const aggregate = likert.aggregate(
      [vote('1', { accuracy: 4, style: 1 }), vote('2', { accuracy: 5, style: 1 })],
      two,
    );
    expect(likert.exportRecord({ text: 't', id: 9 }, aggregate, two)).toEqual({
      text: 't',
      id: 9,
      label: { accuracy: 4.5, style: 1 },
      rounded: { accuracy: 5, style: 1 },
      sd: { accuracy: 0.5, style: 0 },
      confidence: (0.75 + 1) / 2,
      n_annotators: 2,
    });
    // An expert's ruling is not the votes', nor is their spread its own; nor has a model's label any.
    const ruled = { ...aggregate, label: { accuracy: 2, style: 3 }, confidence: 1, method: 'adjudication' };
    expect(likert.exportRecord({ text: 't' }, ruled, two)).toMatchObject({
      ...{ rounded: { accuracy: 2, style: 3 }, sd: { accuracy: null, style: null } },
    });
    const { stats: _, ...predicted } = { ...aggregate, label: { accuracy: 2.6, style: 3 }, method: 'model' };
    expect(likert.exportRecord({ text: 't' }, predicted, two)).toMatchObject({
      ...{ rounded: { accuracy: 3, style: 3 }, sd: { accuracy: null, style: null } },
    });
    expect(likert.modelTarget(two)).toEqual({ kind: 'scalar', min: 1, max: 5 });
    expect(likert.modelLabel({ accuracy: 4.5, style: 1 }, two)).toBe(2.75);
  });
});
