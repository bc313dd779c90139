import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRng } from '../../domain/rng.ts';
import { quorate } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | readonly unknown[] | Buffer) => {
  const path = join(folder, name);
  const text = Array.isArray(content) ? content.map((row) => `${JSON.stringify(row)}\n`).join('') : content;
  writeFileSync(path, text as string | Buffer);
  return path;
};

/** Sentences of two kinds, told apart by any of a few words. */
function sentences(count: number, seed: number) {
  const rng = seededRng(seed);
  const words = [
    ['cat', 'dog', 'bird', 'horse', 'fish', 'sheep'],
    ['bank', 'fund', 'loan', 'share', 'bond', 'stock'],
  ];
  const filler = ['the', 'a', 'one', 'that', 'some', 'old', 'new', 'big', 'small', 'next'];
  return Array.from({ length: count }, (_, i) => {
    const kind = words[i % 2] ?? [];
    const picked = [kind[rng.int(6)], filler[rng.int(10)], filler[rng.int(10)], kind[rng.int(6)], filler[rng.int(10)]];
    return { text: `${picked.join(' ')} ${i}`, label: i % 2 === 0 ? 'animal' : 'money' };
  });
}

function vectors(count: number, seed: number) {
  const rng = seededRng(seed);
  return Array.from({ length: count }, (_, i) => ({
    features: [3 * (i % 3) + rng.normal(), rng.normal(), 100 + rng.normal()],
    label: i % 3,
  }));
}

const curve = (pool: readonly unknown[], test: readonly unknown[], ...args: string[]) =>
  quorate(undefined, 'curve', '--pool', file('pool.jsonl', pool), '--test', file('test.jsonl', test), ...args);

describe('curve', () => {
  it('measures texts, by strategy and budget, and draws them', async () => {
    const out = join(folder, 'curve.svg');
    const args = ['--strategy', 'random,combined', '--budgets', '40,20', '--seeds', '2', '--batch', '10', '--out', out];
    const { code, out: printed, err } = await curve(sentences(120, 1), sentences(60, 2), ...args, '--json');
    expect([code, err]).toEqual([0, '']);
    const points = JSON.parse(printed) as { strategy: string; budget: number; accuracy: number; sd: number }[];
    expect(points.map(({ strategy, budget }) => [strategy, budget])).toEqual([
      ['random', 20],
      ['random', 40],
      ['combined', 20],
      ['combined', 40],
    ]);
    for (const { accuracy, sd } of points) {
      expect(accuracy).toBeGreaterThan(0.6);
      expect(sd).toBeGreaterThanOrEqual(0);
    }
    expect(points.every((point) => Object.keys(point).join() === 'strategy,budget,accuracy,sd')).toBe(true);
    expect(readFileSync(out, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    const again = await curve(sentences(120, 1), sentences(60, 2), ...args, '--json');
    expect(again.out).toBe(printed);
  });

  it('measures vectors on any scale, leaves budgets beyond the pool out, and prints a table', async () => {
    const { code, out, err } = await curve(vectors(90, 1), vectors(90, 2), '--budgets', '30,500', '--seeds', '1');
    expect([code, err]).toEqual([0, 'Left out: budgets beyond the 90 items of the pool.\n']);
    expect(out).toMatch(/^strategy\s+budget\s+accuracy\s+sd\nrandom\s+30\s+0\.\d{4}\s+0\.0000\ncombined\s+30/);
  });

  it.each([
    ['a broken line', ['{"text":"a","label":"x"}', '{"text":}'].join('\n'), 'pool.jsonl:2:9: not valid JSON'],
    ['a missing label', [{ text: 'a', label: 'x' }, { text: 'b' }], 'pool.jsonl:2: it has no "label"'],
    ['neither text nor features', [{ name: 'a', label: 'x' }], 'pool.jsonl:1: it needs "text"'],
    [
      'both kinds',
      [
        { text: 'a', label: 'x' },
        { features: [1], label: 'y' },
      ],
      'pool.jsonl:2: "text" must be a string',
    ],
    [
      'another length',
      [
        { features: [1, 2], label: 0 },
        { features: [1], label: 1 },
      ],
      'pool.jsonl:2: there are 1 features',
    ],
    ['no number', [{ features: [1, null], label: 0 }], 'pool.jsonl:1: feature 2 is null'],
    ['a number too large', [{ features: [1e300], label: 0 }], 'pool.jsonl:1: feature 1 is 1e+300'],
    ['no object', [[1]], 'pool.jsonl:1: it must be an object'],
    [
      'CSV',
      'text,label\na,x\n',
      'pool.jsonl:1: it must be an object such as {"text":"…","label":"…"}; CSV has no items',
    ],
    ['a JSON array', '[\n{"text":"a","label":"x"}]', 'pool.jsonl: it is a JSON array. Write one object a line'],
    [
      'JSON over several lines',
      '{\n"text":"a","label":"x"}',
      'pool.jsonl:1:2: not valid JSON: the text ends where a key in double quotes belongs. Write each object on one line.',
    ],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'pool.jsonl: it is compressed (gzip).'],
    ['an empty label', [{ text: 'a', label: '' }], 'pool.jsonl:1: its "label" is empty'],
    ['nothing', '\n', 'pool.jsonl: it has no items'],
    [
      'one class',
      [
        { features: [1], label: 0 },
        { features: [2], label: 0 },
      ],
      'all labels are 0',
    ],
    [
      'fewer than the budget',
      [
        { features: [1], label: 0 },
        { features: [2], label: 1 },
      ],
      'fewer than the smallest budget, 9',
    ],
  ] as const)('refuses %s', async (_, content, message) => {
    const budgets = message.includes('budget') ? '9' : '1';
    const pool = file('pool.jsonl', content as string | Buffer);
    const test = file(
      'test.jsonl',
      vectors(4, 1).map(({ label }) => ({ features: [label], label })),
    );
    const { code, err } = await quorate(undefined, 'curve', '--pool', pool, '--test', test, '--budgets', budgets);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('tells of test labels that the pool lacks, and refuses where that is all of them', async () => {
    const args = ['--strategy', 'random', '--budgets', '20', '--seeds', '1'];
    const test = vectors(20, 2);
    const some = await curve(vectors(30, 1), [...test, { features: [0, 0, 100], label: '1.0' }], ...args);
    expect([some.code, some.err]).toEqual([
      0,
      expect.stringMatching(
        /test\.jsonl:21: the label "1\.0" is none of .*pool\.jsonl; 1 of 21 test items count as wrong\.\n$/,
      ),
    ]);
    const all = await curve(
      vectors(30, 1),
      test.map(({ features, label }) => ({ features, label: `${label}.0` })),
      ...args,
    );
    expect([all.code, all.out, all.err]).toEqual([
      2,
      '',
      expect.stringMatching(
        /test\.jsonl:1: the label "0\.0", as those of all test items, is none of .*, such as "0", "1", "2"\.\n$/,
      ),
    ]);
  });

  it('refuses files that do not fit each other, and unknown strategies', async () => {
    const kinds = await curve(vectors(20, 1), sentences(20, 1), '--budgets', '10');
    expect([kinds.code, kinds.err]).toEqual([2, expect.stringContaining('test.jsonl: it holds texts')]);
    const dims = await curve(vectors(20, 1), [{ features: [1], label: 0 }], '--budgets', '10');
    expect([dims.code, dims.err]).toEqual([2, expect.stringContaining('1 dimensions')]);
    const unknown = await curve(vectors(20, 1), vectors(20, 2), '--strategy', 'best');
    expect([unknown.code, unknown.err]).toEqual([
      2,
      expect.stringContaining('There is no strategy "best"; there are random'),
    ]);
    for (const wrong of ['0', '0x10', '1e2']) {
      const budgets = await curve(vectors(20, 1), vectors(20, 2), '--budgets', wrong);
      expect([budgets.code, budgets.err]).toEqual([2, expect.stringContaining('whole numbers from 1')]);
    }
  });
});

interface Choice {
  readonly index: number;
  readonly line?: number;
  readonly score: number | null;
}
interface Chosen {
  readonly left: number;
  readonly labeled: number;
  readonly chosen: readonly Choice[];
}

const select = async (pool: string, ...args: string[]) => {
  const ran = await quorate(undefined, 'select', '--pool', pool, '--json', ...args);
  return { ...ran, answer: (ran.out === '' ? null : JSON.parse(ran.out)) as Chosen };
};

describe('select', () => {
  it('chooses unlabelled items of a pool, and says why', async () => {
    const rows = sentences(60, 3);
    const pool = file('pool.jsonl', rows);
    // By place, in full, and on its way without a label.
    const labeled = file('labeled.jsonl', [
      { index: 0, label: 'animal' },
      rows[1],
      { index: 2 },
      { index: 3, label: 'money' },
    ]);
    const { code, err, answer } = await select(pool, '-n', '10', '--labeled', labeled);
    expect([code, err]).toEqual([0, '']);
    expect(answer).toMatchObject({ left: 56, labeled: 4 });
    const indices = answer.chosen.map(({ index }) => index);
    expect(new Set(indices).size).toBe(10);
    expect(indices.filter((index) => index < 4)).toEqual([]);
    expect(answer.chosen.every(({ index, line, score }) => line === index + 1 && typeof score === 'number')).toBe(true);
    expect((await select(pool, '-n', '10', '--labeled', labeled)).answer.chosen).toEqual(answer.chosen);
    const other = await select(pool, '-n', '10', '--labeled', labeled, '--seed', '1');
    expect(other.answer.chosen).not.toEqual(answer.chosen);
  });

  it('says what chose where the strategy had no part in it', async () => {
    const pool = file('pool.jsonl', vectors(30, 1));
    const oneClass = file('one.jsonl', [
      { index: 0, label: 'a' },
      { index: 1, label: 'a' },
    ]);
    const alike = file(
      'alike.jsonl',
      Array.from({ length: 20 }, () => ({ features: [1, 2] })),
    );
    const args = ['-n', '3', '--strategy', 'uncertainty'];
    const [none, one, same] = [
      await select(pool, ...args),
      await select(pool, ...args, '--labeled', oneClass),
      await select(alike, ...args),
    ];
    expect(none.answer).toMatchObject({ by: 'diverse_start', because: 'no item is labelled' });
    expect(none.err).toBe('Chosen to be diverse, uncertainty had no part in it: no item is labelled.\n');
    expect(one.answer).toMatchObject({ by: 'diverse_start', because: 'all labels are "a"' });
    expect(one.err).toContain('all labels are "a"');
    expect(same.answer).toMatchObject({ by: 'chance', because: 'all items are alike' });
    const two = file('two.jsonl', [
      { index: 0, label: 'a' },
      { index: 1, label: 'b' },
    ]);
    const some = await select(pool, ...args, '--labeled', two);
    expect([some.answer, some.err]).toEqual([expect.objectContaining({ by: 'strategy', because: null }), '']);
  });

  it('draws at random without a look at the texts', async () => {
    const pool = file('many.jsonl', sentences(60_000, 3));
    const startedMs = process.cpuUsage().user / 1000;
    const { code, answer } = await select(pool, '-n', '5', '--strategy', 'random');
    expect([code, answer.chosen.length, answer.left]).toEqual([0, 5, 60_000]);
    // To learn from so many texts takes a minute.
    expect(process.cpuUsage().user / 1000 - startedMs).toBeLessThan(15_000);
  });

  it('takes all that is left of a pool, and nothing of an exhausted one', async () => {
    const pool = file('pool.jsonl', vectors(6, 1));
    const some = await select(pool, '-n', '10', '--strategy', 'diversity');
    expect([some.answer.chosen.length, some.err]).toEqual([6, 'Only 6 items of the pool are left to choose from.\n']);
    const none = await select(pool, '-n', '10', '--labeled', pool);
    expect([none.code, none.answer.chosen, none.err]).toEqual([1, [], 'No item of the pool is left to choose from.\n']);
  });

  it('reads vectors from a .npy file', async () => {
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (40, 2), }`.padEnd(117);
    const values = Float32Array.from({ length: 80 }, (_, i) => Math.sin(i) + (i < 40 ? 5 : 0));
    const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]);
    const pool = file('pool.npy', Buffer.concat([start, Buffer.from(`${header}\n`), Buffer.from(values.buffer)]));
    const labeled = file('labeled.jsonl', [
      { index: 0, label: 'a' },
      { features: [0, 0.1], label: 'b' },
    ]);
    const { code, answer } = await select(pool, '-n', '5', '--labeled', labeled);
    expect([code, answer.chosen.length, answer.left]).toEqual([0, 5, 39]);
    const broken = await select(file('broken.npy', 'no array at all'), '-n', '5');
    expect([broken.code, broken.err]).toEqual([2, expect.stringContaining('broken.npy: it is not a NumPy file')]);
  });

  it('tells of items that are texts and vectors: their texts are used', async () => {
    const both = sentences(20, 1).map((row) => ({ ...row, features: [1, 2] }));
    const { code, err } = await select(file('both.jsonl', both), '-n', '2', '--strategy', 'random');
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(
        /both\.jsonl:1: it has "text" and "features"; the text is used\. Leave out one of them\.\n$/,
      ),
    ]);
  });

  it('refuses an index that is not the item it stands beside, and two labels for one', async () => {
    const texts = sentences(20, 1);
    const pool = file('texts.jsonl', texts);
    const labelled = async (of: string, ...rows: object[]) =>
      select(of, '-n', '2', '--strategy', 'random', '--labeled', file('labeled.jsonl', rows));
    const other = await labelled(pool, { index: 3, label: 'money' }, { index: 0, ...texts[5] });
    expect([other.code, other.err]).toEqual([
      2,
      expect.stringMatching(/labeled\.jsonl:2: item 0 of .*texts\.jsonl is another one; leave "index" out/),
    ]);
    const twice = await labelled(pool, { index: 3, label: 'money' }, { index: 3, label: 'animal' });
    expect([twice.code, twice.err]).toEqual([
      2,
      expect.stringContaining('labeled.jsonl:2: item 3 is "animal", but line 1 said "money".'),
    ]);
    const same = await labelled(pool, { index: 3, ...texts[3] }, { index: 3, ...texts[3] }, { index: 4, label: '' });
    expect([same.code, same.err, same.answer.left]).toEqual([0, '', 18]);
    const numbers = vectors(6, 1);
    const vectorPool = file('numbers.jsonl', numbers);
    expect((await labelled(vectorPool, { index: 1, ...numbers[1] })).code).toBe(0);
    expect((await labelled(vectorPool, { index: 1, ...numbers[2] })).err).toMatch(/labeled\.jsonl:1: item 1 of /);
  });

  it('refuses an array without rows, and one without columns', async () => {
    for (const [shape, message] of [
      ['(0, 5)', 'it has no items'],
      ['(5, 0)', 'its rows hold no numbers'],
    ] as const) {
      const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
      const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]);
      const ran = await select(file('none.npy', Buffer.concat([start, Buffer.from(`${header}\n`)])), '-n', '1');
      expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(`none.npy: ${message}.`)]);
    }
  });

  it('refuses places that the pool does not have', async () => {
    const pool = file('pool.jsonl', vectors(6, 1));
    const { code, err } = await select(pool, '-n', '1', '--labeled', file('labeled.jsonl', [{ index: 6, label: 1 }]));
    expect([code, err]).toEqual([2, expect.stringContaining('labeled.jsonl:1: there is no item 6; the pool has 6')]);
  });
});
