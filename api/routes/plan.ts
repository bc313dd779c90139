import { z } from 'zod';
import { measuredCost } from '../../db/queries/measured-cost.ts';
import { pilotAnswers } from '../../db/queries/pilot.ts';
import { toRatings } from '../../domain/agreement/ratings.ts';
import { QuorateError } from '../../domain/failures.ts';
import { formatUsd } from '../../domain/money.ts';
import { pilotOf, pilotOfGolds, timesOf } from '../../domain/planning/assumptions.ts';
import { nextMidnightMs, parseAvailability } from '../../domain/planning/calendar.ts';
import { PLAN_DEFAULTS, PLAN_LIMITS } from '../../domain/planning/defaults.ts';
import { type PlanGiven, planInputs } from '../../domain/planning/inputs.ts';
import { type Plan, planSteps } from '../../domain/planning/plan.ts';
import { planView } from '../../domain/planning/plan-view.ts';
import { createCampaignSchema } from '../../domain/settings.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { TIERS } from '../../domain/tiers.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { microsSchema, usdSchema } from '../schemas.ts';

const { judgePriceMicros, ...standard } = PLAN_DEFAULTS;
const usd = createCampaignSchema.shape.budgetUsd;
const between = (least: number, most: number) => z.number().min(least).max(most);
const name = z.string().min(1).max(200);
const MAX_PILOT = 20_000;

const bodySchema = z.strictObject({
  tasks: z.number().int().min(1).max(10_000_000),
  campaignId: z
    .uuid()
    .optional()
    .describe(
      'A campaign that ran: what people answered to its golds is the pilot, with their times, and its type, tier, price and gold ratio are the defaults',
    ),
  pilot: z
    .strictObject({
      answers: z
        .array(z.strictObject({ task: name, worker: name, label: name }))
        .min(1)
        .max(MAX_PILOT),
      gold: z
        .array(z.strictObject({ task: name, label: name }))
        .min(1)
        .max(MAX_PILOT),
    })
    .optional()
    .describe('Answers with known truths; they replace accuracy, choices and spreads'),
  type: z.enum(TASK_TYPE_NAMES).optional().describe(`By default ${standard.type}`),
  tier: z.enum(TIERS).optional().describe(`By default ${standard.tier}`),
  priceUsd: usd.optional().describe('Pay for one answer; by default by tier and type'),
  accuracy: between(0.01, 0.99).default(standard.accuracy).describe('Share of single answers that are right'),
  choices: z.number().int().min(2).max(PLAN_LIMITS.choices).default(standard.choices),
  skillSd: between(0, 5).default(standard.skillSd).describe('Spread of annotators, in log-odds'),
  easeSd: between(0, 5).default(standard.easeSd).describe('Spread of tasks, in log-odds'),
  unsure: between(0, 3).default(standard.unsure).describe('How unsure these are: standard deviation in log-odds'),
  seconds: between(0.1, 86_400).optional().describe('Median of an answer; by default by type'),
  annotators: z.number().int().min(1).max(PLAN_LIMITS.annotators).default(standard.annotators),
  atWork: z
    .string()
    .max(500)
    .optional()
    .describe('Annotators at work by hour (UTC), such as 9-17:5,20-22:2; by default half of them, from 9 to 17'),
  startAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('When it begins; by default at the next midnight (UTC)'),
  goldRatio: between(0, 1).optional().describe(`By default ${standard.goldRatio}`),
  feeRatio: between(0, 10).default(standard.feeRatio),
  judge: z
    .strictObject({ accuracy: between(0.01, 0.99), priceUsd: usd.prefault(formatUsd(judgePriceMicros)) })
    .optional()
    .describe('With it every policy is also played with a judge as first answer'),
  budgetUsd: usd.optional().describe('Recommend the most accurate policy that costs at most this'),
  targetAccuracy: between(0, 1).optional().describe('Recommend the cheapest policy that is at least so accurate'),
  seed: z.string().min(1).max(100).default(standard.seed),
});
type Body = z.output<typeof bodySchema>;

const bandOf = <T extends z.ZodType>(of: T) => z.object({ p10: of, p50: of, p90: of });
const bandSchema = bandOf(z.number());
const answerSchema = z.object({
  options: z.array(
    z.object({
      name: z.string().describe('fixed:N or adaptive; +judge where a judge gives the first answer'),
      judge: z.boolean(),
      costUsd: bandSchema,
      costMicros: bandOf(microsSchema),
      hours: bandSchema.describe('From the beginning until the last answer'),
      finishAt: bandOf(z.string().nullable()).describe('ISO 8601 times in UTC; null beyond the year 9999'),
      accuracy: bandSchema.describe('Share of tasks whose label is right'),
      unresolved: bandSchema.describe('Share of tasks that are given up without a label, as nobody answers in time'),
      answersPerTask: bandSchema,
    }),
  ),
  leftOut: z.array(z.object({ name: z.string(), reason: z.string() })).describe('Policies that were not played'),
  frontier: z.array(z.string()).describe('Policies that no other beats in both cost and accuracy, cheapest first'),
  recommended: z.string().nullable(),
  startAt: z.string().nullable(),
  runs: z.int(),
  played: z.int().describe('Tasks of each run that are played; the others are taken to go like these'),
  seed: z.string(),
  assumptions: z.object({
    source: z.string().describe('as stated, or the pilot'),
    tasks: z.int(),
    unsure: z.number().nullable().describe('Of stated assumptions; null for a pilot, which shows it itself'),
    lapses: z.number().describe('Share of leases that run out'),
    turnoutLogSd: z.number().describe("Standard deviation of the logarithm of a day's turnout"),
    annotators: z.int(),
    atWork: z.array(z.number()).length(24).describe('Annotators at work by hour of the day (UTC)'),
    accuracy: z.number(),
    choices: z.int(),
    skillSd: z.number(),
    easeSd: z.number(),
    lureShare: z.number().describe('Of the wrong answers to a task, the share that falls for the same wrong choice'),
    secondsMedian: z.number(),
    secondsLogSd: z.number(),
    goldRatio: z.number(),
    feeRatio: z.number(),
    priceUsd: usdSchema,
    priceMicros: microsSchema,
    judge: z.object({ accuracy: z.number(), priceUsd: usdSchema, priceMicros: microsSchema }).nullable(),
  }),
});

/** Enough for a band, and little enough for a server that has other things to do. */
const EFFORT = { runs: 20, maxPlayed: 100 };
const MAX_WAITING = 4;

/** What a campaign would come to, policy by policy. */
export function planRoutes(app: App, ctx: Context): void {
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
    async ({ body }) => {
      const given = await givenOf(body, ctx);
      const inputs = planInputs(given);
      if (waiting >= MAX_WAITING) throw new QuorateError('unavailable', 'Other plans are being made; try again soon.');
      waiting += 1;
      // One at a time, so that plans never take more than their part of the server.
      const mine = last.then(() => played(inputs, body));
      last = mine.catch(() => undefined);
      const plan = await mine.finally(() => {
        waiting -= 1;
      });
      return { ...planView(plan, inputs, given.startMs), played: Math.min(body.tasks, EFFORT.maxPlayed) };
    },
  );
}

async function givenOf(body: Body, ctx: Context): Promise<PlanGiven> {
  const { campaignId, pilot, judge } = body;
  if (campaignId !== undefined && pilot !== undefined) {
    throw new QuorateError('invalid_input', 'Give a campaign or a pilot, not both.', { field: 'pilot' });
  }
  const of = campaignId === undefined ? undefined : await measured(campaignId, ctx);
  const answers =
    pilot && pilotOf(toRatings(pilot.answers), new Map(pilot.gold.map(({ task, label }) => [task, label])));
  return {
    ...body,
    type: body.type ?? of?.type ?? standard.type,
    tier: body.tier ?? of?.tier ?? standard.tier,
    priceMicros: body.priceUsd === undefined ? of?.priceMicros : BigInt(body.priceUsd),
    goldRatio: body.goldRatio ?? of?.goldRatio ?? standard.goldRatio,
    atWork: atWorkOf(body),
    judge: judge === undefined ? null : { accuracy: judge.accuracy, priceMicros: BigInt(judge.priceUsd) },
    pilot: of?.pilot ?? (answers && { answers }),
    startMs: body.startAt === undefined ? nextMidnightMs(Date.now()) : Date.parse(body.startAt),
  };
}

function atWorkOf({ atWork: text }: Body): number[] | undefined {
  if (text === undefined) return undefined;
  const atWork = parseAvailability(text);
  if (atWork) return atWork;
  const message = `atWork is ${JSON.stringify(text.slice(0, 40))}; it must be hours and annotators such as 9-17:5,20-22:2.`;
  throw new QuorateError('invalid_input', message, { field: 'atWork' });
}

/** What a campaign is, and what its golds and its pay have shown. */
async function measured(campaignId: string, { db, campaigns }: Context) {
  const facts = await campaigns.facts(campaignId);
  if (!facts) throw notFound('campaign', campaignId);
  const { settings, type } = facts;
  const [golds, cost] = await Promise.all([pilotAnswers(db, campaignId), measuredCost(db, campaignId)]);
  const answers = golds.map(({ label, ...rest }) => ({ ...rest, text: type.canonical(label) }));
  return {
    type: settings.type,
    tier: settings.tier,
    priceMicros: cost.answers === 0 ? BigInt(settings.priceMicros) : cost.paidMicros / BigInt(cost.answers),
    goldRatio: settings.goldRatio,
    pilot: {
      answers: pilotOfGolds(answers, type.choices?.(settings.config)?.length),
      seconds: timesOf(golds.map(({ seconds }) => seconds)),
    },
  };
}

async function played(
  { campaign, draw }: ReturnType<typeof planInputs>,
  { budgetUsd, targetAccuracy, seed }: Body,
): Promise<Plan> {
  const wish = { budgetUsd: budgetUsd === undefined ? undefined : Number(budgetUsd) / 1e6, accuracy: targetAccuracy };
  const steps = planSteps(campaign, draw, { ...EFFORT, seed, wish });
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    // Requests that came meanwhile go first.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
