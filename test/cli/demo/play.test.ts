import { expect, test } from 'vitest';
import { ApiClient } from '../../../cli/client.ts';
import { playCampaign } from '../../../cli/demo/play.ts';
import { presets } from '../../../cli/demo/presets.ts';
import { until } from '../../support/rig.ts';
import { type Answer, json, problem, startStub } from '../stub-server.ts';

/** A server that knows all that a demo asks, but for how its campaign is doing. */
async function played(look: Answer) {
  let askedAtMs = 0;
  const stub = await startStub((request, response, seen) => {
    const answer = (): Answer => {
      if (request.url === '/v1/campaigns') return json(201, { id: 'c1' });
      if (request.url === '/v1/annotators') return json(201, { id: 'a1', apiKey: 'a-key-of-at-least-16-characters' });
      if (request.url === '/v1/campaigns/c1') return look;
      if (request.url !== '/v1/assignments/next') return json(200, {});
      askedAtMs = performance.now();
      return json(204, undefined);
    };
    return answer()(request, response, seen);
  });
  const { preference } = presets;
  const client = new ApiClient({ url: stub.url, apiKey: 'a-key-of-at-least-16-characters' });
  const interrupted = new AbortController();
  const run = { preset: preference, seed: 's', items: [], known: [], begun: () => undefined };
  const ended = playCampaign({ client, url: stub.url }, { ...run, interrupted: interrupted.signal });
  return { stub, ended, askedAtMs: () => askedAtMs };
}

const view = (state: string) => ({
  ...{ id: 'c1', state, stopReason: null, round: 1, rounds: [] },
  counts: { pool: 0, tasksOpen: 0, tasksDecided: 0, tasksUnresolved: 0, annotations: 0 },
  budget: { capMicros: 1, reservedMicros: 0, spentMicros: 0 },
});

test('a demo whose campaign cannot be looked at ends, and so does its crowd', async () => {
  const { stub, ended, askedAtMs } = await played(problem(401, 'unauthorized', 'This API key was revoked.'));
  await expect(ended).rejects.toThrow('This API key was revoked.');
  // Each of them does so three times a second.
  await until('nobody asks for work any more', () => performance.now() - askedAtMs() > 1500);
  await stub.close();
});

test('a server that is being started again is waited for', async () => {
  let looks = 0;
  const { stub, ended } = await played((request, response, seen) => {
    looks += 1;
    const away = looks <= 6 ? problem(503, 'unavailable', 'The database is away.') : json(200, view('finished'));
    return away(request, response, seen);
  });
  expect((await ended).campaign.state).toBe('finished');
  expect(looks).toBe(7);
  await stub.close();
});
