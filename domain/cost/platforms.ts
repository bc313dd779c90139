/** Where annotators can be hired; `other` is any platform whose fee is not known. */
export const PLATFORMS = ['scale_ai', 'surge_ai', 'mturk', 'self_hosted', 'other'] as const;
export type Platform = (typeof PLATFORMS)[number];
