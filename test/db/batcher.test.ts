import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batcher } from '../../db/batcher.ts';

function rig(
  options: { concurrency?: number; maxBatch?: number; gathers?: true; fails?: (input: string) => boolean } = {},
) {
  const batches: string[][] = [];
  const gates: (() => void)[] = [];
  const batcher = new Batcher<string, string>({
    async run(batch) {
      batches.push([...batch]);
      await new Promise<void>((resolve) => gates.push(resolve));
      const bad = batch.find((input) => options.fails?.(input));
      if (bad !== undefined) throw new Error(`${bad} fails`);
      return batch.map((input) => input.toUpperCase());
    },
    keyOf: (input) => input.slice(0, 1),
    concurrency: options.concurrency ?? 1,
    maxBatch: options.maxBatch ?? 10,
    ...(options.gathers ? { gathers: true } : {}),
  });
  const settle = async () => {
    for (let idle = 0; idle < 5; idle++) {
      await new Promise((resolve) => setImmediate(resolve));
      for (const open of gates.splice(0)) {
        open();
        idle = 0;
      }
    }
  };
  return { batcher, batches, settle };
}

test('the first goes at once, those that come meanwhile go together, each with its own answer', async () => {
  const { batcher, batches, settle } = rig();
  const answers = Promise.all(['a', 'b', 'c'].map((input) => batcher.add(input)));
  expect(batches).toEqual([['a']]);
  await settle();
  expect(await answers).toEqual(['A', 'B', 'C']);
  expect(batches).toEqual([['a'], ['b', 'c']]);
});

test('those who ask in one turn go together, and so do those whom a batch has answered and who ask again', async () => {
  const { batcher, batches, settle } = rig({ gathers: true });
  const client = async (name: string) => {
    for (let turn = 0; turn < 3; turn++) await batcher.add(`${name}${turn}`);
  };
  const clients = Promise.all(['a', 'b', 'c'].map(client));
  expect(batches).toEqual([]);
  await settle();
  await clients;
  expect(batches).toEqual([
    ['a0', 'b0', 'c0'],
    ['a1', 'b1', 'c1'],
    ['a2', 'b2', 'c2'],
  ]);
});

test('one that fails is the only one to fail', async () => {
  const { batcher, settle } = rig({ fails: (input) => input === 'bad' });
  const answers = Promise.allSettled(['first', 'bad', 'good'].map((input) => batcher.add(input)));
  await settle();
  expect((await answers).map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)))).toEqual([
    'FIRST',
    'Error: bad fails',
    'GOOD',
  ]);
});

test('no two of a key meet in a batch, no batch is too large, and everyone is answered', async () => {
  const inputs = fc.array(fc.stringMatching(/^[abc][0-9]$/), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(inputs, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), async (all, n, size) => {
      const { batcher, batches, settle } = rig({ concurrency: n, maxBatch: size });
      const answers = Promise.all(all.map((input) => batcher.add(input)));
      await settle();
      expect(await answers).toEqual(all.map((input) => input.toUpperCase()));
      expect(batches.flat().sort()).toEqual([...all].sort());
      for (const batch of batches) {
        expect(batch.length).toBeLessThanOrEqual(size);
        expect(new Set(batch.map((input) => input[0])).size).toBe(batch.length);
      }
    }),
    { numRuns: 50 },
  );
});
