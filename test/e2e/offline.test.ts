import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePlace, type Place, quorate, requireBuild } from '../support/stack.ts';

requireBuild();

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place.remove());

/** Many tasks of three answers, all by the same three workers. */
const answers = `task,worker,label\n${Array.from({ length: 50_000 }, (_, t) =>
  ['ann', 'bob', 'cyd'].map((worker, w) => `t${t},${worker},${(t + (t % 7 === w ? 1 : 0)) % 3}\n`).join(''),
).join('')}`;

test('the offline tools read a pipe, need no stack, and write files', async () => {
  const out = join(place.folder, 'labels.csv');
  const args = ['aggregate', '--method', 'majority', '--in', '-', '--out', out, '--json'];
  const ran = await quorate(place, args, answers);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(JSON.parse(ran.stdout)).toMatchObject({ method: 'majority', tasks: 50_000, workers: 3, answers: 150_000 });
  expect(readFileSync(out, 'utf8').match(/\n/g)).toHaveLength(50_001);
  const agreement = await quorate(place, ['agreement', '--in', '-', '--json'], answers);
  expect(JSON.parse(agreement.stdout)).toMatchObject({ metric: 'krippendorff', tasks: 50_000 });
});

test('labels on standard output may be cut short by who reads them', async () => {
  const file = join(place.folder, 'answers.csv');
  writeFileSync(file, answers);
  const command = `"$0" bin/quorate aggregate --method majority --in "$1" --out - | head -n 2`;
  const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command, process.execPath, file], {
    env: place.env,
  });
  expect(stdout).toMatch(/^task,label,confidence\nt0,\d,[\d.]+\n$/);
});

test('an exit code is what it is, though nobody hears why', async () => {
  const command = `("$0" bin/quorate aggregate --method majority --in nowhere.csv; echo $? >&3) 2>&1 | true`;
  const { stdout } = await promisify(execFile)('bash', ['-c', `exec 3>&1; ${command}`, process.execPath], {
    env: place.env,
  });
  expect(stdout).toBe('2\n');
});

test('bad input is one sentence with its place, and exit code 2', async () => {
  const ran = await quorate(place, ['agreement', '--in', '-'], 'task,worker,label\nt1,w1,a\nt1,w1,b\n');
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toMatch(
    /^standard input:3: worker "w1" \(column 2\) answered task "t1" before, in line 2\. .*\n$/,
  );
});
