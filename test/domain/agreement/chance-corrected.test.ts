import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoryDistance, WEIGHTS, type Weights } from '../../../domain/agreement/category-distance.ts';
import { NO_VARIATION, NOTHING_PAIRED } from '../../../domain/agreement/coefficient.ts';
import { cohenKappa } from '../../../domain/agreement/cohen.ts';
import { fleissKappa } from '../../../domain/agreement/fleiss.ts';
import { gwetCoefficient } from '../../../domain/agreement/gwet.ts';
import { onScale } from '../../../domain/agreement/numeric-labels.ts';
import { seededRng } from '../../../domain/rng.ts';
import { type Cell, type Matrix, ratingsOf } from './matrices.ts';
import { reference } from './reference.ts';

/** By numbers where all labels are numbers; else by their order of appearance, which only `identity` may use. */
function coefficients(matrix: Matrix, weights: Weights, unused: number[] = []) {
  const given = ratingsOf(matrix);
  const numbers = [...given.values.map(Number), ...unused];
  const named = { ...given, valueCount: numbers.length };
  const { ratings, scale } = numbers.every(Number.isFinite)
    ? onScale(named, numbers, 'interval')
    : { ratings: named, scale: numbers };
  const distance = categoryDistance(weights, scale);
  return { fleiss: fleissKappa(ratings, distance), gwet: gwetCoefficient(ratings, distance) };
}

const close = (coefficient: object, expected: number, tolerance: number) => {
  expect(coefficient).toEqual({ value: expect.any(Number) });
  const { value } = coefficient as { value: number };
  expect(Math.abs(value - expected)).toBeLessThan(tolerance);
};

describe('Fleiss and Gwet', () => {
  it('are the textbook values', () => {
    // Three annotators, two tasks: pa = (1 + 1/3) / 2 = 2/3; shares of yes 1 and 2/3, mean 5/6.
    const matrix: Matrix = [
      ['yes', 'yes', 'yes'],
      ['yes', 'yes', 'no'],
    ];
    const { fleiss, gwet } = coefficients(matrix, 'identity');
    close(fleiss, (2 / 3 - 26 / 36) / (1 - 26 / 36), 1e-12);
    close(gwet, (2 / 3 - 10 / 36) / (1 - 10 / 36), 1e-12);
  });

  it('are undefined with a reason where they are', () => {
    const single: Matrix = [
      ['a', null],
      [null, 'b'],
    ];
    expect(coefficients(single, 'identity')).toEqual({
      fleiss: { undefined: NOTHING_PAIRED },
      gwet: { undefined: NOTHING_PAIRED },
    });
    const same: Matrix = [
      ['a', 'a'],
      ['a', 'a'],
    ];
    expect(coefficients(same, 'identity')).toEqual({
      fleiss: { undefined: NO_VARIATION },
      gwet: { undefined: NO_VARIATION },
    });
    expect(coefficients([], 'identity').fleiss).toEqual({ undefined: NOTHING_PAIRED });
    // A category that nobody chose still could have been.
    expect(gwetCoefficient({ ...ratingsOf(same), valueCount: 2 })).toEqual({ value: 1 });
  });

  const cell = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null, freq: 4 });
  const matrices = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 8 });

  it('do not care who answered or in which order, and never are NaN', () => {
    fc.assert(
      fc.property(matrices, fc.nat(), fc.constantFrom(...WEIGHTS), (matrix, seed, weights) => {
        const mixed = seededRng(seed).shuffle(matrix.map((row) => seededRng(seed + 1).shuffle(row)));
        const [before, after] = [coefficients(matrix, weights), coefficients(mixed, weights)];
        for (const name of ['fleiss', 'gwet'] as const) {
          const coefficient = before[name];
          if ('value' in coefficient) close(after[name], coefficient.value, 1e-9);
          else expect(after[name]).toEqual(coefficient);
        }
      }),
    );
  });
});

interface AgreementFile {
  cases: {
    seed: number;
    categories: number[];
    ratings_items_by_raters: (number | null)[][];
    irrCAC: Record<string, { coefficient_value: number }>;
  }[];
}
const file = reference<AgreementFile>('agreement.json');

describe.skipIf(!file)('against irrCAC 0.4.4', () => {
  it.each(file?.cases ?? [])('case $seed', ({ ratings_items_by_raters: matrix, categories, irrCAC }) => {
    const unused = categories.filter((category) => !matrix.flat().includes(category));
    const expected = (name: string) => irrCAC[name]?.coefficient_value ?? Number.NaN;
    const plain = coefficients(matrix, 'identity', unused);
    close(plain.fleiss, expected('fleiss_kappa'), 1e-9);
    close(plain.gwet, expected('gwet_ac1'), 1e-9);
    close(coefficients(matrix, 'linear', unused).gwet, expected('gwet_ac2_linear'), 1e-9);
    close(coefficients(matrix, 'quadratic', unused).gwet, expected('gwet_ac2_quadratic'), 1e-9);
  });
});

type Measured = Record<string, Record<string, number | { coefficient_value: number } | undefined> | undefined>;
interface Example {
  id: string;
  layout?: string;
  data?: Cell[][];
  measured?: Measured & { fleiss_kappa?: number };
}
const measuredOf = ({ measured = {} }: Example, name: string, weights: Weights): number | undefined => {
  const value = measured[name]?.[weights];
  return typeof value === 'object' ? value.coefficient_value : value;
};
const examples = reference<Example[]>('agreement-examples.json') ?? [];

describe.skipIf(examples.length === 0)('against published examples', () => {
  const raw = examples.filter(({ id }) => id.startsWith('irrcac_raw'));
  it.each(raw)('$id', (example) => {
    const { data = [] } = example;
    const numeric = data.flat().every((value) => value === null || Number.isFinite(Number(value)));
    const compared = WEIGHTS.flatMap((weights) => {
      // Letters are numbered in alphabetical order there; only `identity` does not depend on it.
      if (!numeric && weights !== 'identity') return [];
      const { fleiss, gwet } = coefficients(data, weights);
      const expected = [
        [fleiss, measuredOf(example, 'fleiss', weights)],
        [gwet, measuredOf(example, weights === 'identity' ? 'gwet_AC1' : 'gwet_AC2', weights)],
      ] as const;
      return expected.flatMap(([coefficient, value]) => {
        if (value === undefined) return [];
        close(coefficient, value, 6e-7);
        return [weights];
      });
    });
    expect(compared.length).toBeGreaterThanOrEqual(numeric ? 8 : 2);
  });

  const tables = examples.filter(({ id }) => id.startsWith('irrcac_table'));
  it.each(tables)('$id', (example) => {
    const { data = [] } = example;
    const pairs = data.flatMap((row, i) =>
      row.flatMap((count, j) => Array.from({ length: Number(count) }, (): [number, number] => [i + 1, j + 1])),
    );
    for (const weights of WEIGHTS) {
      const scale = data.map((_, category) => category + 1);
      const distance = categoryDistance(weights, scale);
      const [a, b] = [pairs.map(([x]) => x - 1), pairs.map(([, y]) => y - 1)];
      const expected = (name: string) => measuredOf(example, name, weights) ?? Number.NaN;
      close({ value: cohenKappa(a, b, scale.length, distance) }, expected('cohen'), 6e-7);
      const { fleiss, gwet } = coefficients(pairs, weights);
      // With two annotators Fleiss' kappa is Scott's pi.
      close(fleiss, expected('scott'), 6e-7);
      close(gwet, expected('gwet'), 6e-7);
    }
  });

  it('fleiss_wikipedia', () => {
    const { data = [], measured = {} } = examples.find(({ id }) => id === 'fleiss_wikipedia') ?? {};
    const matrix = data.map((row) => row.flatMap((count, label) => Array<number>(Number(count)).fill(label)));
    close(coefficients(matrix, 'identity').fleiss, measured.fleiss_kappa ?? Number.NaN, 6e-7);
  });
});
