/** Outside workforces that tasks can be sent to; a campaign names them in `workforces`. Free of zod: workflows read this. */
export const VENDOR_NAMES = ['http_vendor', 'scale_ai', 'surge_ai', 'prolific', 'mturk', 'labelbox', 'llm'] as const;

export type VendorName = (typeof VENDOR_NAMES)[number];

/** Of the workers that have what it takes to reach a vendor: one queue each, so that a slow one keeps no other waiting. */
export const vendorTaskQueue = (vendor: VendorName): string => `quorate-vendors-${vendor}`;

/** Where an answer can be rejected, so that its worker is not paid for it. */
export const REJECTS: Readonly<Record<VendorName, boolean>> = {
  http_vendor: true,
  scale_ai: true,
  surge_ai: false,
  prolific: true,
  mturk: true,
  labelbox: false,
  llm: false,
};

/** Set with each HIT. */
export const MTURK_ACCEPTS_AFTER_S = 3 * 24 * 3600;
/** After how long a vendor pays for an answer by itself, where nobody has said what becomes of it. */
export const ACCEPTS_BY_ITSELF_MS: Readonly<Partial<Record<VendorName, number>>> = {
  mturk: 1000 * MTURK_ACCEPTS_AFTER_S,
  prolific: 21 * 24 * 3600 * 1000,
};

/** Whether a workforce is a vendor; any other name is a pool of the requester's own people. */
export function isVendor(workforce: string): workforce is VendorName {
  return (VENDOR_NAMES as readonly string[]).includes(workforce);
}
