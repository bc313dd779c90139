import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePlace, type Place, quorate, requireBuild } from '../support/stack.ts';

requireBuild();

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place.remove());

test('cost needs no stack, and ends with 2 where it is asked nonsense', async () => {
  const args = ['cost', '--type', 'preference_ranking', '--tasks', '10000', '--platform', 'surge_ai', '--json'];
  const ran = await quorate(place, args);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(JSON.parse(ran.stdout)).toMatchObject({ platform: 'surge_ai', totalCost: 17_895.83, costPerTask: 1.79 });
  const wrong = await quorate(place, ['cost', '--type', 'poem', '--tasks', '1']);
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/--type.*Allowed choices are classification/);
});
