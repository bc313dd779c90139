import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quorate } from './run.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const ANSWERS = 'task,worker,label\nt1,a,yes\nt1,b,yes\nt2,a,no\n';
const LABELS = 'task,label,confidence\nt1,yes,1\nt2,no,1\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const aggregate = (answers: string, out: string, ...args: string[]) =>
  quorate(undefined, 'aggregate', '--method', 'majority', '--in', answers, '--out', out, ...args);
/** The command in a process of its own, by a shell. */
const shell = (line: string) =>
  spawnSync('sh', ['-c', line.replace('quorate', `'${process.execPath}' '${MAIN}'`)], {
    cwd: folder,
    encoding: 'utf8',
  });

const VECTORS = Array.from(
  { length: 24 },
  (_, i) => `${JSON.stringify({ features: [i % 2, i], label: i % 2 })}\n`,
).join('');
const curve = (pool: string, ...args: string[]) => {
  const settings = ['--strategy', 'random', '--budgets', '10', '--seeds', '1'];
  return quorate(undefined, 'curve', '--pool', pool, '--test', file('test.jsonl', VECTORS), ...settings, ...args);
};

describe('--out', () => {
  it('never overwrites what is read, by whatever name', async () => {
    const answers = file('answers.csv', ANSWERS);
    const gold = file('gold.csv', 'task,label\nt1,yes\n');
    const link = join(folder, 'link.csv');
    symlinkSync(answers, link);
    for (const out of [answers, link, gold, join(folder, '.', 'answers.csv')]) {
      const ran = await aggregate(answers, out, '--gold', gold);
      expect(ran).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/^--out .* would overwrite what is read from .*\. Name another file\.\n$/),
      });
    }
    const pool = file('pool.jsonl', VECTORS);
    expect(await curve(pool, '--out', pool)).toMatchObject({ code: 2, out: '' });
    expect([answers, gold, pool].map((path) => readFileSync(path, 'utf8'))).toEqual([
      ANSWERS,
      'task,label\nt1,yes\n',
      VECTORS,
    ]);
    expect(shell('quorate aggregate --in - --out answers.csv < answers.csv')).toMatchObject({
      status: 2,
      stderr: '--out answers.csv would overwrite what is read from standard input. Name another file.\n',
    });
  });

  it('replaces an old file when the new one is whole, and leaves nothing beside it', async () => {
    const answers = file('answers.csv', ANSWERS);
    const out = file('old.csv', `task,label,confidence\n${'older,longer than the new one is,1\n'.repeat(10)}`);
    chmodSync(out, 0o640);
    const shortcut = join(folder, 'shortcut.csv');
    symlinkSync(out, shortcut);
    expect(await aggregate(answers, shortcut)).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(out, 'utf8')).toBe(LABELS);
    expect(statSync(out).mode & 0o777).toBe(0o640);
    const other = join(folder, 'other-name.csv');
    linkSync(out, other);
    writeFileSync(out, 'old');
    expect(await aggregate(answers, out)).toMatchObject({
      code: 2,
      err: `${out} is there already, and is no older result of this command. Name another, or say --force.\n`,
    });
    expect(readFileSync(out, 'utf8')).toBe('old');
    await aggregate(answers, out, '--force');
    expect(readFileSync(other, 'utf8')).toBe(LABELS);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each([
    ['', /^--out is empty\. Name a file, or - for standard output\.\n$/],
    ['none/labels.csv', /^none\/labels\.csv: there is no folder none\.\n$/],
    ['.', /^\.: it is a folder; name a file\.\n$/],
  ])('%j is refused before the work is done', async (out, message) => {
    const answers = join(folder, 'not-there.csv');
    for (const ran of [await aggregate(answers, out), await curve(answers, '--out', out)]) {
      expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
    }
  });

  it('- is standard output, which a JSON document has to itself', async () => {
    const pool = file('pool.jsonl', VECTORS);
    const drawn = await curve(pool, '--out', '-');
    expect(drawn).toMatchObject({ code: 0, out: expect.stringMatching(/^<svg [\s\S]*<\/svg>\n$/) });
    expect(drawn.err).toMatch(/^strategy +budget/);
    expect(await curve(pool, '--out', '-', '--json')).toMatchObject({
      code: 2,
      out: '',
      err: '--json and --out - both want standard output. Name a file.\n',
    });
    expect(existsSync('-')).toBe(false);
  });

  it('/dev/stdout is appended to where standard output is', () => {
    file('answers.csv', ANSWERS);
    file('log.txt', 'before\n');
    expect(shell('quorate aggregate --method majority --in answers.csv --out /dev/stdout >> log.txt').status).toBe(0);
    expect(readFileSync(join(folder, 'log.txt'), 'utf8')).toBe(`before\n${LABELS}`);
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  it('behind --out leaves the result on the terminal, and ends with 1', async () => {
    const ran = await aggregate(file('answers.csv', ANSWERS), '/dev/full', '--json');
    expect(ran).toMatchObject({ code: 1, err: '/dev/full: the disk is full. Free some space and run it again.\n' });
    expect(JSON.parse(ran.out)).toMatchObject({ method: 'majority', tasks: 2 });
  });

  it('behind standard output is a sentence', () => {
    file('answers.csv', ANSWERS);
    expect(shell('quorate aggregate --method majority --in answers.csv --json > /dev/full')).toMatchObject({
      status: 1,
      stderr: 'standard output: the disk is full. Free some space and run it again.\n',
    });
  });
});
