import { z } from 'zod';

const decision = z.object({
  revision: z.number(),
  state: z.string(),
  label: z.unknown(),
  confidence: z.number(),
  method: z.string(),
  costUsd: z.string(),
  decidedAt: z.string(),
});

export type Decision = z.infer<typeof decision>;

/** The parts of `GET /v1/tasks/{id}` that a story is told from. */
export const taskView = z.object({
  id: z.string(),
  campaignId: z.string(),
  key: z.string(),
  kind: z.string(),
  state: z.string(),
  round: z.number(),
  redundancy: z.number(),
  priority: z.number(),
  tier: z.string(),
  workforce: z.string(),
  priceUsd: z.string(),
  policyVersion: z.number(),
  instructionsVersion: z.number(),
  createdAt: z.string(),
  closedAt: z.string().nullable(),
  decision: decision.nullable(),
  story: z
    .object({
      payload: z.unknown(),
      gold: z.unknown(),
      selection: z
        .looseObject({
          strategy: z.string().optional(),
          rank: z.number().optional(),
          candidates: z.number().optional(),
          by: z.string().optional(),
          because: z.string().optional(),
          uncertainty: z.number().nullish(),
          novelty: z.number().nullish(),
          distance: z.number().nullish(),
          score: z.number().nullish(),
        })
        .nullish(),
      assignments: z.array(
        z.object({
          id: z.string(),
          annotator: z.string(),
          state: z.string(),
          leasedAt: z.string(),
          expiresAt: z.string(),
          closedAt: z.string().nullable(),
          note: z.string().nullable(),
          // Absent from an older server.
          routing: z.object({ why: z.string() }).optional(),
        }),
      ),
      annotations: z.array(
        z.object({
          id: z.string(),
          annotatorId: z.string(),
          annotator: z.string(),
          label: z.unknown(),
          counted: z.boolean(),
          timeSpentS: z.number().nullable(),
          confidence: z.number().nullable(),
          score: z.number().nullable(),
          flags: z.array(z.string()),
          priceUsd: z.string(),
          payState: z.string(),
          submittedAt: z.string(),
        }),
      ),
      events: z.array(z.object({ at: z.string(), kind: z.string(), detail: z.string() })),
      // Absent from an older server.
      reopenings: z
        .array(z.object({ cause: z.string(), reason: z.string(), answers: z.number(), at: z.string() }))
        .default([]),
      rulings: z.array(
        z.object({
          label: z.unknown(),
          ruledBy: z.string(),
          // Absent from an older server.
          ruledByName: z.string().optional(),
          note: z.string().nullable(),
          createdAt: z.string(),
        }),
      ),
      revisions: z.array(decision.extend({ evidence: z.unknown() })),
      ledger: z.array(
        z.object({
          kind: z.string(),
          amountUsd: z.string(),
          amountMicros: z.number(),
          annotatorId: z.string().nullable(),
          createdAt: z.string(),
        }),
      ),
    })
    .optional(),
});
export type TaskView = z.infer<typeof taskView>;
