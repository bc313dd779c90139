import { expect, test } from 'vitest';
import { startRig } from './rig.ts';

/** Statuses of more guesses than one address has in a minute, each said to be of another address. */
async function guess(options: Parameters<typeof startRig>[0]): Promise<Set<number>> {
  const rig = await startRig(options);
  try {
    // All at once: one after the other, their slow hashes could outlast the minute that is counted.
    const guesses = Array.from({ length: 32 }, async (_, at) => {
      const body = { email: `nobody${at}@example.org`, password: 'not their password' };
      const headers = { 'x-forwarded-for': `198.51.100.${at}`, origin: 'http://localhost' };
      return (await rig.call(undefined, 'POST', '/v1/auth/sign-in/email', body, headers)).status;
    });
    return new Set(await Promise.all(guesses));
  } finally {
    await rig.close();
  }
}

test('where a request comes from is believed of a proxy that was named, and of nobody else', async () => {
  expect(await guess({})).toContain(429);
  expect(await guess({ trustProxy: 1 })).not.toContain(429);
  expect(await guess({ trustProxy: ['203.0.113.0/24'] })).toContain(429);
});

test('a proxy that nobody named is told of, once', async () => {
  const lines: string[] = [];
  const rig = await startRig({ log: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } } });
  try {
    for (const headers of [{}, { 'x-forwarded-for': '198.51.100.1' }, { 'x-forwarded-for': '198.51.100.2' }]) {
      await rig.call(undefined, 'GET', '/healthz', undefined, headers);
    }
    expect(lines.filter((line) => line.includes('QUORATE_TRUST_PROXY'))).toHaveLength(1);
  } finally {
    await rig.close();
  }
});
