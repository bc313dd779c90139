import { describe, expect, it } from 'vitest';
import { learnTextSpace, textRows } from '../../../domain/learning/text-space.ts';
import { decodeTextSpace, encodeTextSpace } from '../../../domain/learning/text-space-bytes.ts';

const texts = Array.from({ length: 60 }, (_, i) =>
  i % 2 === 0 ? `win money now, offer ${i % 7}` : `see you at lunch on day ${i % 5}`,
);

describe('a stored text space', () => {
  const space = learnTextSpace(texts, { seed: 'seed', limits: {} });

  it('reads texts as the one that was stored', () => {
    const stored = decodeTextSpace(encodeTextSpace(space));
    const unseen = ['money at lunch', 'nothing known', ''];
    expect(textRows(unseen, stored)).toEqual(textRows(unseen, space));
  });

  it('is refused when it was cut or is something else', () => {
    const bytes = encodeTextSpace(space);
    expect(() => decodeTextSpace(bytes.subarray(0, bytes.length - 4))).toThrow('cannot be read');
    expect(() => decodeTextSpace(new Uint8Array(40))).toThrow('cannot be read');
    expect(() => decodeTextSpace(new Uint8Array(0))).toThrow('cannot be read');
  });

  it('has no more columns than it may, the most frequent ones', () => {
    const small = learnTextSpace(texts, { seed: 'seed', limits: { mostColumns: 20 } });
    expect(small.latent.columns).toHaveLength(20);
    expect([...small.latent.columns]).toEqual([...small.latent.columns].sort((a, b) => a - b));
    expect([...small.latent.columns].every((column) => space.latent.columns.includes(column))).toBe(true);
    const { dense } = textRows(['win money now, offer 3'], small);
    expect(Math.hypot(...dense)).toBeCloseTo(1, 5);
  });
});
