import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paths } from '../../../cli/paths.ts';
import { type Answers, readAnswers } from '../../../domain/formats/answers.ts';
import { readGold } from '../../../domain/formats/gold.ts';
import { tableReader } from '../../../domain/formats/kernel-table.ts';

const reader = tableReader(readFileSync(paths.tableKernel));
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** All that can be told of answers, or the error. */
function told(read: () => Answers): unknown {
  try {
    const { unit, rater, value, line, units, raters, values, ...rest } = read();
    const { unitCount, raterCount, valueCount, dropped, labelColumn } = rest;
    const ids = [unit, rater, value, line].map((each) => Array.from(each));
    return { ids, names: [units, raters, values], unitCount, raterCount, valueCount, dropped, labelColumn };
  } catch (error) {
    return error;
  }
}

/** Reads with and without the kernel, and requires the same of both. */
function readBoth(text: string | Uint8Array, options: { duplicates?: 'first' | 'last'; labels?: string[] } = {}) {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const plainly = told(() => readAnswers(bytes, { source: 'a.csv', ...options }));
  expect(told(() => readAnswers(bytes, { source: 'a.csv', reader, ...options }))).toEqual(plainly);
  return plainly;
}

describe('a table read by the kernel is the table read without it', () => {
  const cell = fc.oneof(
    { weight: 20, arbitrary: fc.stringMatching(/^[ -!#-+.-9a-z]{1,9}$/) },
    { weight: 1, arbitrary: fc.constantFrom('', 'é', '"q"', 'a"b', 'x\ry', '🙂') },
  );
  const row = fc.oneof(
    { weight: 30, arbitrary: fc.tuple(cell, cell, cell, cell).map((cells) => cells.join(',')) },
    { weight: 1, arbitrary: fc.constantFrom('', 't,w', 't,w,n,l,more') },
  );

  it('for any rows', () => {
    const end = fc.constantFrom('\n', '\r\n');
    const duplicates = fc.constantFrom('first', 'last', undefined);
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 40 }),
        end,
        fc.constantFrom('', '\n', '\r\n', '\r', '\n\n'),
        duplicates,
        (rows, eol, last, which) => {
          readBoth(['note,label,worker,task', ...rows].join(eol) + last, which && { duplicates: which });
        },
      ),
      { numRuns: 400 },
    );
  });

  it('for any bytes', () => {
    const header = bytesOf('task,worker,label\n');
    const bytes = fc.array(fc.constantFrom(0x61, 0x62, 0x2c, 0x0a, 0x0d, 0x22, 0xc3, 0xa9, 0, 0x20, 0x09), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(bytes, (some) => {
        readBoth(Uint8Array.from([...header, ...some]));
      }),
      { numRuns: 1000 },
    );
  });

  it('for very many different texts, and long ones', () => {
    const rows = Array.from(
      { length: 30_000 },
      (_, i) => `task number ${i * 7919},w${i % 1000},${'l'.repeat(i % 300)}x`,
    );
    const read = readBoth(['task,worker,label', ...rows].join('\n'));
    expect(read).toMatchObject({ unitCount: 30_000, raterCount: 1000, valueCount: 300 });
  });

  it('with a schema, and for gold', () => {
    readBoth('task,worker,label\nt1,w1,low\nt2,w1,high\n', { labels: ['high', 'low'] });
    const gold = bytesOf('label,item\na,t1\nb,t2\na,t1\n');
    expect(readGold(gold, 'g.csv', reader)).toEqual(readGold(gold, 'g.csv'));
  });
});

it('the kernel leaves to others what is not plain', () => {
  const read = (text: string) => reader(bytesOf(text), 2, [0]);
  for (const text of ['"a",b\n', 'a\n', 'a,b,c\n', 'a,b\n\na,b\n', ',b\n', 'é,b\n', 'a\rb,c\n']) {
    expect(read(text)).toBeUndefined();
  }
  const plain = read('a,é\r\n b\t,\na ,x');
  expect([plain?.rows, Array.from(plain?.columns[0]?.ids ?? []), plain?.columns[0]?.table.names()]).toEqual([
    3,
    [0, 1, 0],
    ['a', 'b'],
  ]);
});
