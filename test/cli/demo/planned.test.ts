import { describe, expect, it } from 'vitest';
import { planDemo, plannedLines, plannedOf } from '../../../cli/demo/planned.ts';
import { presets } from '../../../cli/demo/presets.ts';

describe('the plan of a demo', () => {
  const plan = planDemo(presets.preference, { pool: 90, golds: 20, seed: 'quorate' });

  it('is of its own policy and price, and no more tasks than pool and money have', () => {
    expect(plan.tasks).toBe(90);
    const { p10, p50, p90 } = plan.costUsdEach;
    // Three to five answers at $0.15 and one in ten a gold.
    expect(p10).toBeGreaterThan(3 * 0.15);
    expect(p90).toBeLessThan(5 * 0.15 * 1.2);
    expect(p10 <= p50 && p50 <= p90).toBe(true);
    const spam = planDemo(presets.spam, { pool: 6000, golds: 300, seed: 'quorate' });
    expect(spam.tasks).toBeLessThan(2000);
    // Its windows are as long as they are for its crowd, whose time goes by faster: nothing is given up for want of answers.
    for (const { accuracy } of [plan, spam]) expect(accuracy.p10).toBeGreaterThan(0.75);
  });

  it('is put beside what came of it, task for task', () => {
    const each = plan.costUsdEach.p50;
    const planned = plannedOf(plan, { tasks: 50, spentMicros: Math.round(50e6 * each), accuracy: plan.accuracy.p50 });
    expect(planned).toMatchObject({ costHeld: true, accuracyHeld: true });
    expect(planned.costUsd.p50).toBeCloseTo(50 * each);
    expect(plannedOf(plan, { tasks: 50, spentMicros: 1e9, accuracy: 0 })).toMatchObject({
      costHeld: false,
      accuracyHeld: false,
    });
    const [cost, accuracy] = plannedLines(planned, { tasks: 50, labelAccuracy: 0.9 });
    expect(cost).toMatch(/Planned cost +\$\d+\.\d\d \(.* to .*\) for 50 tasks; actual \$.*: within the band/);
    expect(accuracy).toContain('actual 90.0%');
  });
});
