import { ACCEPTS_BY_ITSELF_MS, isVendor, REJECTS } from './names.ts';

/**
 * What a person may make of something at a vendor that a person has to look at. `seen`: nothing is to be done.
 * `send_again`: the order is looked for at the vendor, and what of it is not there is bought. `not_bought`: the vendor does
 * not have it. `accept` and `reject`: an answer that was not taken in, as it is no label or its worker's second, is paid, or the vendor is told that it is not.
 * `leave_out`: an answer that was taken back or changed counts no more, and its task is asked for another one.
 */
export const INCIDENT_RULINGS = ['seen', 'send_again', 'not_bought', 'accept', 'reject', 'leave_out'] as const;
export type IncidentRuling = (typeof INCIDENT_RULINGS)[number];

/**
 * The rulings that an incident of this kind allows; none where another page rules on it. One that is to be rejected, and was
 * not yet (`waits`), can be accepted.
 */
export function rulingsOn(incident: {
  readonly kind: string;
  readonly vendor: string;
  readonly waits?: boolean;
}): IncidentRuling[] {
  const { kind, vendor, waits = false } = incident;
  if (waits) return ['accept'];
  switch (kind) {
    case 'order_ambiguous':
      return ['send_again', 'not_bought'];
    case 'recalled':
    case 'amended':
      return ['seen', 'leave_out'];
    case 'invalid_answer':
    case 'repeated_answer':
      return ['seen', 'accept', ...(isVendor(vendor) && REJECTS[vendor] ? (['reject'] as const) : [])];
    // The review of the bonus closes it.
    case 'bonus_ambiguous':
      return [];
    default:
      return ['seen'];
  }
}

/** How long a rejection waits, in which it can still be made a payment, where a campaign says nothing else. */
export const REJECTION_WINDOW_MS = 7 * 24 * 3600 * 1000;
/** So long before its vendor would pay for the answer by itself a rejection waits no more. */
const IN_TIME_MS = 12 * 3600 * 1000;

/** When a rejection that is ruled now is carried out. */
export function rejectsAtMs(rejection: {
  readonly vendor: string;
  readonly nowMs: number;
  readonly answeredAtMs: number;
  readonly windowMs?: number | undefined;
}): number {
  const { vendor, nowMs, answeredAtMs, windowMs = REJECTION_WINDOW_MS } = rejection;
  const acceptsMs = isVendor(vendor) ? ACCEPTS_BY_ITSELF_MS[vendor] : undefined;
  const lastMs = acceptsMs === undefined ? Number.POSITIVE_INFINITY : answeredAtMs + acceptsMs - IN_TIME_MS;
  return Math.max(nowMs, Math.min(nowMs + windowMs, lastMs));
}
