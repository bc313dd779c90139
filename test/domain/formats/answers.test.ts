import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { type Answers, readAnswers } from '../../../domain/formats/answers.ts';
import { readComparisons } from '../../../domain/formats/comparisons.ts';
import { readGold, readGoldOfPairs, strangeGold } from '../../../domain/formats/gold.ts';
import { labelNumbers } from '../../../domain/formats/label-numbers.ts';
import { labelName } from '../../../domain/formats/pair-labels.ts';

const source = 'a.csv';
const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string | Uint8Array, options = {}) =>
  readAnswers(typeof text === 'string' ? bytesOf(text) : text, { source, ...options });

/** The answers as rows of names. */
const rowsOf = ({ unit, rater, value, units, raters, values }: Answers) =>
  Array.from(unit, (u, i) => [units[u], raters[rater[i] ?? -1], values[value[i] ?? -1]]);

describe('readAnswers', () => {
  it.each([
    ['plain', 'task,worker,label\nt1,w1,a\nt1,w2,b\n'],
    ['without a last line end', 'task,worker,label\nt1,w1,a\nt1,w2,b'],
    ['CRLF', 'task,worker,label\r\nt1,w1,a\r\nt1,w2,b\r\n'],
    ['CRLF cut off', 'task,worker,label\r\nt1,w1,a\r\nt1,w2,b\r'],
    ['a byte order mark', '\ufefftask,worker,label\nt1,w1,a\nt1,w2,b\n'],
    ['another order, more columns, item', 'time,label,note,item,worker\n1,a,"x, y",t1,w1\n2,b,,t1,w2\n'],
    ['both task and item', 'item,task,worker,label\nx,t1,w1,a\ny,t1,w2,b\n'],
    ['a loose header', ' Task , WORKER,Label\nt1,w1,a\nt1,w2,b\n'],
    ['quotes', '"task","worker","label"\n"t1","w1","a"\r\n"t1",w2,"b"'],
    ['blank lines', '\n\r\ntask,worker,label\n\nt1,w1,a\r\n\r\n\nt1,w2,b\n\n'],
    ['winner', 'item,worker,winner\nt1,w1,a\nt1,w2,b\n'],
    ['sides that are something else', 'task,left,right,worker,label\nt1,9,80,w1,a\nt1,,b,w2,b\n'],
  ])('understands %s', (_, text) => {
    expect(rowsOf(read(text))).toEqual([
      ['t1', 'w1', 'a'],
      ['t1', 'w2', 'b'],
    ]);
  });

  it('takes cells as they are: inner spaces, quotes, commas, line ends, other scripts, a lone carriage return', () => {
    const text = 'task,worker,label\n" t1 ","w ""1""","a\n,b"\n"日本\r\n語",w\r 2,🙂\n';
    expect(rowsOf(read(text))).toEqual([
      [' t1 ', 'w "1"', 'a\n,b'],
      ['日本\r\n語', 'w\r 2', '🙂'],
    ]);
    expect(Array.from(read(text).line)).toEqual([2, 4]);
  });

  it('drops blanks around cells without quotes, also beside cells with quotes inside, and at line ends', () => {
    const text = 'task, worker , label\nt1, w1,yes\nt1 ,\tw2 \t, yes \r\n t1,"w ""3""", yes\nt1," w1",é \n';
    const answers = read(text);
    expect(rowsOf(answers)).toEqual([
      ['t1', 'w1', 'yes'],
      ['t1', 'w2', 'yes'],
      ['t1', 'w "3"', 'yes'],
      ['t1', ' w1', 'é'],
    ]);
    expect(answers).toMatchObject({ unitCount: 1, raterCount: 4, valueCount: 2 });
  });

  it('reads back whatever is written, as the ratings of its rows', () => {
    const cell = fc.oneof(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.stringMatching(/^[ab",\r\n]{1,4}$/),
      fc.constantFrom('a', 'b', 'tie', '-1', '"'),
    );
    const rows = fc.uniqueArray(fc.record({ task: cell, worker: cell, label: cell, note: fc.string() }), {
      minLength: 1,
      selector: ({ task, worker }) => JSON.stringify([task, worker]),
    });
    const style = fc.record({ quoteAll: fc.boolean(), end: fc.constantFrom('\n', '\r\n'), last: fc.boolean() });
    fc.assert(
      fc.property(rows, style, (given, { quoteAll, end, last }) => {
        const quoted = (text: string) =>
          quoteAll || /[",\r\n]|^[ \t]|[ \t]$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const lines = given.map(({ task, worker, label, note }) => [note, worker, task, label].map(quoted).join(','));
        const answers = read(['note,worker,task,label', ...lines].join(end) + (last ? end : ''));
        const { unit, rater, value, units, raters, values } = toRatings(given);
        expect({ ...answers, units: [...answers.units] }).toMatchObject({ unit, rater, value, units, raters, values });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['', 'a.csv: it is empty; its first line must name the columns.'],
    ['\ufeff\n\n', 'a.csv: it is empty; its first line must name the columns.'],
    ['task,worker,label\n', 'a.csv: it has a header, but no answers.'],
    [
      'task,annotator,label\nt,w,a\n',
      'a.csv:1: the header has no column "worker"; it has "task", "annotator", "label".',
    ],
    ['id,worker,label\nt,w,a\n', 'a.csv:1: the header has no column "task" or "item"; it has "id", "worker", "label".'],
    [
      'task,worker,label\rt1,w1,a\r',
      'a.csv:1: the header has no column "label" or "winner"; it has "task", "worker", "label\\rt1", "w1", "a". Its lines end with carriage returns alone: save it with line feeds.',
    ],
    [
      'task;worker;label\nt;w;a\n',
      'a.csv:1: the header has no column "task" or "item"; it has "task;worker;label". Commas must separate the columns, not ";".',
    ],
    [
      'task\tworker\tlabel\nt\tw\ta\n',
      'a.csv:1: the header has no column "task" or "item"; it has "task\\tworker\\tlabel". Commas must separate the columns, not tabs.',
    ],
    ['\ntask,worker,worker,label\nt,w,w,a\n', 'a.csv:2: the header names the column "worker" twice.'],
    ['task,worker,label\nt1,w1,a\nt1,w2\n', 'a.csv:3: the row has 2 columns, but the header has 3.'],
    ['task,worker,label\nt1,w1,a,b\n', 'a.csv:2: the row has 4 columns, but the header has 3.'],
    ['task,worker,label\nt1 \n', 'a.csv:2: the row has 1 columns, but the header has 3.'],
    ['task,worker,label\nt1,w1, \n', 'a.csv:2: column 3 (label) is empty.'],
    ['task,worker,label\nt1,w1,\n', 'a.csv:2: column 3 (label) is empty.'],
    ['label,worker,task\na,,t1\n', 'a.csv:2: column 2 (worker) is empty.'],
    ['task,worker,label\n"",w1,a\n', 'a.csv:2: column 1 (task) is empty.'],
    ['task,worker,label\nt1,w1,"a\nb,c\n', 'a.csv:2: the quote that opens in column 3 is not closed.'],
    ['task,worker,label\n"t1"x,w1,a\n', 'a.csv:2: there is text after the closing quote in column 1.'],
    [
      'task,worker,label\nt1,w"1,a\n',
      'a.csv:2: column 2 has a quote inside an unquoted cell; quote the cell, double the quote.',
    ],
    ['task,worker,label\n"a\nb",w1,a\nt1,w1,\n', 'a.csv:4: column 3 (label) is empty.'],
    [
      'task,worker,label\nt1,w1,a\nt2,w1,a\nt1,w1,b\n',
      'a.csv:4: worker "w1" (column 2) answered task "t1" before, in line 2. Say --duplicates first or --duplicates last to keep one of the answers.',
    ],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'invalid_input', message }));
  });

  it.each([
    [[0xff, 0xfe, 0x74, 0], 'a.csv:1: the text is UTF-16. Save the file as UTF-8.'],
    [[0x1f, 0x8b, 8, 0], 'a.csv: it is compressed (gzip). Write CSV or JSON Lines.'],
    [[0x50, 0x4b, 3, 4, 0], 'a.csv: it is a ZIP archive, as spreadsheets (.xlsx) are. Write CSV or JSON Lines.'],
    [[...bytesOf('PAR1'), 0xe9], 'a.csv: it is Parquet. Write CSV or JSON Lines.'],
    [[...bytesOf('[\n  {"task":"t"}]')], 'a.csv: it is a JSON array. Write one object a line, or CSV.'],
    [
      [...bytesOf('task,worker,label\nt,w,a\nt,'), 0xe9, ...bytesOf(',a\n')],
      'a.csv:3: column 2 (worker) is not valid UTF-8. Save the file as UTF-8.',
    ],
    [
      [...bytesOf('task,worker,label\nt,"w'), 0xe9, ...bytesOf('""",a\n')],
      'a.csv:2: the text is not valid UTF-8; save the file as UTF-8.',
    ],
    [
      [...bytesOf('task,worker,'), 0xe9, 0x0a],
      'a.csv:1: the header cannot be read: the text is not valid UTF-8; save the file as UTF-8.',
    ],
  ])('refuses the bytes %j', (bytes, message) => {
    expect(() => read(Uint8Array.from(bytes))).toThrow(message);
  });

  it('keeps the first or the last of several answers where that is asked for', () => {
    const text = 'task,worker,label\nt1,w1,x\nt2,w1,y\nt1,w1,z\nt1,w2,y\nt1,w1,y\n';
    const first = read(text, { duplicates: 'first' });
    expect(rowsOf(first)).toEqual([
      ['t1', 'w1', 'x'],
      ['t2', 'w1', 'y'],
      ['t1', 'w2', 'y'],
    ]);
    expect(first).toMatchObject({ dropped: 2, valueCount: 2 });
    expect(Array.from(first.line)).toEqual([2, 3, 5]);
    const last = read(text, { duplicates: 'last' });
    expect(rowsOf(last)).toEqual([
      ['t2', 'w1', 'y'],
      ['t1', 'w2', 'y'],
      ['t1', 'w1', 'y'],
    ]);
    expect(last.values).toEqual(['y']);
  });

  it('takes the labels there may be in their order, and refuses others', () => {
    const text = 'task,worker,label\nt1,w1,low\nt2,w1,high\n';
    const labels = ['high', 'middle', 'low'];
    expect(read(text, { labels })).toMatchObject({ values: labels, valueCount: 3, value: Int32Array.of(2, 0) });
    expect(() => read(text, { labels: ['low', 'lower'] })).toThrow(
      'a.csv:3: column 3 (label) is "high", which is none of the labels low, lower.',
    );
  });

  it('takes no longer for each answer where there are many, or a million different labels', () => {
    const rows = (count: number, row: (i: number) => string) =>
      bytesOf(['task,worker,label', ...Array.from({ length: count }, (_, i) => row(i))].join('\n'));
    const few = (i: number) => `t${Math.floor(i / 5)},w${(i * 7) % 499},L${i % 3}`;
    const different = (i: number) => `t${i},w,label number ${i}`;
    const cpuMsPerRow = (bytes: Uint8Array, count: number, valueCount: number) => {
      const startedMs = process.cpuUsage().user / 1000;
      expect(read(bytes).valueCount).toBe(valueCount);
      return (process.cpuUsage().user / 1000 - startedMs) / count;
    };
    for (const [row, count, values] of [
      [few, 500_000, () => 3],
      [different, 1_000_000, (some: number) => some],
    ] as const) {
      const small = count / 10;
      // The first reading warms up; quadratic growth would show as ten times as long.
      cpuMsPerRow(rows(small, row), small, values(small));
      const base = cpuMsPerRow(rows(small, row), small, values(small));
      expect(cpuMsPerRow(rows(count, row), count, values(count))).toBeLessThan(5 * base);
    }
  });
});

describe('readAnswers of comparisons', () => {
  it.each([
    ['with tasks', 'item,item_a,item_b,worker,winner', 't1,', 't2,'],
    ['without', 'left,right,worker,label', '', ''],
  ])('%s have which side won for labels, in one order of two items', (_, header, one, two) => {
    const rows = ['x,y,w1,x', 'y,x,w2,x', 'x,y,w3,tie'].map((row) => one + row);
    const more = ['z,x,w1,x', 'x,z,w2,'].map((row) => two + row);
    const answers = read(`${header}\n${[...rows, ...more].join('\n')}\n`);
    const names = one === '' ? ['x | y', 'z | x'] : ['t1', 't2'];
    expect(rowsOf(answers)).toEqual([
      [names[0], 'w1', 'left'],
      [names[0], 'w2', 'left'],
      [names[0], 'w3', 'tie'],
      [names[1], 'w1', 'right'],
      [names[1], 'w2', 'tie'],
    ]);
    const { pairs = { left: Int32Array.of(), right: Int32Array.of(), items: [] } } = answers;
    expect(labelName('left', pairs, 1)).toBe('z');
    expect(labelName('tie', pairs, 1)).toBe('tie');
    const gold = (text: string) => [...readGoldOfPairs(bytesOf(text), 'g.csv', { ...answers, pairs }).labels];
    const known = [
      [names[0], 'right'],
      [names[1], 'tie'],
      ['other', 'x'],
    ];
    expect(gold(`task,label\n${names[0]},y\n${names[1]},\nother,x\n`)).toEqual(known);
    expect(gold('left,right,label\ny,x,y\nx,z,tie\n')).toEqual(known.slice(0, 2));
    expect(() => gold('label\nx\n')).toThrow('g.csv:2: gold for comparisons needs task, or left and right; it has');
  });

  it('leaves other labels as they are, and all of them where the schema names some', () => {
    const header = 'task,left,right,worker,label\n';
    const both = read(`${header}t1,x,y,w1,x\nt1,x,y,w2,neither\n`);
    expect(rowsOf(both).map(([, , label]) => label)).toEqual(['left', 'neither']);
    const several = `${header}t1,x,y,w1,x\nt1,y,z,w2,z\n`;
    const asTheyAre = ({ values, pairs }: Answers) => [values, pairs];
    expect(asTheyAre(read(several, { labels: ['x', 'z'] }))).toEqual([['x', 'z'], undefined]);
    const schema = read(`${header}t1,x,y,w1,x\n`, { labels: ['y', 'tie', 'x'] });
    expect(asTheyAre(schema)).toEqual([['y', 'tie', 'x'], undefined]);
    const sides = read('left,right,worker,label\nx,y,w1,y\n', { labels: ['left', 'tie', 'right'] });
    expect(rowsOf(sides)).toEqual([['x | y', 'w1', 'right']]);
  });

  it('takes labels for items by the rows that name one: ties say nothing', () => {
    const header = 'task,left,right,label,worker\n';
    const ties = 't1,x,y,tie,w1\nt2,p,q,tie,w1\nt2,p,q,tie,w2\n';
    const sides = read(`${header}${ties}t1,y,x,left,w2\nt1,x,y,left,w3\n`);
    expect([sides.values, sides.pairs]).toEqual([['tie', 'left'], undefined]);
    expect(read(header + ties).pairs).toBeUndefined();
    const items = read(`${header}${ties}t1,y,x,x,w2\nt1,x,y,neither,w3\n`);
    expect(items.values).toEqual(['tie', 'left', 'neither']);
  });

  it.each([
    ['t9,s,s,s,w0', 'a.csv:8: column 3 (right) is the item of column 2 again.'],
    ['t9,s,s,,w0', 'a.csv:8: column 3 (right) is the item of column 2 again.'],
    ['t1,x,z,x,w0', 'a.csv:8: task "t1" (column 1) compares other items than in line 2.'],
    ['t9,,z,z,w0', 'a.csv:8: column 2 (left) is empty.'],
    ['t9,x,,,w0', 'a.csv:8: column 3 (right) is empty.'],
  ])('refuses the row %s among sound ones, instead of taking all labels for names', (row, message) => {
    const sound = 't1,x,y,x,w1\nt1,y,x,,w2\nt2,p,q,q,w1\n';
    const more = 't2,q,p,,w2\nt3,x,y,y,w1\nt3,x,y,x,w2\n';
    expect(() => read(`task,left,right,label,worker\n${sound}${more}${row}\n`)).toThrow(message);
  });

  it.each([',b,,w1', ',b,b,w1', 'b,,b,w1'])('refuses items without a name where there are no tasks: %s', (row) => {
    const number = row.startsWith(',') ? '1 (left)' : '2 (right)';
    expect(() => read(`left,right,label,worker\nx,y,x,w1\n${row}\n`)).toThrow(`a.csv:3: column ${number} is empty.`);
  });

  it('refuses a schema of names where there are no tasks', () => {
    expect(() => read('left,right,label,worker\nx,y,x,w1\n', { labels: ['x', 'y'] })).toThrow(
      'a.csv: without a column "task" or "item" the labels are left, right, tie, not x, y.',
    );
  });

  it('finds the task of gold by its name, and by its items where it has none', () => {
    const header = 'task,left,right,label';
    const gold = (text: string, answers: string) => {
      const { units, pairs } = read(answers);
      return pairs && [...readGoldOfPairs(bytesOf(text), 'g.csv', { units, pairs }).labels];
    };
    const tasks = `${header},worker\nt1,x,y,x,w1\n`;
    expect(gold(`${header}\nt1,x,y,x\nt9,x,y,y\n`, tasks)).toEqual([
      ['t1', 'left'],
      ['t9', 'y'],
    ]);
    expect(gold(`${header}\nt9,x,y,y\n`, tasks)).toEqual([['t9', 'y']]);
    expect(gold(`${header}\nt9,x,y,y\n`, 'left,right,label,worker\nx,y,x,w1\n')).toEqual([['x | y', 'right']]);
  });

  it('refuses winners that are neither item, labels that are empty, and numbers of them', () => {
    expect(() => read('left,right,worker,label\nx,y,w1,z\n')).toThrow(
      'a.csv:2: column 4 (label) is "z", which is neither',
    );
    expect(() => read('task,left,right,worker,label\nt1,3,4,w1,good\nt1,3,4,w2,bad\nt1,3,4,w3,\n')).toThrow(
      'a.csv:4: column 5 (label) is empty.',
    );
    expect(() => labelNumbers(read('left,right,worker,label\n1,2,w1,1\n'), 'interval')).toThrow(
      /winners of comparisons/,
    );
  });
});

describe('labelNumbers', () => {
  const answers = read('task,worker,label\nt1,w1,10\nt2,w1,-1.5\nt3,w1,x\n');
  it('are what the labels say', () => {
    expect(labelNumbers(read('task,worker,label\nt1,w1,10\nt2,w1,-1.5e1\nt3,w1, 3\n'), 'interval')).toEqual(
      Float64Array.of(10, -15, 3),
    );
  });
  it('names the first label that is none', () => {
    expect(() => labelNumbers(answers, 'interval')).toThrow(
      'a.csv:4: column 3 (label) is "x", but levels above nominal need finite numbers.',
    );
    expect(() => labelNumbers(answers, 'ratio')).toThrow(
      'a.csv:3: column 3 (label) is "-1.5", but the ratio level needs numbers from 0.',
    );
  });
  it.each(['0x10', '0b1', 'Infinity', '1_000'])('are none in other notations: %s', (label) => {
    expect(() => labelNumbers(read(`task,worker,label\nt1,w1,${label}\n`), 'interval')).toThrow('need finite numbers');
  });
  it.each(['1e101', '-1e308', '1e-101', '5e-324'])('are none whose squares are infinite or lost: %s', (label) => {
    const text = `task,worker,label\nt1,w1,0\nt1,w2,${label}\n`;
    expect(() => labelNumbers(read(text), 'interval')).toThrow(
      `a.csv:3: column 3 (label) is "${label}", but levels above nominal need numbers of a size from 1e-100 to 1e+100, or 0.`,
    );
  });
});

describe('readGold', () => {
  it('is label by task', () => {
    expect([...readGold(bytesOf('label,item\na,t1\nb,t2\na,t1\n'), 'g.csv').labels]).toEqual([
      ['t1', 'a'],
      ['t2', 'b'],
    ]);
  });
  it('refuses two labels for a task', () => {
    expect(() => readGold(bytesOf('task,label\nt1,a\nt2,b\nt1,b\n'), 'g.csv')).toThrow(
      'g.csv:4: column 2 (label) says "b" for task "t1", but line 2 said "a".',
    );
    expect(() => readGold(bytesOf('task,label\n'), 'g.csv')).toThrow('g.csv: it has a header, but no gold labels.');
  });
});

describe('strangeGold', () => {
  const answers = (labels: string[]) =>
    read(`task,worker,label\n${labels.map((label, t) => `t${t},w,${label}\n`).join('')}`);
  const gold = (labels: string[]) =>
    readGold(bytesOf(`task,label\n${labels.map((label, t) => `t${t},${label}\n`).join('')}`), 'g.csv');

  it('are the gold labels that no answer has, among the tasks with answers', () => {
    expect(strangeGold(gold(['a', 'b']), answers(['a', 'b']))).toEqual({ count: 0 });
    expect(strangeGold(gold(['a', 'b', 'c']), answers(['b', 'a']))).toEqual({ count: 0 });
    expect(strangeGold(gold(['a', 'B', 'c']), answers(['a', 'b', 'b']))).toEqual({
      count: 2,
      example: {
        label: 'B',
        message: 'g.csv:3: column 2 (label) is "B", a label that no answer has; the answers write "b".',
      },
    });
  });

  it('are refused where that is all of them, as of files that write numbers in two ways', () => {
    expect(() => strangeGold(gold(['1', '0']), answers(['1.0', '0.0']))).toThrow(
      'g.csv:2: column 2 (label) is "1", and no gold label is a label of the answers, such as "1.0", "0.0"; the answers write "1.0".',
    );
  });

  it('are told of as scores where they are, as of means beside whole numbers', () => {
    expect(() => strangeGold(gold(['3.62']), answers(['4']))).toThrow(
      /such as "4"\. Scores belong to --method mean\.$/,
    );
    expect(() => strangeGold(gold(['good']), answers(['bad']))).toThrow(/ name all labels with --labels\.$/);
  });

  it('are refused where it is said which labels there may be', () => {
    const labels = ['a', 'b', 'c'];
    const given = read('task,worker,label\nt0,w,a\n', { labels });
    expect(strangeGold(gold(['c']), given, labels)).toEqual({ count: 0 });
    expect(() => strangeGold(gold(['a', 'd']), given, labels)).toThrow(
      'g.csv:3: column 2 (label) is "d", which is none of the labels a, b, c.',
    );
  });

  it('are refused of comparisons where the task has answers: others name items that were never compared', () => {
    const labels = ['left', 'right', 'tie'];
    const given = read('task,left,right,label,worker\nt1,x,y,x,w1\n', { labels });
    const { units, pairs = { left: Int32Array.of(), right: Int32Array.of(), items: [] } } = given;
    const known = (text: string) =>
      strangeGold(readGoldOfPairs(bytesOf(`task,label\n${text}`), 'g.csv', { units, pairs }), given, labels);
    expect(known('t1,x\nt5,zz\n')).toEqual({ count: 0 });
    expect(() => known('t5,zz\nt1,zz\n')).toThrow(
      'g.csv:3: column 2 (label) is "zz", which is none of the labels left, right, tie.',
    );
  });
});

describe('readComparisons', () => {
  const compare = (text: string, duplicates?: 'error' | 'first' | 'last') =>
    readComparisons(bytesOf(text), { source, duplicates });

  it.each(['left,right,label,worker', 'item_a,item_b,winner,worker'])('reads %s', (header) => {
    const { items, raters, tasks, ...rest } = compare(`${header}\nx,y,x,w1\ny,z,z,w2\nz,x,tie,w1\nx,z,,w2\n`);
    expect([items, raters, tasks]).toEqual([['x', 'y', 'z'], ['w1', 'w2'], undefined]);
    expect(rest).toEqual({
      left: Int32Array.of(0, 1, 2, 0),
      right: Int32Array.of(1, 2, 0, 2),
      winner: Float64Array.of(1, 0, 0.5, 0.5),
      rater: Int32Array.of(0, 1, 0, 1),
      itemCount: 3,
      raterCount: 2,
      dropped: 0,
      bothBad: 0,
    });
  });

  it('knows which comparison a task was', () => {
    const { tasks } = compare('item,item_a,item_b,worker,winner\np,x,y,w1,x\nq,y,z,w1,y\np,x,y,w2,y\n');
    expect(tasks).toEqual(
      new Map([
        ['p', 0],
        ['q', 1],
      ]),
    );
  });

  it('counts repeated judgments, unless asked not to', () => {
    const text = 'left,right,label,worker\nx,y,x,w1\ny,x,y,w1\nx,y,y,w2\n';
    expect(compare(text).winner).toEqual(Float64Array.of(1, 1, 0));
    expect(compare(text, 'first')).toMatchObject({ winner: Float64Array.of(1, 0), dropped: 1 });
    expect(compare(text, 'last')).toMatchObject({ left: Int32Array.of(1, 0), winner: Float64Array.of(1, 0) });
    expect(() => compare(text, 'error')).toThrow('a.csv:3: worker "w1" (column 4) judged these two items before');
  });

  it('refuses "tie" where an item of that name is compared, which may have won or not; elsewhere it is a tie', () => {
    expect(() => compare('left,right,label,worker\ntie,y,tie,w\n')).toThrow(
      'a.csv:2: column 3 (label) is "tie", and so is an item\'s name. Rename the item.',
    );
    const beside = compare('left,right,label,worker\ntie,y,y,w\nx,y,tie,w\n');
    expect(beside.winner).toEqual(Float64Array.of(0, 0.5));
  });

  it.each([
    ['left,right,label,worker\nx,y,z,w\n', 'a.csv:2: column 3 (label) is "z", which is neither "x", "y" nor "tie".'],
    ['left,right,label,worker\nx,x,x,w\n', 'a.csv:2: column 2 (right) is the item of column 1 again.'],
    ['left,right,label,worker\nx,,x,w\n', 'a.csv:2: column 2 (right) is empty.'],
    [
      'task,worker,label\nx,y,z\n',
      'a.csv:1: the header has no column "left" or "item_a"; it has "task", "worker", "label".',
    ],
    ['left,right,label,worker\n', 'a.csv: it has a header, but no comparisons.'],
  ])('refuses %j', (text, message) => {
    expect(() => compare(text)).toThrow(message);
  });
});
