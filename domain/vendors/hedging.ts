/** Answers of a vendor after which its own pace says when to ask somebody else. */
const LEAST_KNOWN = 20;

/** How fast a vendor has answered: the time from sending an order to an answer that 90% stayed below. */
export interface VendorPace {
  readonly answers: number;
  readonly p90Ms: number | null;
}

/** How long a vendor is waited for before the next workforce is asked, too; undefined: nobody else is asked yet. */
export function hedgeAfterMs(pace: VendorPace, hedge: { readonly afterMs?: number | undefined }): number | undefined {
  return pace.answers >= LEAST_KNOWN && pace.p90Ms !== null ? pace.p90Ms : hedge.afterMs;
}
