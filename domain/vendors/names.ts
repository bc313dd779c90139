/** Outside workforces that tasks can be sent to; a campaign names them in `workforces`. Free of zod: workflows read this. */
export const VENDOR_NAMES = ['http_vendor', 'scale_ai', 'surge_ai', 'prolific', 'mturk', 'labelbox', 'llm'] as const;

export type VendorName = (typeof VENDOR_NAMES)[number];

/** Whether a workforce is a vendor; any other name is a pool of the requester's own people. */
export function isVendor(workforce: string): workforce is VendorName {
  return (VENDOR_NAMES as readonly string[]).includes(workforce);
}
