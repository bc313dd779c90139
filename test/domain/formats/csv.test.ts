import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine, parseCsvRecord } from '../../../domain/formats/csv.ts';

describe('parseCsvRecord', () => {
  test.each([
    ['a,b', ['a', 'b']],
    ['', ['']],
    ['a,', ['a', '']],
    ['"a,b","c ""d"""', ['a,b', 'c "d"']],
    ['"two\nlines",x', ['two\nlines', 'x']],
    ['"",""', ['', '']],
  ])('%j', (record, cells) => {
    expect(parseCsvRecord(record)).toEqual({ cells });
  });

  test.each([
    ['a,"b', 'the quote that opens in column 2 is not closed'],
    ['"a"b,c', 'there is text after the closing quote in column 1'],
    ['x"y,z', 'column 1 has a quote inside an unquoted cell; quote the cell, double the quote'],
  ])('%j is refused', (record, fault) => {
    expect(parseCsvRecord(record)).toEqual({ fault });
  });
});

describe('csvLine', () => {
  test('cells that hold anything are read back as they were', () => {
    const cell = fc.string({ unit: 'grapheme' }).filter((text) => !/^[=+\-@\t\r]/.test(text));
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        expect(parseCsvRecord(csvLine(cells).slice(0, -2))).toEqual({ cells });
      }),
    );
  });

  test('text that a spreadsheet would run gets a quote before it; numbers do not', () => {
    expect(csvLine(['=1+1', '@SUM(A1)', -5, '-5', null, { a: 1 }])).toBe(`'=1+1,'@SUM(A1),-5,'-5,,"{""a"":1}"\r\n`);
  });
});
