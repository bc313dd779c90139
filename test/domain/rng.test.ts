import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../domain/rng.ts';

describe('seededRng', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    const rng = seededRng('quorate');
    const first = [rng.next(), rng.next(), rng.int(1000), rng.normal(), rng.normal(), rng.next()];
    const again = seededRng('quorate');
    expect([again.next(), again.next(), again.int(1000), again.normal(), again.normal(), again.next()]).toEqual(first);
    expect(seededRng(7).next()).toBe(seededRng('7').next());
    // Pinned: stored decisions and presentations depend on these bits.
    expect(first).toMatchInlineSnapshot(`
      [
        0.45878190571933164,
        0.6930487824322065,
        625,
        1.202931294846698,
        -1.1681905154668433,
        0.13442200300512286,
      ]
    `);
  });

  it('gives unrelated numbers for neighbouring seeds', () => {
    const draws = Array.from({ length: 4000 }, (_, seed) => seededRng(seed).next());
    const mean = draws.reduce((sum, u) => sum + u, 0) / draws.length;
    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
    const lag = draws.slice(1).reduce((sum, u, i) => sum + (u - 0.5) * ((draws[i] ?? 0) - 0.5), 0) / (draws.length - 1);
    expect(Math.abs(lag * 12)).toBeLessThan(0.06);
  });

  it('draws integers evenly and stays in range', () => {
    const rng = seededRng(1);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) {
      const k = rng.int(5);
      counts[k] = (counts[k] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(() => rng.int(0)).toThrow('positive integer');
    expect(() => seededRng(Number.NaN)).toThrow('finite');
  });

  it('draws standard normals', () => {
    const rng = seededRng(2);
    const xs = Array.from({ length: 20_000 }, () => rng.normal());
    const mean = xs.reduce((sum, x) => sum + x, 0) / xs.length;
    const variance = xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it('shuffles without losing or changing anything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (xs, seed) => {
        const before = [...xs];
        const shuffled = seededRng(seed).shuffle(xs);
        expect(xs).toEqual(before);
        expect([...shuffled].sort((a, b) => a - b)).toEqual([...xs].sort((a, b) => a - b));
      }),
    );
    const firsts = Array.from({ length: 3000 }, (_, seed) => seededRng(seed).shuffle([0, 1, 2])[0]);
    expect(Math.abs(firsts.filter((x) => x === 0).length - 1000)).toBeLessThan(120);
  });
});
