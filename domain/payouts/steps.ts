/** What the workflow of a payout run does next, by what the database knows of it. */

/** A frozen run that nobody approves for so long is taken back. */
export const APPROVAL_MS = 30 * 24 * 3600 * 1000;
/** Payments that no report has named for so long after the export are for a person. */
export const REPORT_MS = 14 * 24 * 3600 * 1000;
/** A vendor that could not be asked is left alone for so long. */
export const ASK_AGAIN_MS = 6 * 3600 * 1000;
/** How long a run waits at most before it looks at itself again. */
export const LOOK_MS = 7 * 24 * 3600 * 1000;

export interface PayoutFacts {
  readonly state: 'collecting' | 'frozen' | 'approved' | 'exported' | 'closed' | 'cancelled';
  /** Milliseconds since 1970; null before. */
  readonly frozenAtMs: number | null;
  readonly exportedAtMs: number | null;
  /** Payments in all, without an outcome yet, and those whose outcome only a person can tell. */
  readonly items: number;
  readonly sent: number;
  readonly ambiguous: number;
  /** Ids of payments that are settled through their vendors, and are not yet; missing: none. */
  readonly unsettled?: readonly string[];
}

export type PayoutStep =
  | { readonly do: 'collect' | 'export' | 'ask_person' | 'close' | 'end' }
  | { readonly do: 'cancel'; readonly reason: string }
  | { readonly do: 'settle'; readonly paymentId: string }
  | { readonly do: 'wait'; readonly forMs: number };

/**
 * Collects once; waits for a person's approval; exports once; settles what is settled through vendors, but for those that
 * could not be asked since the last wait (`unreached`); waits for the provider's report; what it never names is asked of a
 * person. A run closes when every payment has an outcome.
 */
export function nextPayoutStep(facts: PayoutFacts, atMs: number, unreached: readonly string[] = []): PayoutStep {
  const { state, frozenAtMs, exportedAtMs, items, sent, ambiguous, unsettled = [] } = facts;
  switch (state) {
    case 'collecting':
      return { do: 'collect' };
    case 'frozen': {
      if (items === 0) return { do: 'close' };
      const untilMs = (frozenAtMs ?? atMs) + APPROVAL_MS;
      if (atMs >= untilMs) return { do: 'cancel', reason: 'Nobody approved it within 30 days.' };
      return { do: 'wait', forMs: Math.min(LOOK_MS, untilMs - atMs) };
    }
    case 'approved':
      return { do: 'export' };
    case 'exported': {
      const paymentId = unsettled.find((id) => !unreached.includes(id));
      if (paymentId !== undefined) return { do: 'settle', paymentId };
      if (sent > 0) {
        const untilMs = (exportedAtMs ?? atMs) + REPORT_MS;
        if (atMs >= untilMs) return { do: 'ask_person' };
        return { do: 'wait', forMs: Math.min(unsettled.length > 0 ? ASK_AGAIN_MS : LOOK_MS, untilMs - atMs) };
      }
      return ambiguous > 0 ? { do: 'wait', forMs: LOOK_MS } : { do: 'close' };
    }
    case 'closed':
    case 'cancelled':
      return { do: 'end' };
  }
}
