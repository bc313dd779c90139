import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QuorateError } from '../../../domain/failures.ts';
import { type ClassificationConfig, classification } from '../../../domain/tasks/classification.ts';
import { readInput } from '../../../domain/tasks/read.ts';

const config: ClassificationConfig = { labels: ['spam', 'ham'] };
const sets: ClassificationConfig = { labels: ['a', 'b', 'c', 'd'], multiple: true };
const readLabel = (value: unknown, cfg = config) => readInput(classification.labelSchema(cfg), value, 'label');
const readConfig = (value: unknown) => readInput(classification.configSchema, value, 'config');
const readPayload = (value: unknown) => readInput(classification.payloadSchema, value, 'payload');
const vote = (annotationId: string, label: string | string[], weight = 1) => ({ annotationId, label, weight });

describe('classification config', () => {
  it('takes 2 to 500 different names', () => {
    expect(readConfig({ labels: ['yes', 'no'], multiple: true })).toEqual({ labels: ['yes', 'no'], multiple: true });
    const many = Array.from({ length: 500 }, (_, i) => `label ${i}`);
    expect(readConfig({ labels: many }).labels).toHaveLength(500);
  });

  it.each<[unknown, string]>([
    [{}, 'config.labels is missing; it must be a list of names'],
    [{ labels: 'spam' }, 'config.labels is "spam"; it must be a list of names'],
    [{ labels: ['one'] }, 'config.labels has 1; at least 2 are needed'],
    [{ labels: Array.from({ length: 501 }, (_, i) => `${i}`) }, 'config.labels has 501; at most 500 are allowed'],
    [{ labels: ['x', 'x'] }, 'config.labels: "x" is there twice'],
    [{ labels: ['\u00e9', 'e\u0301'] }, 'config.labels: "e\u0301" is there twice'],
    [{ labels: ['x', ' '] }, 'config.labels: " " is empty'],
    [{ labels: ['x', 'y '] }, 'config.labels: "y " has spaces around it; remove them'],
    [{ labels: ['x', '__proto__'] }, 'config.labels: "__proto__" is a reserved word; choose another name'],
    [{ labels: ['x', 3] }, 'config.labels is 3; it must be a string'],
    [{ labels: ['x', 'y\u0000'] }, 'config.labels: "y\\u0000" contains a NUL character at position 1; remove it'],
    [{ labels: ['x', 'y'], multiple: 'yes' }, 'config.multiple is "yes"; it must be true or false'],
    [null, 'config is null; it must be an object'],
  ])('refuses bad config %#', (value, message) => expect(() => readConfig(value)).toThrow(message));
});

describe('a label of classification', () => {
  it('may compose its accents otherwise than the config does, and comes out as in the config', () => {
    const accents: ClassificationConfig = { labels: ['caf\u00e9', 'e\u0301t\u00e9'] };
    expect(readLabel('cafe\u0301', accents)).toBe('caf\u00e9');
    expect(readLabel(['\u00e9t\u00e9', 'cafe\u0301'], { ...accents, multiple: true })).toEqual([
      'caf\u00e9',
      'e\u0301t\u00e9',
    ]);
    expect(() => readLabel('cafe', accents)).toThrow('label: "cafe" is not one of');
  });
});

describe('classification payload', () => {
  it('keeps further fields for the export but shows only text and title', () => {
    const payload = readPayload({ text: 'hello', title: 'T', source: 'mail/1', answer: 'spam' });
    expect(payload).toEqual({ text: 'hello', title: 'T', source: 'mail/1', answer: 'spam' });
    expect(classification.present?.(payload, 1)).toEqual({ payload: { text: 'hello', title: 'T' }, order: '' });
    expect(classification.features(payload)).toBe('T\nhello');
  });

  it.each<[unknown, string]>([
    [{ text: 'x'.repeat(10_485_760) }, 'payload.text is 10,485,760 characters long; at most 1,000,000 are allowed'],
    [
      { text: 'x'.repeat(600_000), more: { deep: ['y'.repeat(600_000)] } },
      'payload has 1,200,012 characters in all; at most 1,000,000 are allowed',
    ],
    [{}, 'payload.text is missing; it must be a string'],
    [{ text: 5 }, 'payload.text is 5; it must be a string'],
    [{ text: ' \n' }, 'payload.text is empty'],
    [{ text: 'a\u0000b' }, 'payload.text contains a NUL character at position 1; remove it'],
    [{ text: 'a\ud800b' }, 'payload.text is not well-formed Unicode at position 1; repair its encoding'],
    [{ text: 'a', n: Number.NaN }, 'payload.n is NaN; it must be a finite number'],
    [{ text: 'a', list: [Infinity] }, 'payload.list[0] is Infinity; it must be a finite number'],
    [{ text: 'a', big: 1n }, 'payload.big is a bigint; only JSON values are allowed'],
    [{ text: 'a', 'k\u0000': 1 }, 'a key in payload contains a NUL character'],
    ['text', 'payload is "text"; it must be an object'],
    [[1], 'payload is a list of 1; it must be an object'],
  ])('refuses bad payload %#', (value, message) => expect(() => readPayload(value)).toThrow(message));

  it('refuses endless nesting', () => {
    let nested: unknown = 'x';
    for (let i = 0; i < 10_000; i++) nested = [nested];
    expect(() => readPayload({ text: 'a', nested })).toThrow('nested more than 32 levels');
  });

  it('is not fooled by keys that name a prototype', () => {
    const payload = readPayload(
      JSON.parse('{"text":"a","__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}'),
    );
    expect((payload as Record<string, unknown>).admin).toBeUndefined();
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('classification label', () => {
  it('takes a choice, and with multiple a set in sorted order', () => {
    expect(readLabel('spam')).toBe('spam');
    expect(readLabel(['c', 'a', 'c'], sets)).toEqual(['a', 'c']);
    expect(readLabel('b', sets)).toEqual(['b']);
  });

  it.each<[unknown, ClassificationConfig, string]>([
    ['foo', config, 'label: "foo" is not one of "spam", "ham"'],
    ['Spam', config, 'label: "Spam" is not one of "spam", "ham"'],
    [undefined, config, 'label: missing is not one of "spam", "ham"'],
    [null, config, 'label: null is not one of'],
    [Number.NaN, config, 'label: NaN is not one of'],
    [['spam'], config, 'label: a list of 1 is not one of'],
    [{ toString: () => 'spam' }, config, 'label: an object is not one of'],
    ['constructor', config, 'label: "constructor" is not one of'],
    [['a', 'x'], sets, 'label: "x" is not one of "a", "b", "c", "d"'],
    [[], sets, 'label: choose at least one of "a", "b", "c", "d"'],
    [[['a']], sets, 'label: a list of 1 is not one of'],
  ])('refuses %j', (value, cfg, message) => expect(() => readLabel(value, cfg)).toThrow(message));

  it('names the field, and lists no more than twenty choices', () => {
    const many = { labels: Array.from({ length: 500 }, (_, i) => `c${i}`) };
    try {
      readLabel('zzz', many);
      expect.unreachable();
    } catch (error) {
      expect((error as QuorateError).field).toBe('label');
      expect((error as QuorateError).code).toBe('invalid_input');
      expect((error as QuorateError).message).toMatch(/"c19" and 480 more$/);
    }
  });
});

describe('classification canonical form and distance', () => {
  const label = fc.oneof(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }).map((set) => [...set].sort()),
  );

  it('has equal text exactly for equal labels', () => {
    fc.assert(
      fc.property(label, label, (x, y) => {
        const same = JSON.stringify(x) === JSON.stringify(y);
        expect(classification.canonical(x) === classification.canonical(y)).toBe(same);
      }),
    );
    expect(classification.canonical(['b', 'a'])).toBe(classification.canonical(['a', 'b']));
    expect(classification.canonical(['a,b'])).not.toBe(classification.canonical(['a', 'b']));
  });

  it('measures 0 or 1, and Jaccard for sets', () => {
    expect(classification.distance('a', 'a', config)).toBe(0);
    expect(classification.distance('a', 'b', config)).toBe(1);
    expect(classification.distance(['a', 'b'], ['b', 'c'], sets)).toBeCloseTo(2 / 3, 12);
    fc.assert(
      fc.property(label, label, label, (x, y, z) => {
        const d = (p: string | string[], q: string | string[]) => classification.distance(p, q, sets);
        expect(d(x, y)).toBe(d(y, x));
        expect(d(x, x)).toBe(0);
        expect(d(x, y)).toBeLessThanOrEqual(1);
        expect(d(x, z)).toBeLessThanOrEqual(d(x, y) + d(y, z) + 1e-12);
      }),
    );
  });
});

describe('classification aggregate', () => {
  it('sums weights per choice', () => {
    const result = classification.aggregate(
      [vote('1', 'spam', 0.9), vote('2', 'ham', 0.5), vote('3', 'ham', 0.3)],
      config,
    );
    expect(result).toMatchObject({ label: 'spam', method: 'weighted_vote', n: 3, stats: { tie: 0 } });
    expect(result.confidence).toBeCloseTo(0.9 / 1.7, 12);
    expect(result.distribution.ham).toBeCloseTo(0.8 / 1.7, 12);
  });

  it('has no label without votes, and equal weights where all are zero', () => {
    expect(classification.aggregate([], config)).toMatchObject({ label: null, confidence: 0, distribution: {}, n: 0 });
    const zeros = classification.aggregate([vote('1', 'ham', 0), vote('2', 'ham', 0), vote('3', 'spam', 0)], config);
    expect(zeros).toMatchObject({ label: 'ham', confidence: 2 / 3 });
  });

  it('draws an exact tie by the annotation ids: flagged, reproducible, fair to both labels', () => {
    const ballots = (i: number) => [vote(`x${i}`, 'spam', 0.5), vote(`y${i}`, 'ham', 0.5)];
    let spam = 0;
    for (let i = 0; i < 2000; i++) {
      const result = classification.aggregate(ballots(i), config);
      expect(result).toMatchObject({ confidence: 0.5, stats: { tie: 1 } });
      expect(classification.aggregate(ballots(i).reverse(), config)).toEqual(result);
      if (result.label === 'spam') spam++;
    }
    expect(spam).toBeGreaterThan(900);
    expect(spam).toBeLessThan(1100);
    // 0.1 + 0.2 is not 0.3 in floating point, but it is a tie.
    const near = [vote('1', 'spam', 0.1), vote('2', 'spam', 0.2), vote('3', 'ham', 0.3)];
    expect(classification.aggregate(near, config).stats?.tie).toBe(1);
  });

  it('takes the labels that most chose, whatever else each chose', () => {
    const decide = (...labels: string[][]) =>
      classification.aggregate(
        labels.map((each, at) => vote(`${at}`, each)),
        sets,
      );
    const result = decide(['a', 'b'], ['a', 'c'], ['a', 'd'], ['d'], ['d']);
    expect(result).toMatchObject({ label: ['a', 'd'], method: 'label_vote', stats: { tie: 0 } });
    expect(result.distribution).toMatchObject({ a: 0.6, b: 0.2, d: 0.6 });
    // The Jaccard distances of the votes from it are 2/3, 2/3, 0, 1/2, 1/2.
    expect(result.confidence).toBeCloseTo(1 - (2 / 3 + 2 / 3 + 1 / 2 + 1 / 2) / 5, 12);
    expect(decide(['a'], ['a', 'b'], ['b']).label).toEqual(['a', 'b']);
    expect(decide(['a'], ['a']).confidence).toBe(1);
  });

  it('takes the set nearest to all votes where no label has a majority', () => {
    for (let i = 0; i < 20; i++) {
      const votes = [['a'], ['a', 'b'], ['b', 'c'], ['c', 'd']].map((set, at) => vote(`${i} ${at}`, set));
      expect(classification.aggregate(votes, sets)).toMatchObject({ label: ['a', 'b'], stats: { tie: 1 } });
    }
  });

  it('decides sets of an older record as it was decided', () => {
    const votes = [['a', 'b'], ['a', 'c'], ['a', 'd'], ['d'], ['d']].map((set, at) => vote(`${at}`, set));
    expect(classification.aggregate(votes, sets, undefined, 1)).toMatchObject({ label: ['d'], confidence: 0.4 });
  });

  it('gives the same bytes whatever the order of votes', () => {
    const labels = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.subarray(['a', 'b', 'c'], { minLength: 1 }));
    const votes = fc.uniqueArray(
      fc.record({ annotationId: fc.string(), label: labels, weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { selector: ({ annotationId }) => annotationId, maxLength: 12 },
    );
    fc.assert(
      fc.property(votes, fc.infiniteStream(fc.nat()), (given, keys) => {
        const shuffled = given
          .map((each) => ({ each, key: keys.next().value }))
          .sort((x, y) => x.key - y.key)
          .map(({ each }) => each);
        const result = classification.aggregate(given, sets);
        expect(JSON.stringify(classification.aggregate(shuffled, sets))).toBe(JSON.stringify(result));
        if (given.length > 0) {
          const sum = Object.values(result.distribution).reduce((total, share) => total + share, 0);
          if (result.method === 'weighted_vote') {
            expect(sum).toBeCloseTo(1, 9);
            expect(result.confidence).toBeCloseTo(Math.max(...Object.values(result.distribution)), 9);
          }
        }
      }),
    );
  });

  it.each([Number.NaN, -1, Infinity, 1e10])('refuses a weight of %d', (weight) => {
    expect(() => classification.aggregate([vote('7', 'spam', weight)], config)).toThrow(
      `The weight of annotation 7 is ${weight}`,
    );
  });

  it('counts a choice with any name as a name', () => {
    const result = classification.aggregate([vote('1', '__proto__'), vote('2', '__proto__'), vote('3', 'x')], config);
    expect(result.label).toBe('__proto__');
    expect(JSON.parse(JSON.stringify(result)).distribution).toEqual(JSON.parse(`{"__proto__":${2 / 3},"x":${1 / 3}}`));
  });
});

describe('classification export and model', () => {
  it('writes the payload with its decision', () => {
    const aggregate = classification.aggregate([vote('1', 'spam')], config);
    expect(classification.exportRecord({ text: 't', source: 's' }, aggregate, config)).toEqual({
      text: 't',
      source: 's',
      label: 'spam',
      confidence: 1,
      distribution: { spam: 1 },
      n_annotators: 1,
    });
  });

  it('teaches single classes', () => {
    expect(classification.modelTarget(config)).toEqual({ kind: 'classes', classes: ['spam', 'ham'] });
    expect(classification.modelLabel('spam', config)).toBe('spam');
    expect(classification.modelLabel(['a'], sets)).toBe('a');
    expect(classification.modelLabel(['a', 'b'], sets)).toBeNull();
  });
});

describe('hierarchical classification', () => {
  const labels = ['animal', 'animal/dog/poodle', 'animal/dog/husky', 'animal/cat', 'plant/tree', 'plant/herb'];
  const tree = readConfig({ labels, separator: '/' });
  const many = readConfig({ labels, separator: '/', multiple: true });
  const d = (a: string | string[], b: string | string[], cfg = tree) => classification.distance(a, b, cfg);
  const decide = (...chosen: string[]) =>
    classification.aggregate(
      chosen.map((label, at) => vote(`${at}`, label)),
      tree,
    );

  it.each<[unknown, string]>([
    [
      { labels: ['a//b', 'c'], separator: '/' },
      'config.labels: "a//b" has a step that is empty or has spaces around it; write its path as a/b',
    ],
    [{ labels: ['a / b', 'c'], separator: '/' }, 'config.labels: "a / b" has a step that is empty or has spaces'],
    [{ labels: ['a', 'b'], separator: '' }, 'config.separator is ""; it must be a text of 1 to 5 characters'],
    [{ labels: ['a', 'b'], separator: 1 }, 'config.separator is 1; it must be a string'],
  ])('refuses config %j', (value, message) => expect(() => readConfig(value)).toThrow(message));

  it('takes only the listed labels, and leaves out what lies above another choice', () => {
    expect(readLabel('animal', tree)).toBe('animal');
    expect(() => readLabel('plant', tree)).toThrow('label: "plant" is not one of "animal", "animal/dog/poodle"');
    expect(readLabel(['animal', 'plant/tree', 'animal/cat'], many)).toEqual(['animal/cat', 'plant/tree']);
  });

  it('is the nearer the more ancestors are shared', () => {
    expect(d('animal/cat', 'animal/cat')).toBe(0);
    expect(d('animal/dog/poodle', 'animal/dog/husky')).toBe(0.5);
    expect(d('animal/dog/poodle', 'animal/cat')).toBe(0.75);
    expect(d('animal', 'animal/cat')).toBe(0.5);
    expect(d('animal/cat', 'plant/herb')).toBe(1);
    expect(d(['animal/cat', 'plant/tree'], ['animal/cat'], many)).toBe(0.5);
  });

  it('decides down the tree, and stops where the branches part if it may', () => {
    // By whole labels the plant would have won.
    expect(decide('animal/dog/poodle', 'animal/cat', 'animal', 'plant/tree', 'plant/tree')).toMatchObject({
      label: 'animal',
      confidence: 0.6,
      method: 'tree_vote',
      stats: { tie: 0 },
    });
    expect(decide('animal/dog/poodle', 'animal/dog/poodle', 'animal').label).toBe('animal/dog/poodle');
    // "plant" itself cannot be chosen, so that one of its branches must be.
    expect(decide('plant/tree', 'plant/tree', 'plant/herb')).toMatchObject({ label: 'plant/tree', confidence: 2 / 3 });
    expect(decide('plant/tree', 'plant/herb')).toMatchObject({ confidence: 0.5, stats: { tie: 1 } });
  });

  it('shares the vote out by label, for the model to learn from', () => {
    expect(decide('animal/cat', 'animal/cat', 'animal', 'plant/herb').distribution).toEqual({
      animal: 0.25,
      'animal/cat': 0.5,
      'plant/herb': 0.25,
    });
    expect(classification.modelTarget(tree)).toEqual({ kind: 'classes', classes: labels, separator: '/' });
  });
});
