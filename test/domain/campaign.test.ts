import { describe, expect, it } from 'vitest';
import * as campaign from '../../domain/campaign.ts';

const policy: campaign.CampaignPolicy = {
  mode: 'streaming',
  batchSize: 4,
  maxInFlight: 8,
  refitEvery: 4,
  deadlineMs: null,
  targetAccuracy: null,
  plateau: null,
};
const open = (changes: Partial<campaign.CampaignPolicy> = {}) => campaign.openCampaign({ ...policy, ...changes });
const batch = (
  memory: campaign.CampaignMemory,
  taskIds: string[],
  blocked: campaign.CampaignMemory['blocked'] = null,
) => campaign.batchSelected(campaign.selectionBegun(memory), { taskIds, blocked });
const four = ['a', 'b', 'c', 'd'];
const fitted = (memory: campaign.CampaignMemory, accuracy: number, low = accuracy - 0.1) =>
  campaign.modelFitted(memory, { point: { labels: 10, accuracy, low }, seen: memory.settledSinceFit });
const unmeasured = (memory: campaign.CampaignMemory) =>
  campaign.modelFitted(memory, { point: null, seen: memory.settledSinceFit });

describe('stopping by what labels are worth', () => {
  const measured = (pointsPerUsd?: number) => {
    const memory = open({ leastPointsPerUsd: 0.1 });
    const point = { labels: 10, accuracy: 0.8, low: 0.7, ...(pointsPerUsd === undefined ? {} : { pointsPerUsd }) };
    return campaign.modelFitted(memory, { point, seen: 0 }).stopReason;
  };

  it('happens when they are surely worth less than was set', () => {
    expect(measured(0.09)).toBe('plateau');
    expect(measured(0.1)).toBeNull();
  });

  it('does not before there is a forecast', () => {
    expect(measured()).toBeNull();
  });
});

describe('choosing work', () => {
  it('begins with a batch', () => {
    expect(campaign.nextCampaignStep(open())).toEqual({ do: 'select', round: 1, count: 4 });
  });

  it('streaming: tops up in whole batches and keeps at most the limit in flight', () => {
    let memory = batch(open(), four);
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'select', round: 2, count: 4 });
    memory = batch(memory, ['e', 'f', 'g', 'h']);
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'wait', untilMs: null });
    memory = campaign.tasksSettled(memory, ['a', 'e', 'f']);
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'wait', untilMs: null });
    memory = unmeasured(campaign.tasksSettled(memory, ['b']));
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'select', round: 3, count: 4 });
  });

  it('rounds: chooses no more before the whole batch has settled and the model was fitted', () => {
    let memory = campaign.tasksSettled(batch(open({ mode: 'rounds' }), four), ['a', 'b', 'c']);
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'wait', untilMs: null });
    memory = campaign.tasksSettled(memory, ['d']);
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'fit', round: 1 });
    expect(campaign.nextCampaignStep(unmeasured(memory))).toEqual({ do: 'select', round: 2, count: 4 });
  });

  it('fits again after so many settled tasks, before choosing more', () => {
    const memory = campaign.tasksSettled(batch(open({ refitEvery: 2 }), four), ['a', 'b']);
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'fit', round: 1 });
    expect(unmeasured(memory).settledSinceFit).toBe(0);
  });

  it('fits once more for what settled while it was fitting', () => {
    let memory = campaign.tasksSettled(batch(open({ refitEvery: 2 }), four), ['a', 'b']);
    const seen = memory.settledSinceFit;
    memory = campaign.modelFitted(campaign.tasksSettled(memory, ['c', 'd']), { point: null, seen });
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'fit', round: 1 });
  });

  it('begins small and grows with what is labelled; what is in flight and the fits keep step', () => {
    let memory = open({ firstBatch: 4, batchSize: 20, maxInFlight: 100, refitEvery: 20 });
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'select', round: 1, count: 4 });
    const ids = Array.from({ length: 20 }, (_, at) => `t${at}`);
    for (let from = 0; from < 20; from += 4) memory = batch(memory, ids.slice(from, from + 4));
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'wait', untilMs: null });
    memory = campaign.tasksSettled(memory, ids.slice(0, 4));
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'fit', round: 5 });
    memory = unmeasured({ ...memory, settled: 48 });
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'select', round: 6, count: 12 });
    memory = { ...memory, settled: 8000 };
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'select', round: 6, count: 20 });
  });

  it('counts no round in which nothing was chosen', () => {
    expect(batch(batch(open(), four), [], 'budget').round).toBe(1);
  });

  it('works with a limit of one task', () => {
    const memory = open({ maxInFlight: 1, batchSize: 1 });
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'select', round: 1, count: 1 });
    expect(campaign.nextCampaignStep(batch(memory, ['a']))).toEqual({ do: 'wait', untilMs: null });
  });
});

describe('settlements', () => {
  it('count once, however often they come', () => {
    const memory = campaign.tasksSettled(batch(open(), four), ['a', 'a', 'stranger']);
    expect(memory).toMatchObject({ settled: 1, settledSinceFit: 1, inFlight: ['b', 'c', 'd'] });
    expect(campaign.tasksSettled(memory, ['a', 'stranger'])).toMatchObject({ settled: 1, inFlight: ['b', 'c', 'd'] });
  });

  it('that overtake the answer of their selection count once', () => {
    let memory = campaign.selectionBegun(open());
    memory = campaign.tasksSettled(campaign.tasksSettled(memory, ['a']), ['a']);
    memory = campaign.batchSelected(memory, { taskIds: four, blocked: null });
    expect(memory).toMatchObject({ settled: 1, settledSinceFit: 1, inFlight: ['b', 'c', 'd'], early: null });
    expect(campaign.tasksSettled(memory, ['a'])).toMatchObject({ settled: 1, inFlight: ['b', 'c', 'd'] });
  });

  it('of strangers leave the memory as it is, so that nothing wakes up', () => {
    const memory = batch(open(), four);
    expect(campaign.tasksSettled(memory, ['stranger'])).toBe(memory);
  });
});

describe('stopping by itself', () => {
  it.each(['budget', 'pool_empty', 'max_tasks'] as const)('%s: ends once nothing is in flight', (blocked) => {
    let memory = batch(batch(open({ refitEvery: 100 }), ['a']), [], blocked);
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'wait', untilMs: null });
    memory = campaign.tasksSettled(memory, ['a']);
    if (blocked === 'budget') {
      // What the last task did not use may pay for another one.
      expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'select', round: 2, count: 4 });
      memory = batch(memory, [], 'budget');
    }
    expect(memory).toMatchObject({ phase: 'stopping', stopReason: blocked });
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'fit', round: 1 });
    memory = unmeasured(memory);
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'finish', reason: blocked });
    expect(campaign.nextCampaignStep(campaign.campaignEnded(memory))).toEqual({ do: 'end' });
  });

  it('target accuracy: when the lower end of its interval reaches it', () => {
    const memory = batch(open({ targetAccuracy: 0.9 }), four);
    expect(fitted(memory, 0.95, 0.89).stopReason).toBeNull();
    expect(fitted(memory, 0.95, 0.9)).toMatchObject({ phase: 'stopping', stopReason: 'target_accuracy' });
  });

  it('target accuracy: not on the easy part of what was settled', () => {
    const stops = (measuredShare: number) => {
      const point = { labels: 10, accuracy: 0.95, low: 0.92, measuredShare };
      const memory = batch(open({ targetAccuracy: 0.9 }), four);
      return campaign.modelFitted(memory, { point, seen: 0 }).stopReason;
    };
    expect(stops(0.79)).toBeNull();
    expect(stops(0.8)).toBe('target_accuracy');
  });

  it('plateau: when as many fits more are likely to gain too little at the most, as told by the forecast', () => {
    const stops = (mostGain: number | null, count = 50) => {
      const memory = batch(open({ plateau: { rounds: 1, minGain: 0.01 } }), four);
      // Which is no better than the one before.
      const point = { labels: 10, accuracy: 0.8, low: 0.7, on: 'slice', count, mostGain } as const;
      return [point, point].reduce((now, each) => campaign.modelFitted(now, { point: each, seen: 0 }), memory)
        .stopReason;
    };
    expect(stops(0.011)).toBeNull();
    expect(stops(null)).toBeNull();
    expect(stops(0.01, 49)).toBeNull();
    expect(stops(0.01)).toBe('plateau');
  });

  it('plateau in fits from before: when none of the last few was better than the best before', () => {
    let memory = batch(open({ plateau: { rounds: 2, minGain: 0.01 } }), four);
    for (const accuracy of [0.7, 0.8, 0.805, 0.83]) {
      memory = fitted(memory, accuracy);
      expect(memory.stopReason).toBeNull();
    }
    memory = fitted(memory, 0.835);
    expect(memory.stopReason).toBeNull();
    expect(fitted(memory, 0.831)).toMatchObject({ stopReason: 'plateau' });
  });

  it('plateau: not by luck with a few items, nor against what was measured on others', () => {
    const measured = (memory: campaign.CampaignMemory, point: Omit<campaign.FitPoint, 'labels' | 'low'>) =>
      campaign.modelFitted(memory, { point: { labels: 10, low: 0.5, ...point }, seen: 0 });
    const play = (points: Omit<campaign.FitPoint, 'labels' | 'low'>[]) =>
      points.reduce(measured, batch(open({ plateau: { rounds: 2, minGain: 0.01 } }), four)).stopReason;
    const slice = (accuracy: number, count: number) => ({ accuracy, count, on: 'slice' as const });
    // Two of two right, and worse ever after as more is measured.
    const rising = [slice(0.8, 52), slice(0.82, 60), slice(0.85, 70)];
    expect(play([slice(1, 2), slice(0.7, 10), ...rising])).toBeNull();
    expect(play([{ accuracy: 1, count: 400, on: 'gold' }, ...rising])).toBeNull();
    expect(play([...rising, slice(0.85, 80), slice(0.84, 90)])).toBe('plateau');
    expect(play([slice(0.9, 20), slice(0.9, 30), slice(0.9, 40)])).toBeNull();
  });

  it('plateau: fits that measured nothing do not count', () => {
    let memory = batch(open({ plateau: { rounds: 1, minGain: 0.1 } }), four);
    memory = fitted(memory, 0.8);
    memory = unmeasured(memory);
    expect(memory.stopReason).toBeNull();
    expect(fitted(memory, 0.85).stopReason).toBe('plateau');
  });

  it('deadline: not before its time', () => {
    const memory = batch(open({ deadlineMs: 100 }), four);
    expect(campaign.deadlineChecked(memory, 99)).toBe(memory);
    expect(campaign.deadlineChecked(memory, 100)).toMatchObject({ phase: 'stopping', stopReason: 'deadline' });
  });

  it('keeps the first reason', () => {
    const memory = campaign.campaignStopped(batch(open({ targetAccuracy: 0.5, deadlineMs: 1 }), four), { drain: true });
    expect(fitted(memory, 0.9).stopReason).toBe('by_hand');
    expect(campaign.deadlineChecked(memory, 5).stopReason).toBe('by_hand');
  });

  it('chooses nothing more while its last tasks are finished', () => {
    const memory = campaign.campaignStopped(batch(open(), ['a']), { drain: true });
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'wait', untilMs: null });
  });
});

describe('being blocked', () => {
  const blocked = (why: 'budget' | 'pool_empty') => batch(batch(open(), ['a', 'b']), [], why);

  it('budget: tries again when a task settles or the cap changes', () => {
    expect(campaign.tasksSettled(blocked('budget'), ['a']).blocked).toBeNull();
    expect(campaign.budgetChanged(blocked('budget')).blocked).toBeNull();
    expect(campaign.poolGrew(blocked('budget')).blocked).toBe('budget');
  });

  it('empty pool: tries again when items come', () => {
    expect(campaign.poolGrew(blocked('pool_empty')).blocked).toBeNull();
    expect(campaign.budgetChanged(blocked('pool_empty')).blocked).toBe('pool_empty');
  });

  it.each([campaign.poolGrew, campaign.budgetChanged])(
    'is not believed of a selection during which things changed (%#)',
    (changed) => {
      const memory = campaign.batchSelected(changed(campaign.selectionBegun(open())), {
        taskIds: [],
        blocked: 'pool_empty',
      });
      expect(memory).toMatchObject({ blocked: null, stopReason: null });
      expect(campaign.nextCampaignStep(memory)).toMatchObject({ do: 'select' });
      expect(batch(memory, [], 'pool_empty').stopReason).toBe('pool_empty');
    },
  );
});

describe('an end for want of items', () => {
  const ending = () => batch(open(), [], 'pool_empty');

  it('is none where the pool has some again: it chooses from these', () => {
    expect(ending()).toMatchObject({ phase: 'stopping', stopReason: 'pool_empty' });
    const memory = campaign.campaignGoesOn(ending(), 'pool_empty');
    expect(memory).toMatchObject({ phase: 'running', stopReason: null, blocked: null });
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'select', round: 1, count: 4 });
  });

  it('stays a pause, and an end that people asked for', () => {
    const paused = { ...ending(), phase: 'paused' as const };
    expect(campaign.campaignGoesOn(paused, 'pool_empty')).toMatchObject({ phase: 'paused', stopReason: null });
    const stopped = campaign.campaignStopped(ending(), { drain: false });
    expect(campaign.campaignGoesOn(stopped, 'pool_empty')).toBe(stopped);
  });
});

describe('what the database knows and the workflow does not', () => {
  const left = { phase: 'running', stopReason: null, round: 1, inFlight: [], settled: 0 } as const;

  it('a stop, a pause and a resumption that were acknowledged count', () => {
    const stopped = campaign.campaignCorrected(open(), { ...left, phase: 'stopping', stopReason: 'by_hand' });
    expect(stopped).toMatchObject({ phase: 'stopping', stopReason: 'by_hand' });
    const paused = campaign.campaignCorrected(open(), { ...left, phase: 'paused' });
    expect(paused).toMatchObject({ phase: 'paused', stopReason: null });
    expect(campaign.campaignCorrected(paused, left)).toEqual(open());
    expect(campaign.campaignCorrected(open(), undefined).phase).toBe('ended');
  });

  it('the reason of a rule stays, which the database may not have heard of', () => {
    const ending = batch(open(), [], 'pool_empty');
    expect(campaign.campaignCorrected(ending, left)).toBe(ending);
    expect(campaign.campaignRevived(open(), { ...left, stopReason: 'plateau' })).toMatchObject({
      ...{ phase: 'stopping', stopReason: 'plateau' },
    });
  });
});

describe('pausing', () => {
  it('chooses no work until it is resumed', () => {
    const memory = campaign.campaignPaused(open());
    expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'wait', untilMs: null });
    expect(campaign.nextCampaignStep(campaign.campaignResumed(memory))).toMatchObject({ do: 'select' });
  });

  it('goes on counting settlements', () => {
    expect(campaign.tasksSettled(campaign.campaignPaused(batch(open(), four)), ['a']).settled).toBe(1);
  });

  it('lasts until resumed, though a stop rule fires meanwhile: open tasks wait for that', () => {
    const paused = campaign.campaignPaused(batch(open({ deadlineMs: 100, targetAccuracy: 0.5 }), four));
    for (const memory of [campaign.deadlineChecked(paused, 100), fitted(paused, 0.9)]) {
      expect(memory.phase).toBe('paused');
      expect(memory.stopReason).not.toBeNull();
      expect(campaign.nextCampaignStep(memory)).toEqual({ do: 'wait', untilMs: null });
      expect(campaign.refuseCampaignRequest(memory, 'resume')).toBeUndefined();
      expect(campaign.campaignResumed(memory).phase).toBe('stopping');
    }
  });

  it('does not keep a campaign from ending that has nothing left to do', () => {
    const paused = campaign.campaignPaused(open({ deadlineMs: 100 }));
    expect(campaign.nextCampaignStep(paused)).toEqual({ do: 'wait', untilMs: 100 });
    expect(campaign.nextCampaignStep(campaign.deadlineChecked(paused, 100))).toEqual({
      do: 'finish',
      reason: 'deadline',
    });
  });

  it('can be ended by stopping', () => {
    const paused = campaign.campaignPaused(batch(open({ deadlineMs: 100 }), four));
    expect(campaign.campaignStopped(paused, { drain: true })).toMatchObject({
      phase: 'stopping',
      stopReason: 'by_hand',
    });
    const late = campaign.deadlineChecked(paused, 100);
    expect(campaign.refuseCampaignRequest(late, 'stop')).toBeUndefined();
    expect(campaign.campaignStopped(late, { drain: true })).toMatchObject({ phase: 'stopping', stopReason: 'by_hand' });
  });
});

describe('requests', () => {
  const running = open();
  const paused = campaign.campaignPaused(running);
  const stopping = campaign.campaignStopped(batch(running, four), { drain: true });
  const ended = campaign.campaignEnded(running);
  it.each([
    [running, 'resume', 'The campaign is not paused.'],
    [paused, 'pause', 'The campaign is paused already.'],
    [stopping, 'pause', 'The campaign is stopping; its last tasks are being finished.'],
    [stopping, 'resume', 'The campaign is not paused.'],
    [stopping, 'stop', 'The campaign is stopping already.'],
    [stopping, 'change', 'The campaign is stopping; changes would have no effect.'],
    [ended, 'pause', 'The campaign has ended.'],
    [ended, 'resume', 'The campaign has ended.'],
    [ended, 'stop', 'The campaign has ended.'],
    [ended, 'change', 'The campaign has ended.'],
  ] as const)('are refused with the reason (%#)', (memory, request, reason) => {
    expect(campaign.refuseCampaignRequest(memory, request)).toBe(reason);
  });

  it.each([
    [running, 'pause'],
    [running, 'stop'],
    [running, 'change'],
    [paused, 'resume'],
    [paused, 'stop'],
    [paused, 'change'],
  ] as const)('that make sense are not (%#)', (memory, request) => {
    expect(campaign.refuseCampaignRequest(memory, request)).toBeUndefined();
  });
});
