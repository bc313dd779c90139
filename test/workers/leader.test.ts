import { afterAll, beforeAll, expect, test } from 'vitest';
import { isElsewhere } from '../../db/queries/temporal-mark.ts';
import { whileLeading } from '../../workers/leader.ts';
import { createLog } from '../../workers/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { swallowingNetwork } from '../support/swallowing-network.ts';

let server: TestDatabase;
beforeAll(async () => {
  server = await createTestDatabase();
});
afterAll(() => server.drop());

const log = createLog('test', 'silent');

test('one worker leads at a time, and when its session is cut somebody leads again', async () => {
  const stop = new AbortController();
  const leading = new Set<string>();
  const terms: string[] = [];
  const contend = (name: string) =>
    whileLeading(
      { databaseUrl: server.url, log },
      async (term) => {
        leading.add(name);
        terms.push(name);
        await new Promise((resolve) => term.addEventListener('abort', resolve));
        leading.delete(name);
      },
      stop.signal,
    );
  const holders = async () => {
    const locks = await server.db<{ pid: number }[]>`
      select pid from pg_locks join pg_database d on d.oid = database
      where locktype = 'advisory' and granted and d.datname = current_database()`;
    return locks.map(({ pid }) => pid);
  };
  const both = Promise.all([contend('first'), contend('second')]);
  try {
    await until('somebody leads', () => leading.size > 0);
    const [cut] = await holders();
    await server.db`select pg_terminate_backend(${cut ?? 0})`;
    const next = await until('one leads, by a session that lives', async () => {
      const [pid, ...more] = await holders();
      return pid !== undefined && pid !== cut && more.length === 0 && leading.size === 1 && terms.length > 1 && pid;
    });
    expect(await holders()).toEqual([next]);
  } finally {
    stop.abort();
    await both;
  }
  expect(leading.size).toBe(0);
  expect(await holders(), 'the lock is given back').toEqual([]);
});

test('when the leader leaves the next takes over, one at a time', async () => {
  const leading = new Set<string>();
  const terms: string[] = [];
  let mostAtOnce = 0;
  const contenders = ['a', 'b', 'c'].map((name) => {
    const stop = new AbortController();
    const running = whileLeading(
      { databaseUrl: server.url, log },
      async (term) => {
        leading.add(name);
        terms.push(name);
        mostAtOnce = Math.max(mostAtOnce, leading.size);
        await new Promise((resolve) => term.addEventListener('abort', resolve));
        leading.delete(name);
      },
      stop.signal,
    );
    const leave = async () => {
      stop.abort();
      await running;
    };
    return { name, leave };
  });
  for (let turn = 1; turn <= 3; turn++) {
    await until('somebody leads', () => leading.size === 1 && terms.length === turn);
    await contenders.find(({ name }) => leading.has(name))?.leave();
  }
  expect(terms.toSorted()).toEqual(['a', 'b', 'c']);
  expect(mostAtOnce).toBe(1);
});

test('with another Temporal than the leader’s no worker waits to lead: it ends, and says so', async () => {
  const stop = new AbortController();
  let leading = false;
  const contend = (temporal: string, begun: () => void) =>
    whileLeading(
      { databaseUrl: server.url, log, temporal },
      async (term) => {
        begun();
        await new Promise((resolve) => term.addEventListener('abort', resolve));
      },
      stop.signal,
    );
  const first = contend('one', () => {
    leading = true;
  });
  let others = 0;
  const tooMany = () => {
    others += 1;
  };
  try {
    await until('it leads', () => leading);
    const second = contend('one', tooMany);
    await expect(contend('two', tooMany)).rejects.toThrow('with another Temporal server');
    expect([await isElsewhere(server.db, 'two'), await isElsewhere(server.db, 'one')]).toEqual([true, false]);
    stop.abort();
    await Promise.all([first, second]);
    expect(others).toBe(0);
    expect(await isElsewhere(server.db, 'two'), 'once nobody leads').toBe(false);
  } finally {
    stop.abort();
    await first;
  }
});

test('a leader whose database says nothing any more lets go, and leads again when it answers', async () => {
  const network = await swallowingNetwork(server.url);
  const stop = new AbortController();
  let leading = false;
  let terms = 0;
  const running = whileLeading(
    { databaseUrl: network.url, log, silentMs: 500 },
    async (term) => {
      leading = true;
      terms += 1;
      await new Promise((resolve) => term.addEventListener('abort', resolve));
      leading = false;
    },
    stop.signal,
  );
  try {
    await until('it leads', () => leading);
    network.swallow();
    await until('it has let go', () => !leading);
    // The database notices in its own time; here at once.
    network.cut();
    await until('it leads again', () => leading && terms === 2);
  } finally {
    stop.abort();
    await running;
    network.close();
  }
});

test('work that fails is begun again', async () => {
  const stop = new AbortController();
  let attempts = 0;
  const running = whileLeading(
    { databaseUrl: server.url, log },
    async (term) => {
      attempts += 1;
      if (attempts < 3) throw new Error('cannot listen');
      await new Promise((resolve) => term.addEventListener('abort', resolve));
    },
    stop.signal,
  );
  await until('the third attempt', () => attempts === 3);
  stop.abort();
  await running;
});
