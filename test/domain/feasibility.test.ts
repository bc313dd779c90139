import { describe, expect, it } from 'vitest';
import {
  batchThatFits,
  goldFloorMicros,
  goldReserveMicros,
  recalibrationMicros,
  type StartFacts,
  startDemand,
  startRefusals,
  startWarnings,
} from '../../domain/feasibility.ts';

const facts: StartFacts = {
  type: 'classification',
  strategy: 'combined',
  learns: true,
  poolItems: 1000,
  goldItems: 0,
  eligibleAnnotators: 5,
  tier: 'trained',
  workforces: ['internal', 'night shift'],
  language: undefined,
  redundancy: 3,
  maxRedundancy: 3,
  batchSize: 100,
  maxTasks: null,
  goldRatio: 0.05,
  goldFloor: 0,
  taskWorstCaseMicros: 300_000n,
  repeatsPerTaskMicros: 0n,
  answerPriceMicros: 100_000n,
  capMicros: 30_000_000n,
};

describe('whether a campaign can start', () => {
  it('says nothing when it can', () => {
    expect(startRefusals(facts)).toEqual([]);
  });

  it('names the knobs when there are too few annotators', () => {
    expect(startRefusals({ ...facts, eligibleAnnotators: 2 })).toEqual([
      'Redundancy is 3, but only 2 active annotators have tier trained or higher and are of workforce internal or night shift: ' +
        'add annotators, lower the tier, or lower the redundancy.',
    ]);
    expect(startRefusals({ ...facts, eligibleAnnotators: 3 })).toEqual([]);
  });

  it('warns where a task may ask for more annotators than there are', () => {
    expect(startWarnings(facts)).toEqual([]);
    const asking = { ...facts, maxRedundancy: 6 };
    expect(startWarnings(asking)).toEqual([
      expect.stringMatching(
        /^A task may ask for up to 6 answers, but only 5 active annotators have tier trained.* lower maxRedundancy\.$/,
      ),
    ]);
    expect(startWarnings({ ...asking, eligibleAnnotators: 6 })).toEqual([]);
    // Of one that does not start the refusal says enough.
    expect(startWarnings({ ...asking, eligibleAnnotators: 2 })).toEqual([]);
  });

  it('warns of a strategy that wants a model where none learns', () => {
    const ranking = { ...facts, type: 'span', learns: false };
    expect(startWarnings(ranking)).toEqual([
      expect.stringMatching(/^No model learns from tasks of the type span, so strategy combined .* kmeans\+\+/),
    ]);
    expect(startWarnings({ ...ranking, strategy: 'kmeans++' })).toEqual([]);
    expect(startWarnings({ ...ranking, strategy: 'random' })).toEqual([]);
  });

  it('says what a vendor’s account must have', () => {
    const warnings = startWarnings({ ...facts, workforces: ['internal', 'prolific', 'scale_ai'] });
    expect(warnings).toEqual([expect.stringContaining('AI Task Builder')]);
  });

  it('wants one batch to fit the budget, to the micro-dollar', () => {
    expect(startRefusals({ ...facts, capMicros: 29_999_999n })).toEqual([
      'One batch of 100 tasks could cost $30.00, and the budget is $29.999999: ' +
        'raise budgetUsd, or lower batchSize, redundancy or priceUsd.',
    ]);
  });

  it('wants all of stop.maxTasks to fit, where that promises a number', () => {
    const [reason] = startRefusals({ ...facts, maxTasks: 500 });
    expect(reason).toBe(
      'stop.maxTasks of 500 tasks could cost $150.00, and the budget is $30.00: ' +
        'raise budgetUsd, or lower stop.maxTasks, redundancy or priceUsd.',
    );
    expect(startRefusals({ ...facts, maxTasks: 50, capMicros: 15_000_000n })).toEqual([]);
  });

  it('needs no money for items that are not there', () => {
    expect(startRefusals({ ...facts, poolItems: 10, maxTasks: 500, capMicros: 3_000_000n })).toEqual([]);
  });

  it('counts the gold answers that go with the tasks', () => {
    // 100 tasks of 3 answers at 5% are 15 gold answers.
    expect(startRefusals({ ...facts, goldItems: 20, capMicros: 31_499_999n })).toHaveLength(1);
    expect(startRefusals({ ...facts, goldItems: 20, capMicros: 31_500_000n })).toEqual([]);
  });

  it('counts the golds that each annotator meets first, as the first batch sets their money aside', () => {
    // 5 annotators meet 4 golds each, at $0.10.
    const early = { ...facts, goldItems: 4, goldRatio: 0.01, goldFloor: 10 };
    expect(startRefusals({ ...early, capMicros: 32_300_000n })).toEqual([]);
    expect(startRefusals({ ...early, capMicros: 32_299_999n })).toEqual([
      'One batch of 100 tasks and the first golds of its annotators could cost $32.30, and the budget is $32.299999: ' +
        'raise budgetUsd, or lower batchSize, goldFloor, redundancy or priceUsd.',
    ]);
  });

  it('counts no more first golds than come with the answers, however many might work on it', () => {
    const many = { ...facts, goldItems: 20, goldFloor: 10, goldRatio: 0.05, eligibleAnnotators: 1000 };
    // 100 tasks of 3 answers: 75 golds beside them, a fifth of what is handed out, and what chance may add.
    expect(startDemand(many).earlyMicros).toBe(101n * 100_000n);
    const golds = { ...many, annotators: 1000, answers: 300, priceMicros: 1n };
    expect(goldFloorMicros({ ...golds, annotators: 5 })).toBe(50n);
    expect(goldFloorMicros({ ...golds, annotators: 5, met: 45 })).toBe(5n);
    expect(goldFloorMicros({ ...golds, annotators: 5, met: 60 })).toBe(0n);
  });

  it('sets aside for recalibrations no more than comes beside the answers, however many are in doubt', () => {
    const doubted = { recalibrating: 3, answers: 300, goldItems: 20, goldRatio: 0.05, priceMicros: 1n };
    expect(recalibrationMicros(doubted)).toBe(30n);
    expect(recalibrationMicros({ ...doubted, goldItems: 4 })).toBe(12n);
    expect(recalibrationMicros({ ...doubted, recalibrating: 500 })).toBe(300n);
    expect(recalibrationMicros({ ...doubted, goldRatio: 0 })).toBe(0n);
  });

  it('wants room under the other caps, too; golds do not draw on that of a workforce', () => {
    const golds = { ...facts, goldItems: 20, capMicros: 99_000_000n };
    const workforce = (freeMicros: bigint) =>
      startRefusals({ ...golds, workforceFree: { name: 'internal', freeMicros } });
    expect(workforce(30_000_000n)).toEqual([]);
    expect(workforce(29_999_999n)).toEqual([
      'One batch of 100 tasks could cost $30.00, and the cap of the workforce internal leaves $29.999999: ' +
        'raise it, or lower batchSize, redundancy or priceUsd.',
    ]);
    expect(startRefusals({ ...golds, organisationFreeMicros: 31_500_000n })).toEqual([]);
    expect(startRefusals({ ...golds, organisationFreeMicros: 31_499_999n })).toEqual([
      'One batch of 100 tasks could cost $31.50, and the cap of all campaigns together leaves $31.499999: ' +
        'raise it, or lower batchSize, redundancy or priceUsd.',
    ]);
  });

  it('counts what is asked again of the same people', () => {
    const repeats = { ...facts, repeatsPerTaskMicros: 30_000n };
    expect(startRefusals({ ...repeats, capMicros: 32_999_999n })).toHaveLength(1);
    expect(startRefusals({ ...repeats, capMicros: 33_000_000n })).toEqual([]);
  });

  it('demands what it refuses less than, also where that is there', () => {
    expect(startDemand({ ...facts, goldItems: 20, capMicros: 99_000_000n })).toMatchObject({
      tasks: 100,
      micros: 31_500_000n,
    });
    expect(startDemand({ ...facts, poolItems: 10 })).toMatchObject({ tasks: 10, micros: 3_000_000n });
  });

  it('tells all reasons at once', () => {
    const none = { ...facts, poolItems: 0, eligibleAnnotators: 0 };
    expect(startRefusals(none)).toHaveLength(2);
    expect(startRefusals(none)[0]).toBe('The pool is empty: import items first.');
  });
});

describe('money for gold', () => {
  const batch = { tasks: 10, answersPerTask: 3, goldRatio: 0.05, goldItems: 5, answerPriceMicros: 7n };
  it('is for whole answers, rounded up', () => {
    expect(goldReserveMicros(batch)).toBe(14n);
  });
  it('is none without gold', () => {
    expect(goldReserveMicros({ ...batch, goldItems: 0 })).toBe(0n);
    expect(goldReserveMicros({ ...batch, goldRatio: 0 })).toBe(0n);
  });
});

describe('how much of a batch fits', () => {
  const room = {
    freeMicros: 1000n,
    workforceMicros: null,
    taskMicros: 100n,
    goldMicros: (tasks: number) => BigInt(tasks) * 10n,
  };

  it('is as many tasks as there is money for, with their golds', () => {
    expect(batchThatFits(20, room)).toEqual({ tasks: 9, goldMicros: 90n });
    expect(batchThatFits(5, room)).toEqual({ tasks: 5, goldMicros: 50n });
    expect(batchThatFits(20, { ...room, freeMicros: -5n })).toEqual({ tasks: 0, goldMicros: 0n });
    expect(batchThatFits(0, room)).toEqual({ tasks: 0, goldMicros: 0n });
    expect(batchThatFits(20, { ...room, taskMicros: 0n, goldMicros: () => 0n })).toEqual({ tasks: 20, goldMicros: 0n });
  });

  it('is a task at least where there is money for one, and for its golds what is left', () => {
    expect(batchThatFits(20, { ...room, goldMicros: () => 10_000n })).toEqual({ tasks: 1, goldMicros: 900n });
    expect(batchThatFits(20, { ...room, freeMicros: 100n })).toEqual({ tasks: 1, goldMicros: 0n });
    expect(batchThatFits(20, { ...room, freeMicros: 99n })).toEqual({ tasks: 0, goldMicros: 0n });
  });

  it('has golds draw on no workforce', () => {
    expect(batchThatFits(20, { ...room, workforceMicros: 300n })).toEqual({ tasks: 3, goldMicros: 30n });
    expect(batchThatFits(20, { ...room, workforceMicros: 99n })).toEqual({ tasks: 0, goldMicros: 0n });
  });
});
