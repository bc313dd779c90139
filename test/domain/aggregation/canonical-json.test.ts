import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../domain/aggregation/canonical-json.ts';

describe('canonicalJson', () => {
  it('sorts keys, writes bigints as text and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [1, 'x', null], a: { d: 5n, c: true }, e: undefined })).toBe(
      '{"a":{"c":true,"d":"5"},"b":[1,"x",null]}',
    );
    expect(canonicalJson(-0)).toBe('0');
    expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}');
  });

  it('gives equal bytes for equal values, whatever the order of keys, and reads back the same', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, turned(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(turned(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses what JSON cannot say, and says where', () => {
    expect(() => canonicalJson({ a: [Number.NaN] })).toThrow('$.a[0] is NaN');
    expect(() => canonicalJson({ a: new Date(0) })).toThrow('$.a is not a plain object');
    expect(() => canonicalJson([undefined])).toThrow('$[0] is undefined');
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(() => canonicalJson(loop)).toThrow('refers to itself');
  });
});
