import { afterAll, describe, expect, test } from 'vitest';
import { type PlayOptions, playByWorkflows } from '../../cli/planning/play.ts';
import { onStage } from '../../cli/planning/stage.ts';
import type { CampaignAssumptions, CrowdAssumptions } from '../../domain/planning/assumptions.ts';
import type { Play } from '../../domain/planning/begin-play.ts';
import { type Option, optionsFor } from '../../domain/planning/options.ts';
import type { Outcome } from '../../domain/planning/scale.ts';
import { playCampaign } from '../../domain/planning/simulate.ts';
import { seededRng } from '../../domain/rng.ts';
import { startSkippingServer } from '../support/temporal-servers.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';
import { HOUR } from './task-world.ts';

const server = await startSkippingServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

const crowd: CrowdAssumptions = {
  ...{ choices: 2, accuracy: 0.8, skillSd: 0.6, easeSd: 0.8, lureShare: 0.5 },
  ...{ secondsMedian: 15, secondsLogSd: 0.6 },
};
const campaign: CampaignAssumptions = {
  ...{ tasks: 25, annotators: 20, priceMicros: 50_000n, goldRatio: 0.05, feeRatio: 0 },
  atWork: new Array<number>(24).fill(0).fill(10, 9, 17),
  judge: { accuracy: 0.9, priceMicros: 1000n },
};
const noGolds: CampaignAssumptions = { ...campaign, tasks: 10, goldRatio: 0 };
const optionNamed = (name: string): Option => {
  const option = optionsFor(true).find((each) => each.name === name);
  if (!option) throw new Error(`There is no option ${name}.`);
  return option;
};

describe('a plan by the workflows', { timeout: 240_000 }, () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  const limits = { campaign, maxPlayed: 1000 };
  const playOf = (given: Partial<Play> & { name?: string } = {}): Play => ({
    ...{ option: optionNamed(given.name ?? 'fixed:3'), crowd, rng: seededRng('play'), ...given },
  });

  async function byWorkflows(play: Play, options: Partial<PlayOptions> = {}): Promise<Outcome> {
    if ('unavailable' in server) throw new Error(server.unavailable);
    const given = { ...server, workflowBundle: await workflowBundle() };
    return onStage(given, (stage) => playByWorkflows(stage, play, { ...limits, ...options }));
  }

  test.each(['fixed:1', 'fixed:3', 'adaptive', 'adaptive+judge'])(
    '%s: costs what the planner says, to the micro-dollar, with the same labels',
    async (name) => {
      const outcome = await byWorkflows(playOf({ name }));
      const { hours, ...planned } = playCampaign(playOf({ name }), limits);
      expect(outcome).toMatchObject(planned);
      // A clock goes on while it is worked by: some seconds an hour.
      expect(outcome.hours).toBeGreaterThan(hours);
      expect(outcome.hours).toBeLessThan(hours + 0.1);
    },
  );

  test('the same play again comes to the same', async () => {
    const options = { campaign: { ...campaign, tasks: 8 } };
    const [{ hours, ...one }, other] = [
      await byWorkflows(playOf({ name: 'adaptive' }), options),
      await byWorkflows(playOf({ name: 'adaptive' }), options),
    ];
    expect(other).toMatchObject(one);
    expect(Math.abs(other.hours - hours)).toBeLessThan(0.1);
  });

  test('what is not played goes like what is', async () => {
    const outcome = await byWorkflows(playOf(), { campaign: { ...noGolds, tasks: 1000 }, maxPlayed: 10 });
    expect(outcome).toMatchObject({ costMicros: 3000n * 50_000n, answersPerTask: 3 });
    // 3,000 answers of 15 s on average by ten people, 0.9 of an hour each, from nine on.
    expect(outcome.hours).toBeGreaterThan(10);
    expect(outcome.hours).toBeLessThan(13);
  });

  test('a campaign of three days takes seconds', async () => {
    const from = performance.now();
    // One person for two hours a day, seven answers of a quarter of an hour.
    const slow = { ...crowd, secondsMedian: 900, secondsLogSd: 0.01 };
    const alone = { ...noGolds, tasks: 24, annotators: 1, atWork: new Array<number>(24).fill(0).fill(1, 9, 11) };
    const outcome = await byWorkflows(playOf({ name: 'fixed:1', crowd: slow }), { campaign: alone, lapses: 0 });
    expect(outcome).toMatchObject({ costMicros: 24n * 50_000n, unresolved: 0 });
    expect(outcome.hours).toBeGreaterThan(48);
    expect(performance.now() - from).toBeLessThan(120_000);
  });

  test('leases that run out cost time and no money', async () => {
    const [none, some] = [
      await byWorkflows(playOf(), { campaign: noGolds, lapses: 0 }),
      await byWorkflows(playOf(), { campaign: noGolds, lapses: 0.3 }),
    ];
    expect(none.costMicros).toBe(30n * 50_000n);
    expect(some.costMicros).toBe(none.costMicros);
    // Half an hour until somebody else may take the slot.
    expect(some.hours - none.hours).toBeGreaterThan(0.4);
  });

  test('windows that end unanswered cost time and no money, and in the end the task', async () => {
    const { policy, ...option } = optionNamed('fixed:3');
    const lasting = (windowMs: number) => playOf({ option: { ...option, policy: { ...policy, windowMs } } });
    // Nobody comes before nine: two windows end before that, or all three.
    expect(await byWorkflows(lasting(4 * HOUR), { campaign: noGolds })).toMatchObject({
      ...{ costMicros: 30n * 50_000n, answersPerTask: 3, unresolved: 0 },
    });
    const { hours, ...given } = await byWorkflows(lasting(2 * HOUR), { campaign: noGolds });
    expect(given).toMatchObject({ costMicros: 0n, accuracy: 0, answersPerTask: 0, unresolved: 1 });
    expect(hours).toBeCloseTo(6, 1);
  });

  test('it can be stopped', async () => {
    const stopping = new AbortController();
    const given = { ...server, workflowBundle: await workflowBundle(), signal: stopping.signal };
    const options = { ...limits, progress: () => stopping.abort(new Error('enough')) };
    await expect(onStage(given, (stage) => playByWorkflows(stage, playOf(), options))).rejects.toThrow('enough');
  });
});
