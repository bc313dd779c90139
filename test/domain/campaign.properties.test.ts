import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as campaign from '../../domain/campaign.ts';

type Event =
  | { do: 'settle'; at: number; again: boolean }
  | { do: 'stranger' | 'pause' | 'resume' | 'stop' | 'grow' | 'budget' | 'carryOver' | 'deadline' };

const policy: fc.Arbitrary<campaign.CampaignPolicy> = fc.record({
  mode: fc.constantFrom('streaming', 'rounds'),
  batchSize: fc.integer({ min: 1, max: 6 }),
  maxInFlight: fc.integer({ min: 6, max: 12 }),
  refitEvery: fc.integer({ min: 1, max: 8 }),
  deadlineMs: fc.constantFrom(null, 1000),
  targetAccuracy: fc.constantFrom(null, 0.9),
  plateau: fc.constantFrom(null, { rounds: 2, minGain: 0.01 }),
});
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('settle' as const), at: fc.nat(50), again: fc.boolean() }) },
  fc.record({ do: fc.constantFrom('stranger' as const, 'pause' as const, 'resume' as const, 'grow' as const) }),
  fc.record({ do: fc.constantFrom('budget' as const, 'carryOver' as const, 'carryOver' as const) }),
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('stop' as const, 'deadline' as const) }) },
);

/** Runs a campaign like its workflow does, over a pool of 40 items; events come while it waits and while it works. */
function play(given: {
  policy: campaign.CampaignPolicy;
  events: Event[];
  during: boolean[];
  accuracies: number[];
  found: number[];
}) {
  const events = [...given.events];
  const during = [...given.during];
  const accuracies = [...given.accuracies];
  const found = [...given.found];
  const started: string[] = [];
  const settled = new Set<string>();
  let pool = 40;
  let nowMs = 0;
  let memory = campaign.openCampaign(given.policy);
  let mostInFlight = 0;
  let fits = 0;
  let unseen = 0;

  const settle = (ids: string[]) => {
    for (const id of ids) {
      if (!settled.has(id)) unseen += 1;
      settled.add(id);
    }
    memory = campaign.tasksSettled(memory, ids);
  };
  const allowed = (request: 'pause' | 'resume' | 'stop' | 'change') =>
    campaign.refuseCampaignRequest(memory, request) === undefined;
  const happen = (next: Event) => {
    switch (next.do) {
      case 'settle': {
        const id = started[next.at % Math.max(1, started.length)];
        if (id !== undefined) settle(next.again ? [id, id] : [id]);
        return;
      }
      case 'stranger':
        memory = campaign.tasksSettled(memory, ['stranger']);
        return;
      case 'pause':
        if (allowed('pause')) memory = campaign.campaignPaused(memory);
        return;
      case 'resume':
        if (allowed('resume')) memory = campaign.campaignResumed(memory);
        return;
      case 'stop':
        if (allowed('stop')) memory = campaign.campaignStopped(memory, { drain: true });
        return;
      case 'grow':
        pool += 1;
        memory = campaign.poolGrew(memory);
        return;
      case 'budget':
        if (allowed('change')) memory = campaign.budgetChanged(memory);
        return;
      case 'deadline':
        nowMs = 1000;
        return;
      case 'carryOver':
        memory = JSON.parse(JSON.stringify(memory)) as campaign.CampaignMemory;
    }
  };
  const meanwhile = () => {
    while (during.shift()) {
      const next = events.shift();
      if (next) happen(next);
    }
  };

  for (let steps = 0; ; steps++) {
    if (steps > 2000) throw new Error(`No end in sight: ${JSON.stringify(memory)}`);
    memory = campaign.deadlineChecked(memory, nowMs);
    const step = campaign.nextCampaignStep(memory);
    if (step.do === 'end') break;
    switch (step.do) {
      case 'select': {
        expect(memory.phase).toBe('running');
        expect(step.count).toBeGreaterThan(0);
        memory = campaign.selectionBegun(memory);
        const count = Math.min(step.count, pool, found.shift() ?? step.count);
        pool -= count;
        const taskIds = Array.from({ length: count }, (_, at) => `t${started.length + at}`);
        started.push(...taskIds);
        meanwhile();
        const blocked = count > 0 ? null : pool > 0 ? 'budget' : 'pool_empty';
        memory = campaign.batchSelected(memory, { taskIds, blocked });
        break;
      }
      case 'fit': {
        const seen = memory.settledSinceFit;
        unseen = 0;
        meanwhile();
        const accuracy = accuracies.shift();
        const point = accuracy === undefined ? null : { labels: 1, accuracy, low: accuracy };
        memory = campaign.modelFitted(memory, { point, seen });
        fits += 1;
        break;
      }
      case 'finish':
        memory = campaign.campaignEnded(memory);
        break;
      case 'wait': {
        const next = events.shift();
        const [first] = memory.inFlight;
        if (next) happen(next);
        else if (memory.phase === 'paused') happen({ do: 'resume' });
        else if (first !== undefined) settle([first]);
        else throw new Error(`Waits for nothing: ${JSON.stringify(memory)}`);
      }
    }
    mostInFlight = Math.max(mostInFlight, memory.inFlight.length);
    const open = started.filter((id) => !settled.has(id));
    expect([...memory.inFlight].sort()).toEqual(open.sort());
    expect(memory.settled).toBe(settled.size);
  }
  return { memory, started, settled, mostInFlight, fits, unseen };
}

const given = fc.record({
  policy,
  events: fc.array(event, { maxLength: 60 }),
  during: fc.array(fc.boolean(), { maxLength: 60 }),
  accuracies: fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
  found: fc.array(fc.nat(6), { maxLength: 20 }),
});

test('in flight is exactly what started and has not settled, and every campaign ends with all of it settled', () => {
  fc.assert(
    fc.property(given, (each) => {
      const { memory, started, settled, mostInFlight, unseen } = play(each);
      expect(memory).toMatchObject({ phase: 'ended', inFlight: [] });
      expect(memory.stopReason).not.toBeNull();
      expect(settled.size).toBe(started.length);
      expect(mostInFlight).toBeLessThanOrEqual(Math.max(each.policy.maxInFlight, each.policy.batchSize));
      // The last fit has seen every label.
      expect(unseen).toBe(0);
    }),
    { numRuns: 1500 },
  );
});

test('continuing as new anywhere outside a selection changes nothing', () => {
  fc.assert(
    fc.property(given, (each) => {
      const without = { ...each, events: each.events.filter((next) => next.do !== 'carryOver') };
      const carried = { ...without, events: without.events.flatMap((next): Event[] => [next, { do: 'carryOver' }]) };
      // Doubled, so that as many events come during an activity.
      const during = without.during.flatMap((more) => (more ? [true, true] : [false]));
      expect(play({ ...carried, during }).memory).toEqual(play(without).memory);
    }),
    { numRuns: 500 },
  );
});
