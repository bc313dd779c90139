import { expect, test } from 'vitest';
import { dpoRecords } from '../../../domain/formats/dpo.ts';
import { cellsOf, columnsOf, type DecidedTask, exportRecord } from '../../../domain/formats/records.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';

const task = (fields: Partial<DecidedTask>): DecidedTask => ({
  key: 'k1',
  taskId: 't1',
  state: 'decided',
  label: 'spam',
  confidence: 0.9,
  method: 'weighted_vote',
  revision: 1,
  policyVersion: 2,
  costUsd: '0.15',
  provenance: 'annotators',
  decidedAt: '2026-01-02T03:04:05.678Z',
  payload: { text: 'Buy now' },
  evidence: { result: { n: 3, distribution: { spam: 1 } } },
  ...fields,
});

const config = { labels: ['spam', 'ham'] };

test('a record has the common columns first, then the fields of its type', () => {
  const record = exportRecord(getTaskType('classification'), config, task({}));
  expect(record).toEqual({
    key: 'k1',
    task_id: 't1',
    state: 'decided',
    label: 'spam',
    confidence: 0.9,
    method: 'weighted_vote',
    n_annotators: 3,
    revision: 1,
    policy_version: 2,
    cost_usd: '0.15',
    decided_at: '2026-01-02T03:04:05.678Z',
    provenance: 'annotators',
    text: 'Buy now',
    distribution: { spam: 1 },
  });
  expect(columnsOf([record]).slice(-3)).toEqual(['text', 'distribution', 'extra']);
});

test('a payload field named like a common column is kept under another name', () => {
  const payload = { text: 'Buy now', state: 'CA', key: 7 };
  const record = exportRecord(getTaskType('classification'), config, task({ payload }));
  expect(record).toMatchObject({ key: 'k1', state: 'decided', payload_state: 'CA', payload_key: 7 });
});

test('a payload field named like one that the type fills is kept under another name', () => {
  const record = exportRecord(
    getTaskType('classification'),
    config,
    task({ payload: { text: 'x', distribution: 'eu' } }),
  );
  expect(record).toMatchObject({ text: 'x', distribution: { spam: 1 }, payload_distribution: 'eu' });
  expect(record).not.toHaveProperty('payload_text');
});

test('fields that the first records lack go into extra', () => {
  const type = getTaskType('classification');
  const columns = columnsOf([exportRecord(type, config, task({}))]);
  const later = exportRecord(type, config, task({ payload: { text: 'x', lang: 'de' } }));
  expect(cellsOf(later, columns).at(-1)).toEqual({ lang: 'de' });
});

test('DPO takes decided preferences and leaves out ties, "both bad" and unsure ones', () => {
  const type = getTaskType('pairwise');
  const pairConfig = type.configSchema.parse({});
  const payload = { prompt: 'p', a: 'good', b: 'bad' };
  const of = (fields: Partial<DecidedTask>) => dpoRecords(type, pairConfig, task({ payload, ...fields }))[0];
  expect(of({ label: { choice: 'b' } })).toEqual({
    prompt: 'p',
    chosen: 'bad',
    rejected: 'good',
    confidence: 0.9,
    n_annotators: 3,
    key: 'k1',
    task_id: 't1',
  });
  expect(of({ label: { choice: 'tie' } })).toBeUndefined();
  expect(of({ label: { choice: 'both_bad' } })).toBeUndefined();
  expect(of({ label: { choice: 'a' }, confidence: 0.59 })).toBeUndefined();
  expect(of({ label: null, state: 'unresolved', confidence: 0.9 })).toBeUndefined();
});

test('DPO takes each best answer of a ranking over each worst one, and nothing where all are tied', () => {
  const type = getTaskType('preference_ranking');
  const payload = { prompt: 'p', answers: ['fair', 'best', 'bad', 'awful', 'also best'] };
  const of = (ranks: (number | null)[], confidence = 0.9) =>
    dpoRecords(type, type.configSchema.parse({}), task({ payload, label: { ranks }, confidence })).map(
      ({ chosen, rejected }) => [chosen, rejected],
    );
  expect(of([2, 1, 3, 4, 1])).toEqual([
    ['best', 'awful'],
    ['also best', 'awful'],
  ]);
  expect(of([2, 1, 3, null, null])).toEqual([['best', 'bad']]);
  expect(of([1, 1, 1, 1, 1])).toEqual([]);
  expect(of([2, 1, 3, 4, 1], 0.59)).toEqual([]);
});
