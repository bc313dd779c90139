import { z } from 'zod';
import type { RepeatedRow } from '../db/queries/repeats.ts';
import { intraRater } from '../domain/quality/consistency.ts';
import type { CampaignFacts } from './campaign-cache.ts';

/** Of one annotator in one campaign the newest repeats that are measured: their labels are compared each with each. */
const MOST_ITEMS = 100;

/** How well an annotator agrees with what they answered before. */
export const consistencySchema = z.object({
  items: z.int().describe('Items answered twice, days apart; at most the newest 100'),
  same: z.number().describe('Share with the very same label'),
  sameLow: z.number().describe('That share lies between this ...'),
  sameHigh: z.number().describe('... and this with 95% probability'),
  agreement: z.number().describe('1 less the mean distance of the two labels'),
  alpha: z.number().nullable().describe('Agreement beyond chance; null where all labels are the same'),
  interval: z.object({ low: z.number(), high: z.number() }).nullable().describe('95%; null with fewer than ten items'),
});

/** Intra-rater reliability by annotator, of what was answered twice in a campaign. */
export function consistencyOf(
  { type, settings }: CampaignFacts,
  rows: readonly RepeatedRow[],
): Map<string, z.output<typeof consistencySchema>> {
  const byAnnotator = new Map<string, RepeatedRow[]>();
  for (const row of rows) {
    const known = byAnnotator.get(row.annotatorId);
    if (!known) byAnnotator.set(row.annotatorId, [row]);
    else if (known.length < MOST_ITEMS) known.push(row);
  }
  const measured = new Map<string, z.output<typeof consistencySchema>>();
  for (const [annotatorId, pairs] of byAnnotator) {
    const found = intraRater(type, settings.config, pairs, annotatorId);
    if (found) measured.set(annotatorId, { ...found, alpha: found.alpha ?? null, interval: found.interval ?? null });
  }
  return measured;
}
