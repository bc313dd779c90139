import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nobodysId, type Rig, spam, startRig } from './rig.ts';

let rig: Rig;
let port: number;
beforeAll(async () => {
  rig = await startRig({ bodyLimits: { bodyMs: 300 } });
  port = Number(new URL(await rig.app.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(() => rig.close());

/** A connection on which a request with a body has begun. */
function begun(
  path: string,
  type: string,
  length: number,
  part: string,
  more = { key: rig.requester, connection: 'close' },
): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${more.key}\r\ncontent-type: ${type}\r\n` +
      `content-length: ${length}\r\nconnection: ${more.connection}\r\n\r\n${part}`,
  );
  return socket;
}

test('a body that does not come to its end is not waited for, but of an import, which is read as it comes', async () => {
  const { id } = (await rig.call(rig.requester, 'POST', '/v1/campaigns', spam)).body;
  const [first, second] = ['{"text":"one"}\n', '{"text":"two"}\n'];
  const path = `/v1/campaigns/${id}/items`;
  const imported = begun(path, 'application/x-ndjson', first.length + second.length, first);
  let answer = '';
  imported.on('data', (piece) => {
    answer += piece.toString();
  });
  const late = begun('/v1/campaigns', 'application/json', 1000, '{');
  late.on('error', () => undefined);
  late.resume();
  await once(late, 'close');
  imported.write(second);
  await once(imported, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toContain('"accepted":2');
});

test('an import that was refused before it was read is not waited for either', async () => {
  const { id } = (await rig.call(rig.requester, 'POST', '/v1/campaigns', spam)).body;
  for (const [path, key, status] of [
    [`/v1/campaigns/${id}/items`, 'nobody', 401],
    [`/v1/campaigns/${nobodysId()}/items`, rig.requester, 404],
  ] as const) {
    const socket = begun(path, 'application/x-ndjson', 1_000_000, '{', { key, connection: 'keep-alive' });
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece.toString();
    });
    socket.on('error', () => undefined);
    const dripping = setInterval(() => socket.write(' '), 50);
    // What drips in while it is closed may reset it, which is an error and no less an end.
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(dripping);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
  }
});
