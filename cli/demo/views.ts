import { z } from 'zod';

/** The parts of the API's answers that the demo reads. */
export const campaignView = z.object({
  id: z.string(),
  state: z.string(),
  stopReason: z.string().nullable(),
  round: z.number(),
  counts: z.object({
    pool: z.number(),
    tasksOpen: z.number(),
    tasksDecided: z.number(),
    tasksUnresolved: z.number(),
    annotations: z.number(),
  }),
  budget: z.object({ capMicros: z.number(), reservedMicros: z.number(), spentMicros: z.number() }),
  rounds: z.array(z.object({ round: z.number(), heldOut: z.object({ accuracy: z.number() }).nullable() })),
});
export type CampaignView = z.infer<typeof campaignView>;

export const annotatorView = z.object({
  id: z.string(),
  name: z.string(),
  standing: z.string(),
  standingReason: z.string().nullable(),
});
export type AnnotatorView = z.infer<typeof annotatorView>;

export const createdAnnotator = z.object({ id: z.string(), apiKey: z.string() });
export const createdCampaign = z.object({ id: z.string() });
export const importAnswer = z.object({ accepted: z.number(), duplicates: z.number(), rejectedCount: z.number() });
