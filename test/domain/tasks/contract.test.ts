import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../domain/aggregation/canonical-json.ts';
import { isRightAnswer } from '../../../domain/tasks/index.ts';
import { readLabel } from '../../../domain/tasks/read.ts';
import { TASK_TYPE_NAMES } from '../../../domain/tasks/task-type.ts';
import { KINDS, kindOf } from './kinds.ts';

const seed = fc.nat(1_000_000);
const votes = fc.uniqueArray(
  fc.record({
    annotationId: fc.uuid(),
    seed,
    weight: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(1)),
  }),
  { selector: ({ annotationId }) => annotationId, minLength: 1, maxLength: 7 },
);

it('covers every task type', () => {
  expect(new Set(Object.values(KINDS).map(({ type }) => type))).toEqual(new Set(TASK_TYPE_NAMES));
});

describe.each(Object.keys(KINDS))('what every task type keeps: %s', (name) => {
  const { type, config, payload, kind, label } = kindOf(name);

  it('a normal form is read as itself, and is plain JSON', () => {
    fc.assert(
      fc.property(seed, (a) => {
        const normal = label(a);
        expect(readLabel(type, config, normal, payload)).toEqual(normal);
        expect(JSON.parse(canonicalJson(normal))).toEqual(normal);
      }),
    );
  });

  it('has equal canonical text exactly for equal labels', () => {
    fc.assert(
      fc.property(seed, seed, (a, b) => {
        const same = canonicalJson(label(a)) === canonicalJson(label(b));
        expect(type.canonical(label(a)) === type.canonical(label(b))).toBe(same);
        expect(type.canonical(JSON.parse(canonicalJson(label(a))))).toBe(type.canonical(label(a)));
      }),
    );
  });

  it('has a distance from 0 to 1, symmetric, 0 for equal labels alone, and a metric where it says so', () => {
    fc.assert(
      fc.property(seed, seed, seed, (a, b, c) => {
        const d = (x: number, y: number) => type.distance(label(x), label(y), config);
        expect(d(a, a)).toBe(0);
        expect(d(a, b)).toBe(d(b, a));
        expect(d(a, b)).toBeGreaterThanOrEqual(0);
        expect(d(a, b)).toBeLessThanOrEqual(1);
        expect(d(a, b) === 0).toBe(type.canonical(label(a)) === type.canonical(label(b)));
        if (kind.metric) expect(d(a, c)).toBeLessThanOrEqual(d(a, b) + d(b, c) + 1e-12);
      }),
    );
  });

  it('decides the same to the byte whatever the order of votes, with a confidence from 0 to 1', () => {
    fc.assert(
      fc.property(votes, fc.nat(), (given, turn) => {
        const cast = given.map(({ seed: from, ...rest }) => ({ ...rest, label: label(from) }));
        const k = turn % cast.length;
        const turned = [...cast.slice(k), ...cast.slice(0, k)].reverse();
        const result = type.aggregate(cast, config, payload);
        // Refuses NaN and whatever else JSON cannot hold.
        expect(canonicalJson(type.aggregate(turned, config, payload))).toBe(canonicalJson(result));
        expect(result.n).toBe(cast.length);
        expect(result.confidence).toBeGreaterThanOrEqual(0);
        expect(result.confidence).toBeLessThanOrEqual(1);
        for (const share of Object.values(result.distribution)) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1 + 1e-9);
        }
        expect(result.label).not.toBeNull();
        if (kind.decidesLabels) expect(readLabel(type, config, result.label, payload)).toEqual(result.label);
        canonicalJson(type.exportRecord(payload, result, config));
      }),
      { numRuns: 60 },
    );
  });

  it('decides what all say with full confidence, and what outweighs all others', () => {
    // The decision on a pair leaves its strength to the statistics.
    const plain = (value: unknown) =>
      type.name === 'pairwise' ? (value as { choice: string }).choice : type.canonical(value);
    fc.assert(
      fc.property(seed, seed, (a, b) => {
        const same = ['1', '2', '3'].map((annotationId) => ({ annotationId, weight: 0.3, label: label(a) }));
        const agreed = type.aggregate(same, config, payload);
        expect(plain(agreed.label)).toBe(plain(label(a)));
        expect(agreed.confidence).toBeCloseTo(1, 9);
        const heavy = type.aggregate([...same, { annotationId: '4', weight: 0.001, label: label(b) }], config, payload);
        // Of an answer that only the lightest vote ranks, that vote is all there is.
        const stands = kind.decidesLabels && name !== 'partial ranking';
        if (stands) expect(plain(heavy.label)).toBe(plain(label(a)));
        expect(heavy.confidence).toBeGreaterThan(0.98 - 0.05 * Number(!kind.decidesLabels));
      }),
      { numRuns: 50 },
    );
  });

  it('has nothing to say without votes', () => {
    const none = type.aggregate([], config, payload);
    expect(none).toMatchObject({ label: null, confidence: 0, n: 0 });
    canonicalJson(type.exportRecord(payload, none, config));
  });

  it('is more sure the more agree', () => {
    const base = label(1);
    const others = Array.from({ length: 50 }, (_, at) => label(at + 2)).filter(
      (each) => type.distance(base, each, config) > 0.4,
    );
    const other = others[0];
    const confidence = (agreeing: number) =>
      type.aggregate(
        Array.from({ length: 9 }, (_, at) => ({
          annotationId: `${at}`,
          weight: 1,
          label: at < agreeing ? base : other,
        })),
        config,
        payload,
      ).confidence;
    expect(other).toBeDefined();
    expect(confidence(9)).toBeGreaterThan(confidence(8));
    expect(confidence(8)).toBeGreaterThan(confidence(6));
  });

  it('takes the known answer itself for right, and one far away for wrong', () => {
    const known = label(1);
    expect(isRightAnswer(type, config, known, known)).toBe(true);
    const far = Array.from({ length: 200 }, (_, at) => label(at)).filter(
      (each) => type.distance(known, each, config) > 0.6,
    );
    expect(far.length).toBeGreaterThan(0);
    for (const each of far) expect(isRightAnswer(type, config, each, known)).toBe(false);
  });

  it('shows nothing but what the form knows, the same to the same annotator', () => {
    const shown = type.present?.(payload, 'seed');
    expect(shown?.payload).toBeDefined();
    expect(JSON.stringify(shown)).not.toContain('truth');
    expect(type.present?.(payload, 'seed')).toEqual(shown);
  });

  it('tells the model what it can learn, if anything', () => {
    const target = type.modelTarget(config);
    const taught = Array.from({ length: 30 }, (_, at) => type.modelLabel(label(at), config)).filter(
      (each) => each !== null,
    );
    if (target.kind === 'none') expect(taught).toEqual([]);
    else expect(taught.length).toBeGreaterThan(0);
    for (const each of taught) {
      if (target.kind === 'classes') expect(target.classes).toContain(each);
      else if (target.kind === 'scalar') {
        expect(each).toBeGreaterThanOrEqual(target.min);
        expect(each).toBeLessThanOrEqual(target.max);
      } else if (target.kind === 'ranking') expect(JSON.parse(String(each))).toContain(1);
      else expect([0, 0.5, 1]).toContain(each);
    }
    expect(JSON.stringify(type.features(payload)).length).toBeGreaterThan(2);
  });

  it.each([
    [undefined],
    [null],
    [Number.NaN],
    [{}],
    [[[]]],
    [{ toString: () => 'x' }],
    [Symbol.iterator.toString()],
    [-1],
  ])('refuses nonsense in one sentence: %j', (nonsense) => {
    let message = 'accepted';
    try {
      const read = readLabel(type, config, nonsense, payload);
      // Any text is free text.
      if (type.name === 'free_text' && typeof read === 'string') message = 'label is a text';
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^label/);
  });
});
