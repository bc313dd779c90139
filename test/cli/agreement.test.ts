import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quorate } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** Krippendorff's own example: rows are annotators, columns tasks. */
const EXAMPLE = [
  [1, 2, 3, 3, 2, 1, 4, 1, 2, null, null, null],
  [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, null, 3],
  [null, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, null],
  [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, null],
];
const example = `task,worker,label\n${EXAMPLE.flatMap((row, w) => row.flatMap((label, t) => (label === null ? [] : [`t${t},w${w},${label}\n`]))).join('')}`;

const agreement = async (content: string | Buffer, ...args: string[]) =>
  quorate(undefined, 'agreement', '--in', file('answers.csv', content), ...args);
const measured = async (content: string, ...args: string[]) => {
  const { code, out, err } = await agreement(content, '--json', ...args);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Record<string, unknown>;
};

describe('agreement on comparisons', () => {
  it('is on which of two items is the better one, whatever they are called and however they were shown', async () => {
    const pairs = Array.from({ length: 6 }, (_, t) => [`a${t}`, `b${t}`]);
    const rows = pairs.flatMap(([a, b], t) => [`${a},${b},w1,${a}`, `${b},${a},w2,${t === 0 ? b : a}`]);
    const value = async (content: string) =>
      (await measured(content, '--metric', 'krippendorff', '--level', 'nominal')).value;
    const plain = await value(
      `task,worker,label\n${pairs.flatMap((_, t) => [`t${t},w1,left\n`, `t${t},w2,${t === 0 ? 'right' : 'left'}\n`]).join('')}`,
    );
    expect(await value(`left,right,worker,label\n${rows.join('\n')}`)).toBe(plain);
    const tasked = rows.map((row, at) => `t${at >> 1},${row}`);
    expect(await value(`item,item_a,item_b,worker,winner\n${tasked.join('\n')}`)).toBe(plain);
  });
});

describe('agreement', () => {
  it.each([
    ['krippendorff', 'nominal', 0.743421],
    ['krippendorff', 'ordinal', 0.815388],
    ['krippendorff', 'interval', 0.849107],
    ['krippendorff', 'ratio', 0.797403],
    ['fleiss', 'nominal', 0.761169],
    ['gwet', 'nominal', 0.775444],
  ])('%s %s is the published value', async (metric, level, value) => {
    const report = await measured(example, '--metric', metric, '--level', level);
    expect(report).toMatchObject({ metric, level, ci95: null, tasks: 12, workers: 4, answers: 41 });
    expect(report.value).toBeCloseTo(value, 6);
  });

  it('names its members in the documented order', async () => {
    const report = await measured(example, '--bootstrap', '50');
    const members = ['metric', 'level', 'value', 'ci95', 'tasks', 'workers', 'answers', 'interpretation', 'seconds'];
    expect(Object.keys(report)).toEqual(members);
  });

  it('gives the same interval for the same seed, and another for another', async () => {
    const of = async (seed: string) => (await measured(example, '--bootstrap', '200', '--seed', seed)).ci95;
    const [low, high] = (await of('1')) as [number, number];
    expect(low).toBeLessThan(0.743421);
    expect(high).toBeGreaterThan(0.743421);
    expect(await of('1')).toEqual([low, high]);
    expect(await of('2')).not.toEqual([low, high]);
  });

  it('says the same to people, in a small table', async () => {
    const { out, code } = await agreement(example, '--bootstrap', '50');
    expect(code).toBe(0);
    expect(out).toMatch(/^Krippendorff's alpha {2}0\.7434\n95% interval +\d\.\d{4} to \d\.\d{4}\nlevel +nominal\n/);
    expect(out).toMatch(/\n\nBetween 0\.6 and 0\.8: usable\./);
  });

  it('takes the order of labels from --labels', async () => {
    const text = 'task,worker,label\na,1,low\na,2,mid\nb,1,mid\nb,2,mid\nc,1,high\nc,2,high\nd,1,low\nd,2,low\n';
    const numbers = text.replaceAll('low', '1').replaceAll('mid', '2').replaceAll('high', '3');
    const named = await measured(text, '--level', 'ordinal', '--labels', 'low,mid,high');
    expect(named.value).toBe((await measured(numbers, '--level', 'ordinal')).value);
    expect(named.value).toBeGreaterThan((await measured(text)).value as number);
  });

  it('takes labels that hold commas from --labels, quoted as in CSV, or from a file', async () => {
    const text =
      'task,worker,label\na,1,"no, never"\na,2,"so ""so"""\nb,1,"so ""so"""\nb,2,"so ""so"""\nc,1,@yes\nc,2,@yes\n';
    const plain = text.replaceAll('"no, never"', 'low').replaceAll('"so ""so"""', 'mid').replaceAll('@yes', 'high');
    const { value } = await measured(plain, '--level', 'ordinal', '--labels', 'low,mid,high');
    const lists = [
      '"no, never","so ""so""", @yes',
      `@${file('lines.txt', '\uFEFF"no, never"\r\n"so ""so"""\r\n@yes\r\n')}`,
      `@${file('record.csv', '"no, never","so ""so""",@yes')}`,
    ];
    for (const list of lists)
      expect(await measured(text, '--level', 'ordinal', '--labels', list)).toMatchObject({ value });
  });

  it.each([
    ['a,,b', /--labels.*none of them empty/],
    ['a,b,', /none of them empty/],
    ['a,b,a', /names "a" twice/],
    ['a,"b', /the quote that opens in column 2 is not closed/],
  ])('refuses --labels %s', async (list, message) => {
    const { code, err } = await agreement(example, '--labels', list);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });

  it('refuses a file of labels that is not there, empty, or wrong in a line', async () => {
    const of = async (path: string) => (await agreement(example, '--labels', `@${path}`)).err;
    expect(await of(join(folder, 'none.txt'))).toMatch(/none\.txt: there is no such file/);
    expect(await of(file('empty.txt', '\n'))).toMatch(/empty\.txt: it is empty/);
    expect(await of(file('bad.txt', 'a\n"b\n'))).toMatch(/bad\.txt:2: the quote that opens in column 1 is not closed/);
  });

  it('weighs disagreements as asked', async () => {
    const of = async (...args: string[]) => measured(example, '--metric', 'gwet', '--level', 'interval', ...args);
    expect(await of()).toMatchObject({ weights: 'quadratic' });
    const linear = await of('--weights', 'linear');
    expect(linear.weights).toBe('linear');
    expect(linear.value).toBeCloseTo(0.858559, 3);
  });

  it('averages kappa over pairs with ten shared tasks', async () => {
    const rows = Array.from({ length: 12 }, (_, t) => `t${t},ann,${t % 2}\nt${t},bob,${t % 3 === 0 ? 1 : t % 2}\n`);
    const text = `task,worker,label\n${rows.join('')}t1,cy,0\n`;
    expect(await measured(text, '--metric', 'cohen')).toMatchObject({ pairs: 1, undefinedPairs: 0, workers: 3 });
    expect((await agreement(text, '--metric', 'cohen')).out).toMatch(/\npairs +1\n/);
  });
});

describe('cohen with few shared tasks', () => {
  const two = 'task,worker,label\nt1,ann,y\nt1,bob,y\nt2,ann,n\nt2,bob,n\nt3,ann,y\nt3,bob,n\nt4,ann,n\nt4,bob,n\n';
  it('is what two annotators share, and says that it is little', async () => {
    // po = 3/4, pe = 1/2 * 1/4 + 1/2 * 3/4
    const report = await measured(two, '--metric', 'cohen');
    expect(report).toMatchObject({ value: 0.5, pairs: 1 });
    expect(report.interpretation).toMatch(
      /^Below 0\.6: .* Two annotators share no more than 4 tasks: it says little\.$/,
    );
  });

  it('is by default of ten or more where there are more annotators, or as many as are asked for', async () => {
    const three = `${two}t1,cy,y\nt2,cy,n\n`;
    expect(await measured(three, '--metric', 'cohen')).toMatchObject({
      value: null,
      reason: 'no two annotators share 10 tasks',
    });
    expect(await measured(three, '--metric', 'cohen', '--min-shared', '4')).toMatchObject({ value: 0.5, pairs: 1 });
    expect(await measured(three, '--metric', 'cohen', '--min-shared', '1')).toMatchObject({ pairs: 3 });
  });
});

describe('--bootstrap', () => {
  it('gives no interval with too few resamples, and none with 0', async () => {
    const one = await measured(example, '--bootstrap', '1');
    expect(one).toMatchObject({ ci95: null, ciReason: 'an interval needs 20 resamples or more' });
    expect(await measured(example, '--bootstrap', '0')).not.toHaveProperty('ciReason');
  });
});

describe('what has no value is null with a reason', () => {
  it.each([
    ['one label only', 't1,w1,a\nt1,w2,a\nt2,w1,a\nt2,w2,a\n', /all answers that could be compared are the same/],
    ['one answer a task', 't1,w1,a\nt2,w2,b\n', /no task has two answers/],
    ['a single answer', 't1,w1,a\n', /no task has two answers/],
  ])('%s', async (_, rows, reason) => {
    const text = `task,worker,label\n${rows}`;
    for (const metric of ['krippendorff', 'fleiss', 'gwet']) {
      const report = await measured(text, '--metric', metric, '--bootstrap', '10');
      expect(report).toMatchObject({ value: null, ci95: null, reason: expect.stringMatching(reason) });
      expect(report.interpretation).toBe(`Undefined, because ${String(report.reason)}.`);
    }
    expect(await measured(text, '--metric', 'cohen')).toMatchObject({ value: null, pairs: 0 });
    const { out } = await agreement(text);
    expect(out).toMatch(/alpha {2}undefined\n/);
    expect(out).toMatch(/\n\nUndefined, because/);
  });

  it('a task that a crowd of strangers answered has no pair of annotators', async () => {
    const rows = Array.from({ length: 100_000 }, (_, w) => `t,w${w},${w % 3}\n`);
    expect(await measured(`task,worker,label\n${rows.join('')}`, '--metric', 'cohen')).toMatchObject({
      value: null,
      pairs: 0,
      undefinedPairs: 0,
    });
  });

  it('a million different labels have one, too', async () => {
    const rows = ['task,worker,label'];
    for (let i = 0; i < 1_000_000; i++) rows.push(`t${i >> 1},w${i & 1},${i}`);
    const text = rows.join('\n');
    expect(await measured(text)).toMatchObject({ value: 0 });
    expect(await measured(text, '--level', 'ratio')).toMatchObject({ value: null, reason: /too many/ });
  });
});

describe('bad input ends with 2 and a sentence that names file, line and column', () => {
  it.each([
    ['', /answers\.csv: it is empty/],
    ['task,worker,label\n', /answers\.csv: it has a header, but no answers/],
    ['task,worker\nt,w\n', /answers\.csv:1: the header has no column "label" or "winner"/],
    ['task,worker,label\nt1,w1,a\nt1,w2\n', /answers\.csv:3: the row has 2 columns, but the header has 3/],
    ['task,worker,label\nt1,w1,\n', /answers\.csv:2: column 3 \(label\) is empty/],
    [
      'task,worker,label\nt1,w1,a\nt1,w1,b\n',
      /answers\.csv:3: worker "w1" \(column 2\) answered task "t1" before, in line 2/,
    ],
    [`${Array.from({ length: 500 }, (_, at) => `c${at}`).join(',')}\n`, /it has "c0", .*"c11" and 488 more\.$/m],
    ['task,worker,label\nt1,w1,"a\n', /answers\.csv:2: the quote that opens in column 3 is not closed/],
    [
      Buffer.from('task,worker,label\nt1,w\xe9,a\n', 'latin1'),
      /answers\.csv:2: column 2 \(worker\) is not valid UTF-8/,
    ],
  ])('%j', async (content, message) => {
    const ran = await agreement(content, '--json');
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(message);
    expect(ran.err).not.toContain(' at ');
  });

  it.each([
    [
      ['--level', 'interval'],
      /answers\.csv:2: column 3 \(label\) is "yes", but levels above nominal need finite numbers/,
    ],
    [['--labels', 'no,maybe'], /answers\.csv:2: column 3 \(label\) is "yes", which is none of the labels no, maybe/],
    [['--weights', 'linear'], /Krippendorff's alpha takes its weights from --level/],
    [['--metric', 'gwet', '--weights', 'linear'], /--weights linear needs --level ordinal or interval or ratio/],
    [['--metric', 'pearson'], /Allowed choices are krippendorff, cohen, fleiss, gwet/],
    [['--bootstrap', '-1'], /whole number from 0 to 1000000/],
    [['--min-shared', '5'], /--min-shared belongs to --metric cohen/],
    [['--duplicates', 'all'], /Allowed choices are error, first, last/],
  ])('%j', async (args, message) => {
    const ran = await agreement('task,worker,label\nt1,w1,yes\nt1,w2,no\n', ...args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(message);
  });

  it('a file that is not there, and none at all', async () => {
    const missing = await quorate(undefined, 'agreement', '--in', join(folder, 'none.csv'));
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('none.csv: there is no such file') });
    expect(await quorate(undefined, 'agreement')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--in <file>'),
    });
  });
});

describe('a worker who answered a task twice', () => {
  const text = 'task,worker,label\nt1,w1,a\nt1,w2,b\nt1,w1,b\nt2,w1,a\nt2,w2,a\n';
  it('counts once where --duplicates says which', async () => {
    const first = await measured(text, '--duplicates', 'first');
    const last = await measured(text, '--duplicates', 'last');
    expect(first).toMatchObject({ answers: 4, dropped: 1 });
    expect(last).toMatchObject({ answers: 4, dropped: 1, value: 1 });
    expect(first.value).toBeLessThan(1);
  });
});
