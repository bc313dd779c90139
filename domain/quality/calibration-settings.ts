import { z } from 'zod';
import { type CalibrationRules, DEFAULT_CALIBRATION as defaults } from './calibration.ts';

/** Reads a campaign's rules for calibration sessions; null: it gives none. */
export const calibrationSchema = z
  .strictObject({
    examples: z.number().int().min(0).max(20).default(defaults.examples),
    questions: z.number().int().min(5).max(50).default(defaults.questions),
    passAccuracy: z.number().gt(0).max(1).default(defaults.passAccuracy),
    required: z.boolean().default(defaults.required),
    retryAfterDays: z.number().int().min(0).max(366).default(defaults.retryAfterDays),
  })
  .nullable() satisfies z.ZodType<CalibrationRules | null>;
