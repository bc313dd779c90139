import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonErrorAt } from '../../api/json-place.ts';

describe('jsonErrorAt', () => {
  test.each([
    ['{"a": oops}', 6],
    ['{"a": 1,}', 8],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['{"a" 1}', 5],
    ['{a: 1}', 1],
    ['[01]', 1],
    ['["\\x"]', 1],
    ['{"a": [1, {"b": tru}]}', 16],
    ['[1]]', 3],
    ['{"a": 1', 7],
    ['["open', 1],
    ['', 0],
    ['NaN', 0],
  ])('%j at %i', (text, at) => {
    expect(jsonErrorAt(text)).toBe(at);
  });

  test('is the end for everything the engine accepts, and for what it refuses the first fault', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '}', ']', '"', '\\', '1', 'x', ' ', ':'),
        (json, place, extra) => {
          const at = place % (json.length + 1);
          const text = json.slice(0, at) + extra + json.slice(at);
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          if (valid) expect(jsonErrorAt(text)).toBe(text.length);
          else {
            const fault = jsonErrorAt(text);
            // What comes before the fault is faultless.
            expect(jsonErrorAt(text.slice(0, fault))).toBe(fault);
            if (fault === text.length) expect(() => JSON.parse(text)).toThrow(/end of JSON|Unterminated|Expected/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
