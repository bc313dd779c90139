import { afterEach, expect, test } from 'vitest';
import { until } from '../support/rig.ts';
import {
  type HeldStack,
  holdUp,
  lastWords,
  makePlace,
  type Place,
  requireBuild,
  serverPids,
} from '../support/stack.ts';
import { type Play, play } from './campaign.ts';
import { assertInvariants } from './invariants.ts';
import { watchOffers } from './offers.ts';

requireBuild();

let place: Place | undefined;
let stack: HeldStack | undefined;
let campaign: Play | undefined;

afterEach(async () => {
  await campaign?.leave();
  await stack?.stop();
  place?.remove();
});

test('a campaign survives SIGKILL of every process, one after the other and all at once', {
  timeout: 1_200_000,
}, async (context) => {
  place = await makePlace();
  const { home } = place;
  const held = await holdUp(place);
  stack = held;
  context.onTestFailed(() => console.error(lastWords(held.lines)));
  const seen = watchOffers();
  campaign = await play(held, { items: 70, gold: 8, atMostMs: 1_000_000, settings: { windowMs: 30_000 } });

  const processes: Record<string, () => number | undefined> = {
    worker: held.pids.worker,
    API: held.pids.api,
    PostgreSQL: () => serverPids(home).postgres,
    'learning worker': held.pids.learning,
    Temporal: () => serverPids(home).temporal,
  };
  const kill = (names: readonly string[]) => {
    const before = new Map(names.map((name) => [name, processes[name]?.()]));
    for (const pid of before.values()) if (pid !== undefined) process.kill(pid, 'SIGKILL');
    return until(
      `${names} run again`,
      () =>
        [...before].every(([name, pid]) => {
          const now = processes[name]?.();
          return now !== undefined && now !== pid;
        }),
      120_000,
    );
  };
  for (const [at, name] of Object.keys(processes).entries()) {
    await campaign.answered(25 + 25 * at);
    await kill([name]);
  }
  await campaign.answered(160);
  await kill(Object.keys(processes));

  const { view, stats } = await campaign.finished();
  seen.stop();
  expect(
    held.lines.filter((line) => /^\[\w+\] +at /.test(line)),
    'stack traces on the screen',
  ).toEqual([]);
  expect(view).toMatchObject({ state: 'finished', stopReason: 'pool_empty', counts: { pool: 0 } });
  expect(view.counts.tasksDecided).toBeGreaterThanOrEqual(60);
  expect(stats.retries, 'the crowd noticed the faults').toBeGreaterThan(0);
  expect(stats.walkAways, 'somebody walked away').toBeGreaterThan(0);
  const { databaseUrl, temporal } = held;
  const { campaignId, acknowledged } = campaign;
  await assertInvariants({ databaseUrl, temporal, campaignId, acknowledged, seen });
});
