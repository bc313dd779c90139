import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePlace, type Place, quorate, requireBuild } from '../support/stack.ts';

requireBuild();

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place.remove());

// One seed with room to spare: what five of them gave is in bench/RESULTS.md.
test('judges first reach what people alone do, for at least 40% less', { timeout: 900_000 }, async () => {
  const out = join(place.folder, 'out');
  const { code, stdout, stderr } = await quorate(place, ['demo', 'judge', '--seed', 'two', '--json', '--out', out]);
  expect(code, stderr.slice(-3000)).toBe(0);
  expect(stderr).toContain('People and judges are simulated');
  const report = JSON.parse(stdout);
  expect(Object.values(report.invariants).every(Boolean)).toBe(true);
  expect([report.people.tasks, report.blended.tasks]).toEqual([90, 90]);
  expect(report.saved).toBeGreaterThanOrEqual(0.4);
  // Who answers first differs from run to run, and with it a label or two of ninety.
  expect(report.blended.right).toBeGreaterThanOrEqual(report.people.right - 3);
  const [cheap, good] = ['judge:stand-in-cheap:v1', 'judge:stand-in-good:v1'].map((name) => report.judges[name]);
  expect(good.right).toBeGreaterThan(cheap.right);
});
