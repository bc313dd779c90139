import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatUsd,
  MAX_MICROS,
  parseUsd,
  priceFor,
  ratioOfMicros,
  splitMicros,
  worstCaseMicros,
} from '../../domain/money.ts';

const micros = fc.bigInt({ min: -MAX_MICROS, max: MAX_MICROS });
const amount = fc.bigInt({ min: 0n, max: MAX_MICROS });

describe('parseUsd', () => {
  it.each([
    ['12.34', 12_340_000n],
    ['0', 0n],
    ['0.000001', 1n],
    ['007.5', 7_500_000n],
    ['-0', 0n],
    [0.1, 100_000n],
    [12.34, 12_340_000n],
    [1e6, 1_000_000_000_000n],
    ['1000000000000', MAX_MICROS],
  ])('reads %j', (input, expected) => expect(parseUsd(input)).toBe(expected));

  it.each([
    ['1.2345678', 'at most 6 decimals'],
    [0.1 + 0.2, 'at most 6 decimals'],
    [1e-7, 'at most 6 decimals'],
    [1e22, 'give an amount this large as a string'],
    [Number.NaN, 'finite'],
    [Infinity, 'finite'],
    ['1,000', 'such as "12.34"'],
    ['$5', 'such as "12.34"'],
    ['', 'such as "12.34"'],
    [' 1', 'such as "12.34"'],
    ['.5', 'such as "12.34"'],
    ['1e3', 'such as "12.34"'],
    ['-1', 'must not be negative'],
    [-0.5, 'must not be negative'],
    ['1000000000000.000001', 'at most 1,000,000,000,000 dollars'],
    ['9'.repeat(41), 'such as'],
  ])('refuses %j in a sentence that names the field', (input, rule) => {
    expect(() => parseUsd(input, { field: 'budgetUsd' })).toThrow(rule);
    expect(() => parseUsd(input, { field: 'budgetUsd' })).toThrow(/^budgetUsd is .*\.$/);
  });

  it('refuses what is no amount at all', () => {
    for (const input of [null, undefined, {}, true, 5n]) {
      expect(() => parseUsd(input as unknown as string)).toThrow('decimal string');
    }
  });

  it('reads back exactly what formatUsd writes, in the shortest form', () => {
    fc.assert(
      fc.property(micros, (value) => {
        const text = formatUsd(value);
        expect(parseUsd(text, { signed: true })).toBe(value);
        expect(text).toMatch(/^-?\d+\.\d{2}(\d{0,3}[1-9])?$/);
      }),
    );
  });

  it('reads a number as its shortest decimal text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (cents) => {
        expect(parseUsd(cents / 100)).toBe(BigInt(cents) * 10_000n);
      }),
    );
  });
});

describe('formatUsd', () => {
  it.each([
    [12_340_000n, '12.34'],
    [0n, '0.00'],
    [1n, '0.000001'],
    [-1_500_000n, '-1.50'],
    [312_500n, '0.3125'],
    [100n, '0.0001'],
  ])('writes %d as %s', (value, text) => expect(formatUsd(value)).toBe(text));
});

describe('priceFor', () => {
  it('is the hourly rate for the usual seconds', () => {
    expect(priceFor(25_000_000n, 45)).toBe(312_500n);
    expect(priceFor(12_000_000n, 15)).toBe(50_000n);
    expect(priceFor(50_000_000n, 30)).toBe(416_667n);
    expect(priceFor(100_000_000n, 3600)).toBe(100_000_000n);
  });

  it('is within half a micro-dollar of the exact price', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (seconds) => {
        const error = priceFor(25_000_000n, seconds) * 3600n - 25_000_000n * BigInt(seconds);
        expect(error <= 1800n && error > -1800n).toBe(true);
      }),
    );
  });
});

describe('worstCaseMicros', () => {
  it('counts golds, fee and rulings', () => {
    expect(worstCaseMicros({ tasks: 100, maxRedundancy: 3, priceMicros: 150_000n })).toBe(45_000_000n);
    expect(worstCaseMicros({ tasks: 100, maxRedundancy: 3, priceMicros: 150_000n, goldRatio: 0.05 })).toBe(47_250_000n);
    // 0.07 x 100 is 7.000000000000001 in floating point; seven golds, not eight.
    expect(worstCaseMicros({ tasks: 100, maxRedundancy: 1, priceMicros: 1n, goldRatio: 0.07 })).toBe(107n);
    // So is 0.0079 x 1e6 = 7900.000000000001.
    expect(worstCaseMicros({ tasks: 10_000, maxRedundancy: 1, priceMicros: 1n, goldRatio: 0.0079 })).toBe(10_079n);
    expect(worstCaseMicros({ tasks: 1, maxRedundancy: 1, priceMicros: 1n, goldRatio: 0.01 })).toBe(2n);
    const full = { tasks: 10, maxRedundancy: 5, priceMicros: 100n, feeRatio: 0.2, adjudicationMicros: 1000n };
    expect(worstCaseMicros(full)).toBe(16_000n);
  });

  it('refuses what is no count or ratio', () => {
    const batch = { tasks: 1, maxRedundancy: 1, priceMicros: 1n };
    expect(() => worstCaseMicros({ ...batch, tasks: -1 })).toThrow('tasks is -1');
    expect(() => worstCaseMicros({ ...batch, tasks: 1.5 })).toThrow('tasks is 1.5');
    expect(() => worstCaseMicros({ ...batch, goldRatio: Number.NaN })).toThrow('goldRatio is NaN');
  });
});

describe('rounding', () => {
  it('neither creates nor loses money when an amount is split', () => {
    const weights = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(micros, weights, (total, shares) => {
        const parts = splitMicros(total, shares);
        expect(parts.length).toBe(shares.length);
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(total);
        for (const part of parts) expect(total >= 0n ? part >= 0n : part <= 0n).toBe(true);
      }),
    );
    expect(splitMicros(100n, [1, 1, 1])).toEqual([34n, 33n, 33n]);
    expect(splitMicros(10n, [0, 0])).toEqual([5n, 5n]);
  });

  it('rounds a fee up, by less than one micro-dollar', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 1_000_000 }), (value, ppm) => {
        const excess = ratioOfMicros(value, ppm / 1e6) * 1_000_000n - value * BigInt(ppm);
        expect(excess >= 0n && excess < 1_000_000n).toBe(true);
      }),
    );
  });
});
