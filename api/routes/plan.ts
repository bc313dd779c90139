import { z } from 'zod';
import { QuorateError } from '../../domain/failures.ts';
import { priceFor } from '../../domain/money.ts';
import { parseAvailability } from '../../domain/planning/calendar.ts';
import { assumed } from '../../domain/planning/draw.ts';
import { type Plan, planSteps } from '../../domain/planning/plan.ts';
import { createCampaignSchema } from '../../domain/settings.ts';
import { taskTypes } from '../../domain/tasks/index.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { TIERS } from '../../domain/tiers.ts';
import type { App } from '../context.ts';

const usd = createCampaignSchema.shape.budgetUsd;
const between = (least: number, most: number) => z.number().min(least).max(most);

const bodySchema = z.strictObject({
  tasks: z.number().int().min(1).max(10_000_000),
  type: z.enum(TASK_TYPE_NAMES).default('classification'),
  tier: z.enum(TIERS).default('crowd'),
  priceUsd: usd.optional().describe('Pay for one answer; by default by tier and type'),
  accuracy: between(0.01, 0.99).default(0.8).describe('Share of single answers that are right'),
  choices: z.number().int().min(2).max(100).default(2),
  skillSd: between(0, 5).default(0.6).describe('Spread of annotators, in log-odds'),
  easeSd: between(0, 5).default(0.8).describe('Spread of tasks, in log-odds'),
  unsure: between(0, 3).default(0.2).describe('How unsure these are: standard deviation in log-odds'),
  seconds: between(0.1, 86_400).optional().describe('Median of an answer; by default by type'),
  annotators: z.number().int().min(1).max(1000).default(20),
  atWork: z.string().max(500).optional().describe('Annotators at work by hour (UTC), such as 9-17:5,20-22:2'),
  goldRatio: between(0, 1).default(0.05),
  feeRatio: between(0, 10).default(0),
  judge: z.strictObject({ accuracy: between(0.01, 0.99), priceUsd: usd }).optional(),
  budgetUsd: usd.optional().describe('Recommend the most accurate policy that costs at most this'),
  targetAccuracy: between(0, 1).optional().describe('Recommend the cheapest policy that is at least so accurate'),
  seed: z.string().min(1).max(100).default('quorate'),
});

const bandSchema = z.object({ p10: z.number(), p50: z.number(), p90: z.number() });
const answerSchema = z.object({
  options: z.array(
    z.object({
      name: z.string().describe('fixed:N or adaptive; +judge where a judge gives the first answer'),
      judge: z.boolean(),
      costUsd: bandSchema,
      hours: bandSchema.describe('Until the last answer'),
      accuracy: bandSchema.describe('Share of tasks whose label is right'),
      unresolved: bandSchema.describe('Share of tasks that are given up without a label, as nobody answers in time'),
      answersPerTask: bandSchema,
    }),
  ),
  recommended: z.string().nullable(),
  runs: z.int(),
  seed: z.string(),
});

/** Enough for a band, and little enough for a server that has other things to do. */
const EFFORT = { runs: 40, maxPlayed: 150 };
const MAX_WAITING = 4;

/** What a campaign would come to, policy by policy. */
export function planRoutes(app: App): void {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  app.post(
    '/v1/plan',
    {
      config: { idempotency: false },
      schema: {
        tags: ['money'],
        summary: 'Plan a campaign by simulation: P10, P50 and P90 of cost, finish and accuracy, policy by policy',
        body: bodySchema,
        response: { 200: answerSchema },
      },
    },
    async (request) => {
      if (waiting >= MAX_WAITING) throw new QuorateError('unavailable', 'Other plans are being made; try again soon.');
      waiting += 1;
      // One at a time, so that plans never take more than their part of the server.
      const mine = last.then(() => planned(request.body));
      last = mine.catch(() => undefined);
      const { options, ...rest } = await mine.finally(() => {
        waiting -= 1;
      });
      return { options: [...options], ...rest };
    },
  );
}

async function planned(body: z.output<typeof bodySchema>): Promise<Plan> {
  const { tasks, annotators, goldRatio, feeRatio, judge, accuracy, choices, skillSd, easeSd, seed } = body;
  const atWork = body.atWork === undefined ? undefined : parseAvailability(body.atWork);
  if (body.atWork !== undefined && !atWork) {
    const message = `atWork is ${JSON.stringify(body.atWork.slice(0, 40))}; it must be hours and annotators such as 9-17:5,20-22:2.`;
    throw new QuorateError('invalid_input', message, { field: 'atWork' });
  }
  const most = Math.max(0, ...(atWork ?? []));
  if (most > annotators) {
    const message = `atWork has ${most} annotators at work at once; annotators is ${annotators}.`;
    throw new QuorateError('invalid_input', message, { field: 'atWork' });
  }
  const taskType = taskTypes[body.type];
  const secondsMedian = body.seconds ?? taskType.defaultSeconds;
  const steps = planSteps(
    {
      ...{ tasks, annotators, goldRatio, feeRatio },
      priceMicros: body.priceUsd === undefined ? priceFor({ tier: body.tier, taskType }) : BigInt(body.priceUsd),
      atWork: atWork ?? Array.from({ length: 24 }, (_, hour) => (hour >= 9 && hour < 17 ? annotators / 2 : 0)),
      judge: judge === undefined ? null : { accuracy: judge.accuracy, priceMicros: BigInt(judge.priceUsd) },
    },
    assumed({ accuracy, choices, skillSd, easeSd, lureShare: 0.5, secondsMedian, secondsLogSd: 0.6 }, body.unsure),
    {
      ...EFFORT,
      seed,
      wish: {
        budgetUsd: body.budgetUsd === undefined ? undefined : Number(body.budgetUsd) / 1e6,
        accuracy: body.targetAccuracy,
      },
    },
  );
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    // Requests that came meanwhile go first.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
