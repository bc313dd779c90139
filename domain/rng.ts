/** A reproducible source of random numbers: the same seed gives the same numbers on every machine. */
export interface Rng {
  /** Uniform in [0, 1), with 53 random bits. */
  next(): number;
  /** Uniform integer in [0, n); n is a positive integer. */
  int(n: number): number;
  /** Standard normal (mean 0, standard deviation 1). */
  normal(): number;
  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(xs: readonly T[]): T[];
}

/**
 * A generator (sfc32) started from a hash of `seed`, so that seeds which differ by one letter give unrelated numbers.
 * A number and its decimal text are the same seed. Not for secrets.
 */
export function seededRng(seed: number | string): Rng {
  if (typeof seed === 'number' && !Number.isFinite(seed)) throw new RangeError(`A seed must be finite, not ${seed}.`);
  const bits = sfc32(hash128(String(seed)));
  let spare: number | undefined;

  const next = () => (bits() >>> 5) * 2 ** -27 + (bits() >>> 6) * 2 ** -53;
  const int = (n: number) => {
    if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`int(n) needs a positive integer, not ${n}.`);
    return Math.floor(next() * n);
  };
  return {
    next,
    int,
    normal() {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return kept;
      }
      // Marsaglia's polar method: two normals from one point inside the unit circle.
      for (;;) {
        const x = 2 * next() - 1;
        const y = 2 * next() - 1;
        const r = x * x + y * y;
        if (r === 0 || r >= 1) continue;
        const scale = Math.sqrt((-2 * Math.log(r)) / r);
        spare = y * scale;
        return x * scale;
      }
    },
    shuffle<T>(xs: readonly T[]): T[] {
      const out = [...xs];
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const held = out[i] as T;
        out[i] = out[j] as T;
        out[j] = held;
      }
      return out;
    },
  };
}

type Words = readonly [number, number, number, number];

/** Four 32-bit words from a string (cyrb128, by bryc, public domain). */
function hash128(text: string): Words {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  const all = a ^ b ^ c ^ d;
  return [all, b ^ all, c ^ all, d ^ all];
}

/** Chris Doty-Humphrey's sfc32, from PractRand: 32 random bits a call. */
function sfc32(seed: Words): () => number {
  let [a, b, c, counter] = seed;
  const step = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) step();
  return step;
}
