import { describe, expect, it } from 'vitest';
import { planDemo, plannedLines, plannedOf } from '../../../cli/demo/planned.ts';
import { presets } from '../../../cli/demo/presets.ts';

describe('the plan of a demo', () => {
  const plan = planDemo(presets.preference, { pool: 90, golds: 20, seed: 'quorate' });

  it('is of its own policy and price, and no more tasks than pool and money have', () => {
    expect(plan).toMatchObject({ capped: false, tasks: { p10: 90, p50: 90, p90: 90 } });
    const { p10, p50, p90 } = plan.costUsdEach;
    // Three to five answers at $0.15 and one in ten a gold.
    expect(p10).toBeGreaterThan(3 * 0.15);
    expect(p90).toBeLessThan(5 * 0.15 * 1.2);
    expect(p10 <= p50 && p50 <= p90).toBe(true);
    const spam = planDemo(presets.spam, { pool: 6000, golds: 300, seed: 'quorate' });
    // Three answers at $0.05 and golds on top: $250 are the end of it, and what is uncertain is how many tasks they buy.
    expect(spam.capped).toBe(true);
    expect(spam.tasks.p90).toBeLessThan(250 / 0.15);
    expect(spam.tasks.p10).toBeGreaterThan(1200);
    const ended = plannedOf(spam, { tasks: 1500, spentMicros: 249.6e6, capMicros: 250e6, accuracy: 0.9 });
    expect(ended.costUsd.p90).toBeLessThanOrEqual(250);
    expect(ended.costHeld).toBe(spam.tasks.p10 <= 1500 && 1500 <= spam.tasks.p90);
    expect(plannedLines(ended, { capMicros: 250e6, labelAccuracy: 0.9 })[0]).toMatch(
      /Planned tasks +\d+ \(\d+ to \d+\) for the cap of \$250\.00; actual 1500 for \$249\.60: /,
    );
    // Its windows are as long as they are for its crowd, whose time goes by faster: nothing is given up for want of answers.
    for (const { accuracy } of [plan, spam]) expect(accuracy.p10).toBeGreaterThan(0.75);
  });

  it('is put beside what came of it, task for task', () => {
    const each = plan.costUsdEach.p50;
    const capMicros = 250e6;
    const spentMicros = Math.round(50e6 * each);
    const planned = plannedOf(plan, { tasks: 50, spentMicros, capMicros, accuracy: plan.accuracy.p50 });
    expect(planned).toMatchObject({ costHeld: true, accuracyHeld: true });
    expect(planned.costUsd.p50).toBeCloseTo(50 * each);
    expect(plannedOf(plan, { tasks: 50, spentMicros: 1e9, capMicros: 2e9, accuracy: 0 })).toMatchObject({
      costHeld: false,
      accuracyHeld: false,
    });
    const [cost, accuracy] = plannedLines(planned, { capMicros, labelAccuracy: 0.9 });
    expect(cost).toMatch(/Planned cost +\$\d+\.\d\d \(.* to .*\) for 50 tasks; actual \$.*: within the band/);
    expect(accuracy).toContain('actual 90.0%');
  });
});
