import { z } from 'zod';
import type { ApiClient } from '../client.ts';
import { expectShape } from './shared.ts';

/** The parts of the API's answers that commands read; whatever else an answer has is kept for `--json`. */
export const created = z.looseObject({ id: z.string() });

export const campaignHead = z.looseObject({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  state: z.string(),
  createdAt: z.string(),
});

export const campaignView = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  strategy: z.string(),
  state: z.string(),
  stopReason: z.string().nullable(),
  simulated: z.boolean(),
  round: z.number(),
  counts: z.object({
    pool: z.number(),
    gold: z.number(),
    tasksOpen: z.number(),
    tasksDecided: z.number(),
    tasksUnresolved: z.number(),
    // Absent from an older server.
    tasksAdjudicating: z.number().default(0),
    tasksCancelled: z.number().default(0),
    annotations: z.number(),
    goldAnnotations: z.number(),
    expiredLeases: z.number(),
    windowsElapsed: z.number(),
    // Absent from an older server.
    escalations: z.number().default(0),
  }),
  budget: z.object({ capUsd: z.string(), reservedUsd: z.string(), spentUsd: z.string() }),
  rounds: z.array(
    z.object({
      heldOut: z
        .object({
          accuracy: z.number(),
          low: z.number(),
          high: z.number(),
          // Absent from an older server.
          count: z.number().optional(),
          leftOut: z.record(z.string(), z.number()).nullish(),
        })
        .nullable(),
    }),
  ),
  // Absent from an older server.
  forecast: z.object({ text: z.string() }).nullish(),
  // Likewise.
  autoLabeling: z
    .object({ labels: z.number(), threshold: z.number().nullable(), audited: z.number(), agreed: z.number() })
    .nullish(),
  agreement: z.object({ alpha: z.number().nullable() }),
  eligibleAnnotators: z.number(),
});

/** Each time low agreement paused it, newest first. */
export const openReport = z.object({
  items: z.array(z.object({ closedAt: z.string().nullable(), report: z.object({ advice: z.array(z.string()) }) })),
});

export const annotatorView = z.looseObject({
  id: z.string(),
  name: z.string(),
  tier: z.string(),
  simulated: z.boolean().default(false),
  standing: z.string(),
  standingReason: z.string().nullable(),
  goldTotal: z.number(),
  goldCorrect: z.number(),
});

export const organisationView = z.looseObject({ id: z.string(), name: z.string(), createdAt: z.string() });

export const createdOrganisation = organisationView.extend({
  invitation: z.looseObject({ link: z.string(), mailed: z.boolean() }),
});

export const createdAnnotator = annotatorView.extend({ apiKey: z.string() });

export const importAnswer = z.object({
  accepted: z.number(),
  // Predictions have none.
  duplicates: z.number().default(0),
  rejected: z.array(z.object({ line: z.number(), reason: z.string() })),
  rejectedCount: z.number(),
});
export type ImportAnswer = z.infer<typeof importAnswer>;

const PAGE = 200;

/** Everything in a paged collection. */
export async function allPages<T>(client: ApiClient, path: string, item: z.ZodType<T>): Promise<T[]> {
  const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
  const all: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = `limit=${PAGE}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const answer = await client.get(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    const { items, nextCursor } = expectShape(page, answer);
    all.push(...items);
    cursor = nextCursor;
  }
  return all;
}

/** What would be chosen next, as far as it is printed. */
export const previewView = z.object({
  strategy: z.string(),
  round: z.number(),
  byModel: z.boolean(),
  // Absent from an older server.
  again: z.object({ tasks: z.number(), same: z.number() }).nullish(),
  items: z.array(z.object({ key: z.string(), text: z.string(), selection: z.record(z.string(), z.unknown()) })),
});
