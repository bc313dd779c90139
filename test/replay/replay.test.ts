import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, test } from 'vitest';
import * as workflows from '../../workflows/index.ts';
import { replayAll } from '../support/rig.ts';
import { quietRuntime } from '../support/temporal-servers.ts';

quietRuntime();
const { History } = proto.temporal.api.history.v1;
const folder = fileURLToPath(new URL('histories', import.meta.url));
// Recorded by scripts/record-histories.mjs: files are added for new shapes of a workflow, and never edited.
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const recorded = (file: string) => History.fromObject(JSON.parse(readFileSync(join(folder, file), 'utf8')));
const typeOf = (file: string) =>
  recorded(file).events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';

describe('recorded histories', () => {
  test.each(files)('%s is what today’s workflows would do', async (file) => {
    await replayAll([{ workflowId: file, history: recorded(file) }]);
  });

  test('there are some of every workflow', () => {
    expect(new Set(files.map(typeOf))).toEqual(new Set(Object.keys(workflows)));
  });

  // Negative controls: what replays must be able to fail, or the tests above prove nothing.
  test.each(Object.keys(workflows))('%s with another one’s history is found out', async (workflow) => {
    const of = workflow === 'annotationTaskWorkflow' ? 'campaign.stopped' : 'annotation-task.decided';
    const history = recorded(`${of}.v1.json`);
    const started = history.events[0]?.workflowExecutionStartedEventAttributes;
    if (!started?.workflowType) throw new Error(`${of} has no start.`);
    started.workflowType.name = workflow;
    await expect(replayAll([{ workflowId: 'control', history }])).rejects.toBeInstanceOf(DeterminismViolationError);
  });
});
