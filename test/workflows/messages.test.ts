import { expect, test } from 'vitest';
import * as messages from '../../workflows/messages.ts';

const defined = Object.entries(messages).flatMap(([constant, value]) =>
  typeof value === 'object' && 'type' in value && 'name' in value
    ? [{ constant, type: value.type, wire: value.name }]
    : [],
);

test('every message travels under its constant’s name without Signal, Update or Query', () => {
  const suffix = { signal: 'Signal', update: 'Update', query: 'Query' } as const;
  expect(defined.length).toBeGreaterThan(15);
  expect(defined.map(({ constant }) => constant)).toEqual(defined.map(({ wire, type }) => `${wire}${suffix[type]}`));
});

test('ids of workflows are told apart by kind', () => {
  const { annotatorWorkflowId, campaignWorkflowId, taskWorkflowId } = messages;
  expect([taskWorkflowId('x'), campaignWorkflowId('x'), annotatorWorkflowId('x')]).toEqual([
    'task-x',
    'campaign-x',
    'annotator-x',
  ]);
});
