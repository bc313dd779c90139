import { z } from 'zod';
import { DEFAULT_QUALITY_THRESHOLDS, type QualityThresholds } from './assess.ts';

const defaults = DEFAULT_QUALITY_THRESHOLDS;
const factor = z.number().min(0).max(1);
const seconds = z.number().min(0).max(86_400);

/** Reads a campaign's quality rules; what is left out has the default. Kept apart so that `assess` needs no zod. */
export const qualityThresholdsSchema: z.ZodType<QualityThresholds> = z
  .strictObject({
    tooFastS: seconds.default(defaults.tooFastS),
    tooFastFactor: factor.default(defaults.tooFastFactor),
    tooSlowS: seconds.default(defaults.tooSlowS),
    tooSlowFactor: factor.default(defaults.tooSlowFactor),
    goldIncorrectFactor: factor.default(defaults.goldIncorrectFactor),
    goldMinSeen: z.number().int().min(1).max(1000).default(defaults.goldMinSeen),
    goldMinAccuracy: factor.default(defaults.goldMinAccuracy),
    belowGoldFactor: factor.default(defaults.belowGoldFactor),
    honeypotFailedFactor: factor.default(defaults.honeypotFailedFactor),
  })
  .refine(({ tooFastS, tooSlowS }) => tooFastS < tooSlowS, {
    error: 'tooFastS must be less than tooSlowS',
    path: ['tooFastS'],
  });
