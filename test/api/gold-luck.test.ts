import { afterAll, beforeAll, expect, test } from 'vitest';
import { CampaignCache } from '../../api/campaign-cache.ts';
import { TaskChooser } from '../../api/next-task.ts';
import { findAnnotator } from '../../db/queries/annotators.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

test('whoever drew no gold draws anew when they have been given work, and not when they asked in vain', async () => {
  const { id, annotators } = await runningCampaign(rig, {
    settings: { goldRatio: 0.5, goldFloor: 0 },
    items: [
      { key: 'one', text: 'Buy now' },
      { key: 'two', text: 'See you' },
      { key: 'gold', text: 'Win', gold: 'spam' },
    ],
  });
  const annotator = await findAnnotator(rig.db, annotators[0]?.id ?? '');
  if (!annotator) throw new Error('The annotator is gone.');
  const luck = [0.9, 0.1];
  const random = () => luck.shift() ?? 0.99;
  const chooser = new TaskChooser({
    db: rig.db,
    campaigns: new CampaignCache(rig.db, Date.now),
    random,
    nowMs: Date.now,
  });
  const next = async () => {
    const ask = { campaignId: id, signal: new AbortController().signal, again: async () => annotator };
    const offer = await chooser.next(annotator, ask);
    if (!offer) return undefined;
    const [task] = await rig.db<{ kind: string }[]>`select kind from tasks where id = ${offer.lease.taskId}`;
    return task?.kind;
  };
  await rig.db`update slots set state = 'closed' where campaign_id = ${id}`;
  expect(await next()).toBeUndefined();
  await rig.db`update slots set state = 'open', pos = default where campaign_id = ${id}`;
  await expect.poll(next, { timeout: 10_000 }).toBe('work');
  expect(luck).toEqual([0.1]);
  expect(await next()).toBe('gold');
});
