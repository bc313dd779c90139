import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type PairwiseChoice,
  type PairwiseConfig,
  type PairwiseLabel,
  pairwise,
} from '../../../domain/tasks/pairwise.ts';
import { readInput } from '../../../domain/tasks/read.ts';

const readConfig = (value: unknown) => readInput(pairwise.configSchema, value, 'config');
const config = readConfig({});
const strong = readConfig({ strength: { max: 3 } });
const strict = readConfig({ allowTie: false, allowBothBad: false });
const readLabel = (value: unknown, cfg: PairwiseConfig = config) =>
  readInput(pairwise.labelSchema(cfg), value, 'label');
const vote = (annotationId: string, choice: PairwiseChoice, weight = 1, strength?: number) => ({
  annotationId,
  weight,
  label: strength === undefined ? { choice } : { choice, strength },
});

const choice = fc.constantFrom<PairwiseChoice>('a', 'b', 'tie', 'both_bad');
const label: fc.Arbitrary<PairwiseLabel> = fc
  .tuple(choice, fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }))
  .map(([c, strength]) =>
    strength === undefined || c === 'tie' || c === 'both_bad' ? { choice: c } : { choice: c, strength },
  );

describe('pairwise config', () => {
  it('allows ties and "both bad" unless told otherwise', () => {
    expect(config).toEqual({ allowTie: true, allowBothBad: true });
    expect(readConfig({ strength: { max: 5 }, criteria: ['accuracy', 'helpfulness'] })).toMatchObject({
      strength: { max: 5 },
      criteria: ['accuracy', 'helpfulness'],
    });
  });

  it.each<[unknown, string]>([
    [{ allowTie: 1 }, 'config.allowTie is 1; it must be true or false'],
    [{ strength: { max: 1 } }, 'config.strength.max is 1; it must be a whole number from 2 to 10'],
    [{ strength: { max: 2.5 } }, 'config.strength.max is 2.5; it must be a whole number from 2 to 10'],
    [{ strength: {} }, 'config.strength.max is missing; it must be a whole number from 2 to 10'],
    [{ criteria: ['x', 'x'] }, 'config.criteria: "x" is there twice'],
    [undefined, 'config is missing; it must be an object'],
  ])('refuses %j', (value, message) => expect(() => readConfig(value)).toThrow(message));
});

describe('pairwise label', () => {
  it.each<[unknown, PairwiseLabel]>([
    ['a', { choice: 'a' }],
    ['A', { choice: 'a' }],
    ['B', { choice: 'b' }],
    ['tie', { choice: 'tie' }],
    ['both_bad', { choice: 'both_bad' }],
    [{ choice: 'B' }, { choice: 'b' }],
    [
      { choice: 'a', strength: 2 },
      { choice: 'a', strength: 2 },
    ],
    [{ choice: 'tie', strength: null }, { choice: 'tie' }],
  ])('reads %j', (value, expected) => expect(readLabel(value, strong)).toEqual(expected));

  it.each<[unknown, PairwiseConfig, string]>([
    ['c', config, 'label: "c" is not one of "a", "b", "tie", "both_bad"'],
    ['TIE', config, 'label: "TIE" is not one of'],
    ['tie', strict, 'label: "tie" is not one of "a", "b"'],
    ['both_bad', strict, 'label: "both_bad" is not one of "a", "b"'],
    [{}, config, 'label.choice: missing is not one of'],
    [{ choice: ['a'] }, config, 'label.choice: a list of 1 is not one of'],
    [['a'], config, 'label: a list of 1 is not one of'],
    [null, config, 'label: null is not one of'],
    [{ choice: 'a', strength: 1 }, config, 'label.strength is given, but this campaign does not ask for a strength'],
    [{ choice: 'tie', strength: 1 }, strong, 'label.strength goes with "a" or "b", not with "tie"'],
    [{ choice: 'a', strength: 4 }, strong, 'label.strength: 4 is not a whole number from 1 to 3'],
    [{ choice: 'a', strength: Number.NaN }, strong, 'label.strength: NaN is not a whole number'],
    [{ choice: 'a', strength: '2' }, strong, 'label.strength: "2" is not a whole number'],
    [{ choice: 'a', why: 'x' }, strong, 'label has the unknown field "why"; use choice and strength'],
    [JSON.parse('{"choice":"a","__proto__":{"strength":9}}'), strong, 'label has the unknown field "__proto__"'],
  ])('refuses %j', (value, cfg, message) => expect(() => readLabel(value, cfg)).toThrow(message));

  it('has equal text exactly for equal labels', () => {
    fc.assert(
      fc.property(label, label, (x, y) => {
        const same = x.choice === y.choice && x.strength === y.strength;
        expect(pairwise.canonical(x) === pairwise.canonical(y)).toBe(same);
      }),
    );
    expect(pairwise.canonical({ strength: 1, choice: 'a' })).toBe(pairwise.canonical({ choice: 'a', strength: 1 }));
  });
});

describe('pairwise distance', () => {
  it('orders a < tie < b, with "both bad" apart from all', () => {
    const d = (x: PairwiseChoice, y: PairwiseChoice) => pairwise.distance({ choice: x }, { choice: y }, config);
    expect([d('a', 'b'), d('a', 'tie'), d('tie', 'b'), d('both_bad', 'tie'), d('both_bad', 'a')]).toEqual([
      1, 0.5, 0.5, 1, 1,
    ]);
    expect(d('both_bad', 'both_bad')).toBe(0);
  });

  it('takes strength into account where it is asked for', () => {
    const slight = { choice: 'a', strength: 1 } as const;
    expect(pairwise.distance(slight, { choice: 'b', strength: 1 }, strong)).toBeCloseTo(1 / 3, 12);
    expect(pairwise.distance(slight, { choice: 'a', strength: 3 }, strong)).toBeCloseTo(1 / 3, 12);
    expect(pairwise.distance({ choice: 'a' }, { choice: 'b' }, strong)).toBe(1);
  });

  it('is symmetric, 0 for the same, at most 1', () => {
    fc.assert(
      fc.property(label, label, (x, y) => {
        const d = pairwise.distance(x, y, strong);
        expect(d).toBe(pairwise.distance(y, x, strong));
        expect(d).toBeGreaterThanOrEqual(0);
        expect(d).toBeLessThanOrEqual(1);
        expect(pairwise.distance(x, x, strong)).toBe(0);
      }),
    );
  });
});

describe('pairwise beside a known answer', () => {
  it('counts the choice, not how strong it is', () => {
    const right = (x: PairwiseLabel, y: PairwiseLabel) => pairwise.matches?.(x, y, strong);
    expect(right({ choice: 'a', strength: 1 }, { choice: 'a' })).toBe(true);
    expect(right({ choice: 'b', strength: 1 }, { choice: 'a', strength: 1 })).toBe(false);
    expect(right({ choice: 'tie' }, { choice: 'both_bad' })).toBe(false);
  });
});

describe('pairwise presentation', () => {
  const payload = { prompt: 'P', a: 'first', b: 'second', model_a: 'secret' };

  it('shows only the prompt and two answers, half of the time in the other order', () => {
    let swapped = 0;
    for (let seed = 0; seed < 2000; seed++) {
      const shown = pairwise.present?.(payload, seed);
      expect(shown).toEqual(
        shown?.order === 'ba'
          ? { payload: { prompt: 'P', a: 'second', b: 'first' }, order: 'ba' }
          : { payload: { prompt: 'P', a: 'first', b: 'second' }, order: 'ab' },
      );
      if (shown?.order === 'ba') swapped++;
    }
    expect(Math.abs(swapped - 1000)).toBeLessThan(100);
  });

  it('undoes what it showed: the chosen text is the same, and undo is its own inverse', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.oneof(fc.string(), fc.integer()), label, (a, b, seed, given) => {
        const shown = pairwise.present?.({ prompt: 'P', a, b }, seed);
        if (!shown) throw new Error('unreachable');
        expect(pairwise.present?.({ prompt: 'P', a, b }, seed)).toEqual(shown);
        const stored = pairwise.undo?.(given, shown.order);
        if (!stored) throw new Error('unreachable');
        if (given.choice === 'a' || given.choice === 'b') {
          expect(stored.choice === 'a' ? a : b).toBe(shown.payload[given.choice]);
        } else {
          expect(stored).toEqual(given);
        }
        expect(stored.strength).toBe(given.strength);
        expect(pairwise.undo?.(stored, shown.order)).toEqual(given);
        expect(pairwise.redo?.(stored, shown.order)).toEqual(given);
      }),
    );
  });
});

describe('pairwise aggregate and export', () => {
  it('sums weights per choice and averages the winners strength', () => {
    const result = pairwise.aggregate([vote('1', 'a', 0.9, 3), vote('2', 'a', 0.3, 1), vote('3', 'b', 0.6, 2)], strong);
    expect(result).toMatchObject({ label: { choice: 'a' }, n: 3, method: 'weighted_vote' });
    expect(result.confidence).toBeCloseTo(1.2 / 1.8, 12);
    expect(result.stats?.strength).toBeCloseTo(2.5, 12);
    expect(result.stats?.tie).toBe(0);
  });

  it('gives the same bytes whatever the order of votes', () => {
    const votes = fc.uniqueArray(
      fc.record({ annotationId: fc.uuid(), label, weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { selector: ({ annotationId }) => annotationId, maxLength: 9 },
    );
    fc.assert(
      fc.property(votes, fc.nat(), (given, turn) => {
        const k = given.length === 0 ? 0 : turn % given.length;
        const turned = [...given.slice(k), ...given.slice(0, k)].reverse();
        expect(JSON.stringify(pairwise.aggregate(turned, strong))).toBe(
          JSON.stringify(pairwise.aggregate(given, strong)),
        );
      }),
    );
  });

  it('writes the strength where it is asked for: of those who gave the choice, or of a ruling', () => {
    const payload = { prompt: 'P', a: 'one', b: 'two' };
    const votes = [vote('1', 'b', 1, 3), vote('2', 'b', 1, 2), vote('3', 'a', 1, 1)];
    const aggregate = pairwise.aggregate(votes, strong);
    const record = (label: PairwiseLabel | null) => pairwise.exportRecord(payload, { ...aggregate, label }, strong);
    expect(record({ choice: 'b' })).toMatchObject({ chosen: 'two', strength: 2.5 });
    expect(record({ choice: 'b', strength: 1 })).toMatchObject({ strength: 1 });
    expect(record({ choice: 'a' })).toMatchObject({ chosen: 'one', strength: null });
    expect(record(null)).toMatchObject({ chosen: null, strength: null });
  });

  it('writes DPO records, with nothing chosen for ties and "both bad"', () => {
    const payload = { prompt: 'P', a: 'one', b: 'two', model_a: 'x' };
    const record = (choices: PairwiseChoice[]) =>
      pairwise.exportRecord(
        payload,
        pairwise.aggregate(
          choices.map((c, i) => vote(`${i}`, c)),
          config,
        ),
        config,
      );
    expect(record(['b', 'b', 'a'])).toEqual({
      ...payload,
      chosen: 'two',
      rejected: 'one',
      confidence: 2 / 3,
      n_annotators: 3,
    });
    expect(record(['a'])).toMatchObject({ chosen: 'one', rejected: 'two' });
    for (const none of [['tie'], ['both_bad'], []] as PairwiseChoice[][]) {
      expect(record(none)).not.toHaveProperty('strength');
      expect(record(none)).toMatchObject({ ...payload, chosen: null, rejected: null });
    }
  });

  it('is a pair to the model', () => {
    expect(pairwise.modelTarget(config)).toEqual({ kind: 'pair' });
    const taught = (['a', 'b', 'tie', 'both_bad'] as const).map((c) => pairwise.modelLabel({ choice: c }, config));
    expect(taught).toEqual([1, 0, 0.5, null]);
    expect(pairwise.features({ prompt: 'P', a: 'x', b: 'y' })).toEqual(['x', 'y']);
  });
});
