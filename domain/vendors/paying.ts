import { isVendor, type VendorName } from './names.ts';

/**
 * How a vendor's workers come by their pay. `on_acceptance`: we accept each answer there, which pays its worker and debits
 * us. `by_invoice`: the vendor pays them, and sends us an invoice.
 */
export type WorkersPaid = 'on_acceptance' | 'by_invoice';

export const WORKERS_PAID: Readonly<Record<VendorName, WorkersPaid>> = {
  http_vendor: 'by_invoice',
  scale_ai: 'by_invoice',
  surge_ai: 'by_invoice',
  prolific: 'on_acceptance',
  mturk: 'on_acceptance',
  labelbox: 'by_invoice',
  llm: 'by_invoice',
};

/** Whether a workforce is a vendor whose workers are paid by our accepting what they answered. */
export const isPaidOnAcceptance = (workforce: string): boolean =>
  isVendor(workforce) && WORKERS_PAID[workforce] === 'on_acceptance';
