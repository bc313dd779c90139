import { expect, test } from 'vitest';
import { workflowsCheck } from '../../cli/commands/doctor-workflows.ts';

test('what is open without a workflow is warned of, with one to look at', () => {
  const whole = { tasks: 3, goneTasks: [], campaigns: 1, goneCampaigns: [] };
  expect(workflowsCheck(whole)).toMatchObject({ status: 'ok', detail: expect.stringContaining('3 open tasks') });
  expect(workflowsCheck({ ...whole, goneTasks: ['t7', 't8'], goneCampaigns: ['c1'] })).toMatchObject({
    status: 'warn',
    detail: 'there is none of 2 of 3 open tasks (such as t7) and 1 of 1 campaigns (such as c1)',
    fix: expect.stringContaining('worker'),
  });
});
