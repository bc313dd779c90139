/** Where annotators can be hired; `other` is any platform whose fee is not known. */
export const PLATFORMS = ['scale_ai', 'surge_ai', 'mturk', 'self_hosted', 'other'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** What a platform takes on top of the annotations, as a share of them: 40, 30, 20, 5, and otherwise 10%. */
export const PLATFORM_FEES: Readonly<Record<Platform, number>> = {
  scale_ai: 0.4,
  surge_ai: 0.3,
  mturk: 0.2,
  self_hosted: 0.05,
  other: 0.1,
};
