import { describe, expect, it } from 'vitest';
import { apart } from '../../activities/threads/apart.ts';
import { selectBatch } from '../../domain/learning/strategies.ts';
import { seededRng } from '../../domain/rng.ts';

const wanted = { alive: () => undefined };

function request(count: number) {
  const rng = seededRng('rows');
  const dense = Float32Array.from({ length: count * 8 }, () => rng.normal());
  const raw = Array.from({ length: count }, () => rng.next());
  const probabilities = Float64Array.from(raw.flatMap((p) => [p, 1 - p]));
  return {
    strategy: 'combined' as const,
    n: 10,
    candidates: { count, dims: 8, dense, probabilities },
    labeled: { dense: dense.slice(0, 16), count: 2 },
  };
}

describe('a job in a thread of its own', () => {
  it('comes to the same as here', async () => {
    const given = request(300);
    const there = await apart('choose', { ...given, seed: 'batch' }, wanted);
    expect(there).toEqual(selectBatch({ ...given, rng: seededRng('batch') }));
  });

  it('fails with the code and the sentence of its failure, and the next one works', async () => {
    const given = request(20);
    const wrong = { ...given, candidates: { ...given.candidates, dims: 7 }, seed: 'batch' };
    await expect(apart('choose', wrong, wanted)).rejects.toMatchObject({ code: 'invalid_input' });
    const { chosen } = await apart('choose', { ...given, seed: 'batch' }, wanted);
    expect(chosen).toHaveLength(10);
  });

  it('ends when it is no longer wanted, and says that it is alive until then', async () => {
    const texts = Array.from(
      { length: 20_000 },
      (_, i) => `${i} ${(i * 7919) % 1000} words that fill a text ${i % 97}`,
    );
    const controller = new AbortController();
    let beats = 0;
    const alive = () => {
      beats += 1;
      if (beats === 2) controller.abort(new Error('no longer wanted'));
    };
    const job = apart('fitSpace', { texts, seed: 'x', limits: {} }, { alive, signal: controller.signal });
    await expect(job).rejects.toThrow('no longer wanted');
    expect(beats).toBe(2);
  });

  it('does not begin when it was not wanted from the start', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(apart('choose', { ...request(20), seed: 'x' }, { ...wanted, signal })).rejects.toThrow('too late');
  });
});
