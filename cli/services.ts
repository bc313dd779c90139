/** The processes of the product, in the order in which they are started. */
export const SERVICES = ['api', 'worker', 'learning'] as const;
export type Service = (typeof SERVICES)[number];
