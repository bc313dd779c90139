import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/rig.ts';
import { makePlace, type Place, quorate, requireBuild, runUp, type UpProcess } from '../support/stack.ts';

requireBuild();

let place: Place;
let running: UpProcess;
beforeAll(async () => {
  place = await makePlace();
  running = await runUp(place);
});
afterAll(async () => {
  await running?.end('SIGTERM');
  place.remove();
});

test('the first steps that it prints start a campaign', async () => {
  const told = () => running.lines.some((line) => line.startsWith('Ctrl-C'));
  await until('it has told the first steps', told, 10_000);
  const from = running.lines.findIndex((line) => line.startsWith('First steps'));
  const steps = running.lines.slice(from + 1).flatMap((line) => (/^ {2}/.test(line) ? line.split('&&') : []));
  expect(steps).toHaveLength(4);
  writeFileSync(join(place.folder, 'items.csv'), 'text\nBuy now\nSee you at ten\n');
  let campaign = '';
  for (const step of steps) {
    const [, ...words] = step.trim().replace('CAMPAIGN', campaign).split(' ');
    const ran = await quorate(place, words);
    expect({ words, ...ran }).toMatchObject({ code: 0 });
    if (words[1] === 'create') campaign = ran.stdout.trim();
  }
  expect((await quorate(place, ['campaign', 'show', campaign])).stdout).toMatch(/State +running/);
});
