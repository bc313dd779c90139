import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preferencePairs } from '../../cli/demo/preference-pairs.ts';
import { readEndpoint } from '../../runtime/endpoint.ts';
import { makePlace, type Place, quorate, requireBuild, serverPids } from '../support/stack.ts';

requireBuild();

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place.remove());

const jsonLines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('the preference demo ends with a report and its labels', { timeout: 900_000 }, async () => {
  const out = join(place.folder, 'out');
  const { code, stdout, stderr } = await quorate(place, ['demo', 'preference', '--json', '--out', out]);
  expect(code, stderr.slice(-3000)).toBe(0);
  expect(stderr).toContain('The crowd is simulated');

  const report = JSON.parse(stdout);
  expect(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))).toEqual(report);
  expect(report).toEqual(
    expect.objectContaining({
      labelAccuracy: expect.any(Number),
      majorityAccuracy: expect.any(Number),
      modelAccuracy: expect.any(Number),
      tasks: expect.any(Number),
      annotations: expect.any(Number),
      spentMicros: expect.any(Number),
      capMicros: expect.any(Number),
      suspendedAnnotators: expect.any(Array),
      alpha: expect.any(Number),
      timeouts: expect.any(Number),
      invariants: expect.any(Object),
      seconds: expect.any(Number),
      stopReason: 'pool_empty',
    }),
  );
  expect(report.labelAccuracy).toBeGreaterThan(0.6);
  expect(report.tasks).toBeGreaterThan(60);
  expect(report.annotations).toBeGreaterThanOrEqual(3 * report.tasks);
  expect(report.spentMicros).toBeGreaterThan(0);
  expect(report.spentMicros).toBeLessThanOrEqual(report.capMicros);
  // The plan is of this campaign: its band is asked to hold the truth four times in five, its middle to be near it always.
  const { costUsd, actualUsd, accuracy } = report.planned;
  expect(actualUsd).toBe(report.spentMicros / 1e6);
  expect(Math.abs(costUsd.p50 / actualUsd - 1)).toBeLessThan(0.25);
  expect(Math.abs(accuracy.p50 - report.labelAccuracy)).toBeLessThan(0.2);
  expect(report.timeouts, 'leases that ran out').toBeGreaterThan(0);
  for (const { name, reason } of report.suspendedAnnotators) expect([name, reason]).not.toContain('');
  const held = Object.entries(report.invariants);
  expect(held.length).toBeGreaterThanOrEqual(9);
  expect(held.filter(([, holds]) => holds !== true)).toEqual([]);

  // Labels: the same decisions in each format, and only strict preferences as DPO triples.
  const labels = jsonLines(join(out, 'labels.jsonl'));
  expect(labels).toHaveLength(report.tasks);
  const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(join(out, 'labels.parquet')) });
  expect(parquet.map(({ key }) => key).sort()).toEqual(labels.map(({ key }) => key).sort());
  const choice = new Map(labels.map(({ key, label }) => [key, (label as { choice: string }).choice]));
  const triples = jsonLines(join(out, 'dpo.jsonl'));
  expect(triples.length).toBeGreaterThan(20);
  for (const { prompt, chosen, rejected, confidence } of triples) {
    const [pair, ...others] = preferencePairs.filter(
      (each) => each.prompt === prompt && [each.a, each.b].sort().join() === [chosen, rejected].sort().join(),
    );
    expect(others).toEqual([]);
    expect(choice.get(pair?.key)).toBe(chosen === pair?.a ? 'a' : 'b');
    expect(confidence).toBeGreaterThanOrEqual(0.6);
  }
  for (const name of ['labels.jsonl', 'labels.parquet', 'dpo.jsonl']) {
    const manifest = JSON.parse(readFileSync(join(out, `${name}.manifest.json`), 'utf8'));
    const sha256 = createHash('sha256')
      .update(readFileSync(join(out, name)))
      .digest('hex');
    expect(manifest).toMatchObject({ sha256, campaign: { type: 'pairwise', simulated: true } });
    expect(manifest.records).toBe(name === 'dpo.jsonl' ? triples.length : labels.length);
  }

  expect(readEndpoint(place.home), 'the stack it had started is gone').toBeUndefined();
  expect(serverPids(place.home)).toEqual({ postgres: undefined, temporal: undefined });
});

test('the spam demo learns from real mail within a small cap, and stops who answers badly', {
  timeout: 900_000,
}, async () => {
  const out = join(place.folder, 'spam');
  const { code, stdout, stderr } = await quorate(place, ['demo', '--budget', '60', '--json', '--out', out]);
  expect(code, stderr.slice(-3000)).toBe(0);
  expect(stderr).toContain('6046 items imported, 302 of them gold');

  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ capMicros: 60e6, stopReason: 'budget' });
  expect(report.spentMicros).toBeLessThanOrEqual(report.capMicros);
  expect(report.tasks).toBeGreaterThan(100);
  expect(report.annotations).toBeGreaterThanOrEqual(3 * report.tasks);
  // Two in three mails are ham; whoever says so always is right as often.
  expect(report.labelAccuracy).toBeGreaterThan(0.75);
  expect(report.modelAccuracy).toBeGreaterThan(0.9);
  expect(report.timeouts, 'leases that ran out').toBeGreaterThan(0);
  expect(Object.entries(report.invariants).filter(([, holds]) => holds !== true)).toEqual([]);
  const labels = jsonLines(join(out, 'labels.jsonl'));
  expect(labels).toHaveLength(report.tasks);
  expect(new Set(labels.map(({ label }) => label))).toEqual(new Set(['spam', 'ham']));
});
