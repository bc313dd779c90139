import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { readAnswers } from '../../../domain/formats/answers.ts';
import { hasOnlyComparisons, readComparisons } from '../../../domain/formats/comparisons.ts';
import { readGold } from '../../../domain/formats/gold.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readAnswers(bytesOf(text), { source: 'a.jsonl' });

describe('JSON Lines', () => {
  it('are read as the same rows of CSV would be', () => {
    const cell = fc.string({ minLength: 1, unit: 'grapheme' });
    const rows = fc.uniqueArray(fc.record({ worker: cell, note: fc.string(), task: cell, label: cell }), {
      minLength: 1,
      selector: ({ task, worker }) => JSON.stringify([task, worker]),
    });
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n', '\n\n'), (given, end) => {
        const answers = read(given.map((row) => JSON.stringify(row)).join(end));
        const { unit, rater, value, units, raters, values } = toRatings(given);
        expect({ ...answers, units: [...answers.units] }).toMatchObject({ unit, rater, value, units, raters, values });
      }),
    );
  });

  it('may have a byte order mark, other names, numbers and truth values', () => {
    const text = '\ufeff\n{"Item":7,"worker":"w1","label":true}\n\n{"item":8,"worker":"w2","label":1.50,"x":[1]}\n';
    expect(read(text)).toMatchObject({ units: ['7', '8'], values: ['true', '1.5'], line: Int32Array.of(2, 4) });
  });

  it('may be gold, and comparisons, whose ties are null or missing', () => {
    expect([...readGold(bytesOf('{"task":"t1","label":"a"}'), 'g.jsonl').labels]).toEqual([['t1', 'a']]);
    const text = ['x', 'y', null, undefined].map((winner, w) =>
      JSON.stringify({ left: 'x', right: 'y', worker: `w${w}`, winner }),
    );
    // The first object says which members there are.
    const pairs = bytesOf(text.join('\n'));
    expect(hasOnlyComparisons(pairs, 'p.jsonl')).toBe(true);
    expect(readComparisons(pairs, { source: 'p.jsonl' }).winner).toEqual(Float64Array.of(1, 0, 0.5, 0.5));
  });

  it.each([
    ['{"task":"t","worker":"w"}', 'a.jsonl:1: the object has no "label" or "winner"; it has "task", "worker".'],
    ['{"task":"t","worker":"w","label":"a"}\n{"task":"t","label":"a"}', 'a.jsonl:2: "worker" is missing.'],
    ['{"task":"t","worker":"w","label":null}', 'a.jsonl:1: "label" is empty.'],
    ['{"task":"t","worker":"w","label":""}', 'a.jsonl:1: "label" is empty.'],
    [
      '{"task":"t","worker":"w","label":["a"]}',
      'a.jsonl:1: "label" is a list or an object; it must be text or a number.',
    ],
    [
      '{"task":9007199254740993,"worker":"w","label":"a"}',
      'a.jsonl:1: "task" is a number too large to be told from its neighbours; write it in quotes.',
    ],
    [
      '{"task":1e400,"worker":"w","label":"a"}',
      'a.jsonl:1: "task" is a number too large to be told from its neighbours; write it in quotes.',
    ],
    ['\n{"task":"t",}', 'a.jsonl:2: column 13: not valid JSON: found "}" where a key in double quotes belongs.'],
    [
      '{"task":"t","worker":"w","label":"a"}\n["t"]',
      'a.jsonl:2: it is no JSON object; in JSON Lines each line is one, such as {"task":"t1"}.',
    ],
    [
      '{"task":"t","worker":"w","label":"a"}\n{"task":"t","worker":"w","label":"b"}',
      'a.jsonl:2: worker "w" (column 2) answered task "t" before, in line 1. Say --duplicates first or --duplicates last to keep one of the answers.',
    ],
    [
      '{\n  "task":"t"\n}',
      'a.jsonl:1: column 2: not valid JSON: the text ends where a key in double quotes belongs. Write each object on one line.',
    ],
  ])('%j are refused', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'invalid_input', message }));
  });

  it('that are no UTF-8 are refused', () => {
    const bytes = Uint8Array.from([...bytesOf('{"task":"'), 0xe9, ...bytesOf('"}')]);
    expect(() => readAnswers(bytes, { source: 'a.jsonl' })).toThrow('a.jsonl:1: the text is not valid UTF-8');
  });
});
