import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

interface Fit {
  round: number;
  labels: number | null;
  heldOut: { accuracy: number; low: number; high: number; count: number } | null;
}

interface ProgressText {
  count(value: number): string;
  dollars(micros: number): string;
  percent(share: number): string;
  plural(value: number, word: string): string;
  ticks(low: number, high: number, wanted: number): number[];
  stateText(view: { state: string; stopReason: string | null }): string;
  agreementText(alpha: number): string;
  fitPoints(rounds: readonly Fit[]): { round: number; labels: number; accuracy: number }[];
  fitText(point: {
    on?: 'slice' | 'gold';
    labels: number;
    accuracy: number;
    low: number;
    high: number;
    count: number;
  }): string;
  parseEvents(text: string): { data: string[]; rest: string };
}

const folder = new URL('../../web/public/', import.meta.url);
// The page has no build and no types; what it exports is written down above.
const load = async <T>(file: string): Promise<T> => (await import(/* @vite-ignore */ new URL(file, folder).href)) as T;
const page = await load<ProgressText>('progress-text.js');
const chart = await load<{ accuracyTicks(points: readonly { low: number; high: number }[]): number[] }>(
  'progress-chart.js',
);

describe('ticks', () => {
  it.each([
    [0, 1400, 8, [0, 200, 400, 600, 800, 1000, 1200, 1400]],
    [0, 100, 5, [0, 20, 40, 60, 80, 100]],
    [0.666, 0.99, 5, [0.6, 0.7, 0.8, 0.9, 1]],
    [0, 1, 3, [0, 0.5, 1]],
  ])('from %d to %d in about %d steps', (low, high, wanted, expected) => {
    expect(page.ticks(low, high, wanted)).toEqual(expected);
  });

  it('covers the range with even, round steps and not too many of them', () => {
    const range = fc.tuple(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(range, fc.integer({ min: 2, max: 12 }), ([low, size], wanted) => {
        const found = page.ticks(low, low + size, wanted);
        const [first = 0, second = 0] = found;
        const slack = (second - first) * 1e-6;
        expect(first).toBeLessThanOrEqual(low + slack);
        expect(found.at(-1)).toBeGreaterThanOrEqual(low + size - slack);
        expect(found.length).toBeGreaterThanOrEqual(2);
        expect(found.length).toBeLessThanOrEqual(wanted + 3);
      }),
    );
  });

  it('is one value where there is no range', () => {
    expect(page.ticks(5, 5, 4)).toEqual([5]);
    expect(page.ticks(0, Number.NaN, 4)).toEqual([0]);
  });

  it('never leaves 0 to 100% for accuracies', () => {
    for (const points of [
      [{ low: 0, high: 1 }],
      [{ low: 0.97, high: 1 }],
      [{ low: 1, high: 1 }],
      [{ low: 0, high: 0 }],
    ]) {
      const marks = chart.accuracyTicks(points);
      expect(marks.length).toBeGreaterThanOrEqual(2);
      expect(Math.min(...marks)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...marks)).toBeLessThanOrEqual(1 + 1e-9);
    }
  });
});

describe('numbers and words', () => {
  it.each([
    [0, '$0.00'],
    [231_650_000, '$231.65'],
    [12_500, '$0.0125'],
    [1_234_567_890_000, '$1,234,567.89'],
  ])('%d micro-dollars are %s', (micros, text) => {
    expect(page.dollars(micros)).toBe(text);
  });

  it('counts and shares', () => {
    expect(page.count(1234567)).toBe('1,234,567');
    expect(page.percent(0.9714)).toBe('97.1%');
    expect(page.plural(1, 'answer')).toBe('1 answer');
    expect(page.plural(2000, 'answer')).toBe('2,000 answers');
  });

  it('says the state with its reason, also one it does not know', () => {
    expect(page.stateText({ state: 'running', stopReason: null })).toBe('Running');
    expect(page.stateText({ state: 'finished', stopReason: 'pool_empty' })).toBe(
      'Finished, because every item has been chosen',
    );
    expect(page.stateText({ state: 'stopped', stopReason: 'by_hand' })).toBe('Stopped by hand');
    expect(page.stateText({ state: 'finished', stopReason: 'new_rule' })).toBe('Finished, because new rule');
  });

  it.each([
    [0.95, /reliable/],
    [0.7, /fair/],
    [0.3, /low/],
    [0, /chance/],
    [-0.4, /worse than chance/],
  ])('alpha %d', (alpha, meaning) => {
    expect(page.agreementText(alpha)).toMatch(meaning);
  });
});

describe('fits', () => {
  const heldOut = { accuracy: 0.9, low: 0.85, high: 0.94, count: 302 };

  it('leaves out rounds without a measured fit and sorts by labels', () => {
    const rounds: Fit[] = [
      { round: 3, labels: 300, heldOut },
      { round: 1, labels: 100, heldOut },
      { round: 4, labels: null, heldOut: null },
      { round: 2, labels: 200, heldOut: null },
    ];
    expect(page.fitPoints(rounds).map(({ round, labels }) => [round, labels])).toEqual([
      [1, 100],
      [3, 300],
    ]);
  });

  it('is read out with its interval', () => {
    expect(page.fitText({ labels: 100, ...heldOut })).toBe(
      '100 labels: 90.0% right (95% interval 85.0% to 94.0%, on 302 gold items)',
    );
    expect(page.fitText({ labels: 100, on: 'slice', ...heldOut })).toMatch(/on 302 items of the slice\)$/);
  });
});

describe('parseEvents', () => {
  it('takes whole events however the stream was cut', () => {
    const stream = 'event: campaign\ndata: {"a":1}\n\n: still here\n\nevent: campaign\r\ndata: {"a":2}\r\n\r\n';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
        const data: string[] = [];
        let rest = '';
        for (let at = 0, n = 0; at < stream.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1;
          const parsed = page.parseEvents(rest + stream.slice(at, at + size));
          data.push(...parsed.data);
          rest = parsed.rest;
          at += size;
        }
        expect(data).toEqual(['{"a":1}', '{"a":2}']);
        expect(rest).toBe('');
      }),
    );
  });
});

describe('the pages', () => {
  it.each(['progress.html'])('%s runs under a strict content security policy', (file) => {
    const html = readFileSync(new URL(file, folder), 'utf8');
    expect(html).not.toMatch(/\sstyle=|\son[a-z]+=|<style|javascript:/i);
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(html.match(/<script\b[^>]*>/g) ?? []).toSatisfy((tags: string[]) =>
      tags.every((tag) => tag.includes(' src="/')),
    );
  });
});
