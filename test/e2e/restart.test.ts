import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readEndpoint } from '../../runtime/endpoint.ts';
import { lastWords, makePlace, type Place, requireBuild, runUp, type UpProcess, untilGone } from '../support/stack.ts';
import { type Play, play } from './campaign.ts';
import { assertInvariants } from './invariants.ts';

requireBuild();

let place: Place;
let running: UpProcess | undefined;
let campaign: Play | undefined;

beforeAll(async () => {
  place = await makePlace();
});
afterEach(async () => {
  await campaign?.leave();
  await running?.end('SIGTERM');
});
afterAll(() => place.remove());

const ENDINGS = [
  { how: 'Ctrl-C', signal: 'SIGINT', code: 0 },
  { how: 'SIGKILL of `quorate up`', signal: 'SIGKILL', code: null },
] as const;

test.each(ENDINGS)('a half-done campaign goes on after $how', { timeout: 300_000 }, async ({ signal, code }) => {
  const first = await runUp(place);
  running = first;
  campaign = await play(first, { items: 40, gold: 4 });
  await campaign.answered(50);
  const pids = first.pids();
  expect(Object.keys(pids).length, 'servers, services and their guards').toBeGreaterThanOrEqual(5);
  expect(await first.end(signal), lastWords(first.lines)).toBe(code);
  if (signal === 'SIGINT') {
    await untilGone(pids, 1000);
    expect(readEndpoint(place.home)).toBeUndefined();
  }

  // After SIGKILL at once, while what the killed one had started is still ending.
  const before = campaign.acknowledged.size;
  const second = await runUp(place);
  running = second;
  expect(second.url).toBe(first.url);
  await untilGone(pids);
  const { view } = await campaign.finished();
  expect(view).toMatchObject({ state: 'finished', stopReason: 'pool_empty', counts: { pool: 0 } });
  expect(campaign.acknowledged.size).toBeGreaterThan(before);
  const { campaignId, acknowledged } = campaign;
  await assertInvariants({ ...second, campaignId, acknowledged });
  expect(await second.end('SIGINT'), lastWords(second.lines)).toBe(0);
});
