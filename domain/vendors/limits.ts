import type { VendorName } from './names.ts';

/** Most tasks of one order: small where an order that has to be looked for again is compared task by task. */
export const MAX_UNITS: Readonly<Record<VendorName, number>> = {
  http_vendor: 100,
  scale_ai: 100,
  surge_ai: 100,
  prolific: 100,
  mturk: 50,
  labelbox: 100,
  llm: 20,
};
