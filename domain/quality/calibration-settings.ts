import { z } from 'zod';
import { type CalibrationRules, DEFAULT_CALIBRATION as defaults } from './calibration.ts';

/** Reads a campaign's rules for calibration sessions; null: it gives none. */
export const calibrationSchema = z
  .strictObject({
    examples: z
      .number()
      .int()
      .min(0)
      .max(20)
      .default(defaults.examples)
      .describe('Worked examples that it begins with'),
    questions: z.number().int().min(5).max(50).default(defaults.questions).describe('Questions of its test'),
    passAccuracy: z.number().gt(0).max(1).default(defaults.passAccuracy).describe('Share that must be right to pass'),
    required: z
      .boolean()
      .default(defaults.required)
      .describe('People are offered the tasks only after they have passed one'),
    retryAfterDays: z
      .number()
      .int()
      .min(0)
      .max(366)
      .default(defaults.retryAfterDays)
      .describe('When somebody who failed a required one may try again'),
  })
  .nullable() satisfies z.ZodType<CalibrationRules | null>;
