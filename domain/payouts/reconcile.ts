import { formatUsd } from '../money.ts';

/** What a provider says became of a payment. `pending` is no outcome. */
export const REPORT_STATUSES = ['paid', 'failed', 'returned', 'pending'] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

export interface ReportLine {
  readonly reference: string;
  readonly amountMicros: bigint;
  readonly status: ReportStatus;
}

/** A payment as the books have it. */
export interface OpenPayment {
  readonly amountMicros: bigint;
  readonly state: 'frozen' | 'sent' | 'paid' | 'failed' | 'ambiguous' | 'cancelled';
  /** Whether it is booked as failed, whatever was reported since: what it was for is owed again. */
  readonly failedBefore: boolean;
  /** What a report had said when a person found out what became of it; null where nobody has, or nothing was said. */
  readonly ruledOn: Pick<ReportLine, 'amountMicros' | 'status'> | null;
}

export type Verdict =
  | { readonly becomes: 'paid' | 'failed' }
  | { readonly becomes: 'ambiguous'; readonly note: string }
  | { readonly becomes: 'as_it_was' };

/**
 * What a line of the report makes of a payment. Money that came back after it was paid is owed again. Whatever does not
 * fit (another amount, paid after it had failed and was owed again, however often that is reported) is for a person, whose
 * word stands when the same is reported again.
 */
export function verdictOn(payment: OpenPayment, line: ReportLine): Verdict {
  const { state, amountMicros, failedBefore, ruledOn } = payment;
  if (line.status === 'pending' || state === 'frozen' || state === 'cancelled') return { becomes: 'as_it_was' };
  if (ruledOn?.status === line.status && ruledOn.amountMicros === line.amountMicros) return { becomes: 'as_it_was' };
  const paid = line.status === 'paid';
  if (paid && line.amountMicros !== amountMicros) {
    const note = `The report says $${formatUsd(line.amountMicros)}; $${formatUsd(amountMicros)} were sent.`;
    return { becomes: 'ambiguous', note };
  }
  if (state === 'failed' && !paid) return { becomes: 'as_it_was' };
  if (failedBefore && paid) {
    return { becomes: 'ambiguous', note: 'The report says paid; it had failed, and is owed again.' };
  }
  if (state === 'paid' && paid) return { becomes: 'as_it_was' };
  return { becomes: paid ? 'paid' : 'failed' };
}
