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
  /** What of it is booked as failed: that is owed again, whatever was reported since. */
  readonly failedMicros: bigint;
  /** What a report has said of it last; null where none has. */
  readonly said: Pick<ReportLine, 'amountMicros' | 'status'> | null;
  /** Whether a person has found out what became of it since. */
  readonly ruled: boolean;
}

export type Verdict =
  | { readonly becomes: 'paid' | 'failed' }
  | { readonly becomes: 'ambiguous'; readonly note: string }
  | { readonly becomes: 'as_it_was' };

/**
 * What a line of the report makes of a payment. Money that came back after it was paid is owed again. Whatever does not
 * fit (another amount, a part that came back, paid after it had failed and was owed again, however often that is reported) is
 * for a person, whose word stands when the same is reported again.
 */
export function verdictOn(payment: OpenPayment, line: ReportLine): Verdict {
  const { state, amountMicros, failedMicros, said, ruled } = payment;
  if (line.status === 'pending' || state === 'frozen' || state === 'cancelled') return { becomes: 'as_it_was' };
  if (ruled && said?.status === line.status && said.amountMicros === line.amountMicros) return { becomes: 'as_it_was' };
  const [reported, whole] = [formatUsd(line.amountMicros), formatUsd(amountMicros)];
  if (line.status !== 'paid') {
    if (state === 'failed') return { becomes: 'as_it_was' };
    // Whether a part is what came back in all or only since, nobody can tell once a part is owed again.
    if (line.amountMicros === 0n || line.amountMicros === amountMicros) return { becomes: 'failed' };
    const happened = line.status === 'failed' ? 'failed' : 'came back';
    return { becomes: 'ambiguous', note: `The report says that $${reported} of $${whole} ${happened}.` };
  }
  if (line.amountMicros !== amountMicros) {
    return { becomes: 'ambiguous', note: `The report says $${reported}; $${whole} were sent.` };
  }
  if (failedMicros > 0n) {
    return { becomes: 'ambiguous', note: 'The report says paid; it had failed, and is owed again.' };
  }
  // An older report again.
  const cameBack = state === 'ambiguous' && (said?.status === 'failed' || said?.status === 'returned');
  return { becomes: state === 'paid' || cameBack ? 'as_it_was' : 'paid' };
}
