import { z } from 'zod';
import { CAMPAIGN_STATES } from '../db/schema/states.ts';
import { STRATEGIES } from '../domain/settings.ts';
import { TASK_TYPE_NAMES } from '../domain/tasks/task-type.ts';
import { TIERS } from '../domain/tiers.ts';
import { microsSchema, momentSchema, undefinedBecauseSchema, usdSchema } from './schemas.ts';

const headShape = {
  id: z.uuid(),
  name: z.string(),
  type: z.enum(TASK_TYPE_NAMES),
  strategy: z.enum(STRATEGIES),
  tier: z.enum(TIERS),
  state: z.enum(CAMPAIGN_STATES),
  stopReason: z.string().nullable(),
  simulated: z.boolean().describe('The answers come from a simulated crowd'),
  policyVersion: z.int(),
  createdAt: momentSchema,
  startedAt: momentSchema.nullable(),
  pausedAt: momentSchema.nullable(),
  endedAt: momentSchema.nullable(),
};

/** A campaign in a list. */
export const campaignHeadSchema = z.object(headShape);

export const roundSchema = z.object({
  round: z.int(),
  state: z.enum(['selected', 'fitted']),
  strategy: z.string(),
  tasks: z.int(),
  progress: z
    .object({
      open: z.int(),
      adjudicating: z.int(),
      decided: z.int(),
      adjudicated: z.int(),
      unresolved: z.int(),
      cancelled: z.int(),
    })
    .describe('Its tasks by their state now'),
  reservedUsd: usdSchema,
  reservedMicros: microsSchema,
  spentUsd: usdSchema.nullable().describe('Of all rounds up to this one'),
  spentMicros: microsSchema.nullable(),
  trainedOn: z.int().nullable().describe('Labels the model was fitted on; of very many a random sample'),
  labels: z.int().nullable().describe('All labels there were at the fit'),
  heldOut: z
    .object({
      on: z.enum(['slice', 'gold']).describe('The random evaluation slice of the pool, or gold where there is none'),
      accuracy: z.number(),
      low: z.number(),
      high: z.number(),
      count: z.int(),
      leftOut: z
        .object({
          unresolved: z.int(),
          ties: z.int(),
          severalOrNone: z.int().describe('Several classes, or none of them'),
        })
        .nullable()
        .describe(
          'Settled items that it is not measured on, as people said nothing that it could say; null in rounds from before this was kept',
        ),
    })
    .nullable()
    .describe('Accuracy of the model on items it was not trained on, with its 95% interval'),
  selectedAt: momentSchema,
  fittedAt: momentSchema.nullable(),
});

/** A campaign as it stands. */
export const campaignViewSchema = z.object({
  ...headShape,
  round: z.int(),
  counts: z.object({
    pool: z.int(),
    gold: z.int(),
    tasksOpen: z.int().describe('With those that wait for a ruling'),
    tasksAdjudicating: z.int().describe('Of the open ones'),
    tasksDecided: z.int().describe('With those that were ruled'),
    tasksAdjudicated: z.int().describe('Of the decided ones'),
    tasksUnresolved: z.int(),
    tasksCancelled: z.int(),
    annotations: z.int(),
    goldAnnotations: z.int(),
    expiredLeases: z.int(),
    windowsElapsed: z.int(),
    escalations: z.int().describe('Steps of the ladder that were taken'),
  }),
  budget: z.object({
    capUsd: usdSchema,
    capMicros: microsSchema,
    reservedUsd: usdSchema,
    reservedMicros: microsSchema,
    spentUsd: usdSchema,
    spentMicros: microsSchema,
    freeUsd: usdSchema,
    freeMicros: microsSchema,
  }),
  rounds: z.array(roundSchema).describe('The last 200, oldest first'),
  forecast: z
    .object({
      labels: z.int().describe('Decided tasks more than the last measured round had'),
      gainPoints: z.number().describe('Expected gain of the held-out accuracy, in points of 100'),
      marginPoints: z.number().describe('Half the width of its 95% interval'),
      text: z.string(),
    })
    .nullable()
    .describe('What more labels are worth by the learning curve so far; null before four rounds were measured'),
  autoLabeling: z
    .object({
      labels: z.int().describe('Items that the model labelled, for which nobody is paid'),
      threshold: z.number().nullable().describe('Least confidence of its labels; null while audits support none'),
      audited: z.int().describe('Items that people labelled by chance, at or beyond the threshold'),
      agreed: z.int().describe('Of them: those on which the model agrees with people'),
      low: z.number().describe('Lower end of that agreement'),
      temperature: z.number().describe('What calibrates the model: above 1 where it is too sure'),
      round: z.int(),
    })
    .nullable()
    .describe('Labels by the model where audits support them; null where that is not wanted, or was not looked at yet'),
  agreement: z
    .object({
      metric: z.literal('krippendorff_alpha'),
      alpha: z.number().nullable(),
      undefinedBecause: undefinedBecauseSchema,
      byScale: z.record(z.string(), z.number().nullable()),
      answers: z.int().describe('How many of the newest answers it is measured on'),
    })
    .describe('Agreement of the counted answers to work; gold is left out'),
  eligibleAnnotators: z.int(),
  settings: z.record(z.string(), z.unknown()),
});
