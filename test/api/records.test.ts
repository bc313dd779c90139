import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordSplitter } from '../../api/records.ts';
import { csvLine, parseCsvRecord } from '../../domain/formats/csv.ts';

function split(chunks: readonly Uint8Array[], options: { maxBytes?: number; csv?: boolean } = {}) {
  const splitter = new RecordSplitter({ maxBytes: options.maxBytes ?? 1000, csv: options.csv ?? false });
  const records = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
  return records.map(({ line, bytes }) => [line, bytes === null ? null : Buffer.from(bytes).toString()]);
}

const chunksOf = (text: string, size: number) => {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
};

describe('RecordSplitter', () => {
  test('lines, however the bytes are cut', () => {
    for (const size of [1, 2, 3, 100]) {
      expect(split(chunksOf('a\r\nbé\n\nlast', size))).toEqual([
        [1, 'a'],
        [2, 'bé'],
        [3, ''],
        [4, 'last'],
      ]);
    }
  });

  test('a line too long to keep is reported with its number, and the next one is read', () => {
    for (const size of [1, 7, 1000]) {
      expect(split(chunksOf(`a\n${'x'.repeat(50)}\nb\n`, size), { maxBytes: 10 })).toEqual([
        [1, 'a'],
        [2, null],
        [3, 'b'],
      ]);
    }
  });

  test('in CSV a quoted line end is part of the record, which is counted from its first line', () => {
    expect(split(chunksOf('h1,h2\n"a\nb",c\n"x ""q"" y",z\nend,1', 4), { csv: true })).toEqual([
      [1, 'h1,h2'],
      [2, '"a\nb",c'],
      [4, '"x ""q"" y",z'],
      [5, 'end,1'],
    ]);
  });

  test('a quote inside an unquoted cell does not swallow the rest of the file', () => {
    expect(split(chunksOf('5" disk,1\nnext,2\n', 3), { csv: true })).toEqual([
      [1, '5" disk,1'],
      [2, 'next,2'],
    ]);
  });

  test('an unclosed quote costs at most a record of the greatest length', () => {
    const lines = Array.from({ length: 40 }, (_, at) => `row ${at}`);
    const records = split(chunksOf(`"open,1\n${lines.join('\n')}\n`, 5), { csv: true, maxBytes: 60 });
    expect(records[0]).toEqual([1, null]);
    expect(records.at(-1)).toEqual([41, 'row 39']);
  });

  test('any table survives writing, cutting and reading', () => {
    const cell = fc.string({ unit: 'grapheme' }).filter((text) => !/^[=+\-@\t\r]/.test(text));
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 10 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), (table, size) => {
        const text = table.map(csvLine).join('');
        const records = split(chunksOf(text, size), { csv: true, maxBytes: 1e6 });
        expect(records.map(([, record]) => parseCsvRecord(String(record)))).toEqual(table.map((cells) => ({ cells })));
      }),
    );
  });
});
