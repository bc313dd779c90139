import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

/** The least that a task of three answers can be on Temporal: three signals and one activity, without product code. */
export const answeredSignal = defineSignal<[{ id: string }]>('answered');

const { settle } = proxyActivities<{ settle(input: { id: string }): Promise<void> }>({
  startToCloseTimeout: '30 seconds',
});

export async function floorWorkflow(input: { id: string }): Promise<void> {
  const seen: string[] = [];
  setHandler(answeredSignal, ({ id }) => {
    seen.push(id);
  });
  await condition(() => seen.length >= 3);
  await settle({ id: input.id });
}
