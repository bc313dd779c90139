import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readEndpoint } from '../../runtime/endpoint.ts';
import { sendSignal } from '../../runtime/processes.ts';
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
  const [api] = Object.entries(pids).flatMap(([name, pid]) => (name.includes('serve api') ? [pid] : []));
  if (api === undefined) throw new Error(`There is no API among ${Object.keys(pids)}.`);
  // Killed while its API is too busy to notice: the port is still taken when the next one starts.
  if (signal === 'SIGKILL') {
    process.kill(api, 'SIGSTOP');
    onTestFinished(() => sendSignal(api, 'SIGCONT'));
  }
  expect(await first.end(signal), lastWords(first.lines)).toBe(code);
  if (signal === 'SIGINT') {
    await untilGone(pids);
    expect(readEndpoint(place.home)).toBeUndefined();
  }

  const before = campaign.acknowledged.size;
  const second = await runUp(place, (line) => {
    if (/left behind is still ending/.test(line)) process.kill(api, 'SIGCONT');
  });
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
