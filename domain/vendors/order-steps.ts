/** What an order's workflow knows when it decides what to do: plain JSON, read from the database. */
export interface OrderFacts {
  readonly state: 'intent' | 'submitting' | 'placed' | 'closed' | 'failed' | 'ambiguous';
  /** Tasks that still wait for answers, be it that they were cancelled and late ones may come. */
  readonly outstanding: number;
  /** Tasks whose cancelling the vendor has not been told. */
  readonly cancels: number;
  /** Answers that wait for their campaign to go on. */
  readonly held: number;
  readonly deadlineMs: number;
  /** Since when the campaign is paused: the order's time stands still, and nothing is bought. Missing: it is not. */
  readonly pausedAtMs?: number;
  /** Bonuses that the vendor is to pay; missing: none. */
  readonly bonuses?: number;
  /** When the next workforce is to be asked for what is outstanding, too; missing: never. */
  readonly hedgeAtMs?: number;
  /** Task queue of those who reach its vendor; missing: nobody was known to when it was read, or it is an older history's. */
  readonly queue?: string;
  /** How long after the deadline answers that were under way may come. */
  readonly graceMs: number;
  /** Waits between looks at the vendor, the last one again and again. */
  readonly pollMs: readonly number[];
}

export type OrderStep =
  | { readonly do: 'submit' | 'cancel' | 'collect' | 'close' | 'expire' | 'hedge' | 'bonus' | 'end' }
  | { readonly do: 'wait'; readonly forMs: number };

/**
 * The one thing to do now for an order. `looks`: how often the vendor was looked at since the last news; `fresh`: it was
 * looked at since the last step that could change anything; `refused`: the vendor could not be reached since the last wait,
 * so that only time can help; `untold`: it did not hear since then of a bonus, or of what is to be cancelled, which is no reason not to ask it. Pure.
 */
export function nextOrderStep(
  facts: OrderFacts,
  now: {
    readonly atMs: number;
    readonly looks: number;
    readonly fresh: boolean;
    readonly expired: boolean;
    readonly hedged?: boolean;
    readonly refused?: boolean;
    readonly untold?: boolean;
  },
): OrderStep {
  const paused = facts.pausedAtMs !== undefined;
  const lastPollMs = facts.pollMs.at(-1) ?? 60_000;
  switch (facts.state) {
    case 'intent':
      // Its resumption is news.
      if (paused) return { do: 'wait', forMs: lastPollMs };
      return { do: 'submit' };
    // It may be bought already.
    case 'submitting':
      return { do: 'submit' };
    case 'failed':
    case 'ambiguous':
      return { do: 'end' };
    case 'closed':
    case 'placed':
      if ((facts.bonuses ?? 0) > 0 && !now.refused && !now.untold) return { do: 'bonus' };
      break;
  }
  if (facts.state === 'closed' && now.refused) {
    return (facts.bonuses ?? 0) > 0 ? { do: 'wait', forMs: lastPollMs } : { do: 'end' };
  }
  // Woken by news after its end: one more look, for what was amended or came late.
  if (facts.state === 'closed') return { do: now.fresh ? 'end' : 'collect' };
  const clockMs = facts.pausedAtMs ?? now.atMs;
  const late = clockMs >= facts.deadlineMs;
  if (late && !now.expired && facts.outstanding > 0) return { do: 'expire' };
  if (facts.cancels > 0 && !now.refused && !now.untold) return { do: 'cancel' };
  if (!now.fresh && !now.refused) return { do: 'collect' };
  if (facts.held === 0 && (facts.outstanding === 0 || clockMs >= facts.deadlineMs + facts.graceMs)) {
    return { do: 'close' };
  }
  // After a fresh look, so that nobody is asked again for what has just come.
  const hedgeInMs =
    now.hedged || late || paused || facts.hedgeAtMs === undefined ? undefined : facts.hedgeAtMs - now.atMs;
  if (hedgeInMs !== undefined && hedgeInMs <= 0) return { do: 'hedge' };
  const pollMs = facts.pollMs[Math.min(now.looks, facts.pollMs.length) - 1] ?? facts.pollMs[0] ?? 60_000;
  // While the time stands still the end comes no nearer.
  const untilEnd = paused ? Number.POSITIVE_INFINITY : facts.deadlineMs + (late ? facts.graceMs : 0) - clockMs;
  const forMs = Math.min(untilEnd > 0 ? Math.min(pollMs, untilEnd) : pollMs, hedgeInMs ?? pollMs);
  return { do: 'wait', forMs: Math.max(1, forMs) };
}
