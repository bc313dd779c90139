import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { getTaskType } from '../../../domain/tasks/index.ts';
import { readConfig, readLabel, readPayload } from '../../../domain/tasks/read.ts';
import { TASK_TYPE_NAMES } from '../../../domain/tasks/task-type.ts';

const text = readFileSync(new URL('../../../docs/task-types.md', import.meta.url), 'utf8');
const examples = Array.from(text.matchAll(/```json\n(.*?)```/gs), ([, json]) => JSON.parse(json ?? '') as Example);
interface Example {
  type: string;
  config: unknown;
  payload: unknown;
  label: unknown;
}

it('every task type has an example in docs/task-types.md', () => {
  expect(examples.map(({ type }) => type).sort()).toEqual([...TASK_TYPE_NAMES].sort());
});

it.each(examples)('the example works: $type', (example) => {
  const type = getTaskType(example.type);
  const config = readConfig(type, example.config);
  const payload = readPayload(type, example.payload);
  const label = readLabel(type, config, example.label, payload);
  expect(type.aggregate([{ annotationId: '1', weight: 1, label }], config, payload).label).not.toBeNull();
});
