import { z } from 'zod';
import { countEligible } from '../../db/queries/annotators.ts';
import { figuresOf, usualPay } from '../../db/queries/cost-figures.ts';
import { organisationLimit } from '../../db/queries/limits.ts';
import { hourlyUnderFloors } from '../../db/queries/pay-floors.ts';
import { pilotAnswers } from '../../db/queries/pilot.ts';
import { toRatings } from '../../domain/agreement/ratings.ts';
import { leftOf } from '../../domain/budget.ts';
import { QuorateError } from '../../domain/failures.ts';
import { startDemand, startRefusals, startWarnings } from '../../domain/feasibility.ts';
import { formatUsd } from '../../domain/money.ts';
import type { AskedPlan } from '../../domain/planning/asked-plan.ts';
import { pilotOf, pilotOfGolds, timesOf } from '../../domain/planning/assumptions.ts';
import { nextMidnightMs, parseAvailability } from '../../domain/planning/calendar.ts';
import { PLAN_DEFAULTS, PLAN_LIMITS } from '../../domain/planning/defaults.ts';
import { planInputs } from '../../domain/planning/inputs.ts';
import { type CampaignSettings, createCampaignSchema, resolveSettings, usd } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { TIERS } from '../../domain/tiers.ts';
import { principalFor } from '../auth.ts';
import { eligibleBy } from '../campaign-view.ts';
import { untilEither } from '../closing.ts';
import type { App, Context } from '../context.ts';
import { createPlanner } from '../planner.ts';
import { notFound } from '../problems.ts';
import { microsSchema, money, usdSchema } from '../schemas.ts';
import { startFacts } from '../start-campaign.ts';

const { judgePriceMicros, ...standard } = PLAN_DEFAULTS;
const between = (least: number, most: number) => z.number().min(least).max(most);
const name = z.string().min(1).max(200);
const MAX_PILOT = 20_000;

const bodySchema = z.strictObject({
  tasks: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Needed without `campaignId`; with it by default all of that campaign'),
  campaignId: z
    .uuid()
    .optional()
    .describe(
      'A campaign: its own rules are planned (redundancy, thresholds, windows, ladder, batches, leases), and what people answered to its golds is the pilot, with their times; its type, tier, price, annotators and gold ratio are the defaults. With a stated crowd its golds are not asked',
    ),
  campaign: createCampaignSchema
    .optional()
    .describe(
      'The body of a campaign that is not made yet: its own rules are planned; its type, tier, pay, gold ratio, choices and most tasks are the defaults',
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
  priceUsd: usd
    .optional()
    .describe('Pay for one answer, by the hour the most it can earn; by default by campaign, or tier and type'),
  accuracy: between(0.01, 0.99)
    .optional()
    .describe(`Share of single answers that are right; by default ${standard.accuracy}`),
  choices: z
    .number()
    .int()
    .min(2)
    .max(PLAN_LIMITS.choices)
    .optional()
    .describe(`By default those of \`campaign\`, else ${standard.choices}`),
  skillSd: between(0, 5).optional().describe(`Spread of annotators, in log-odds; by default ${standard.skillSd}`),
  easeSd: between(0, 5).optional().describe(`Spread of tasks, in log-odds; by default ${standard.easeSd}`),
  unsure: between(0, 3)
    .optional()
    .describe(`How unsure these are: standard deviation in log-odds; by default ${standard.unsure}`),
  seconds: between(0.1, 86_400).optional().describe('Median of an answer; by default by type'),
  annotators: z
    .number()
    .int()
    .min(1)
    .max(PLAN_LIMITS.annotators)
    .optional()
    .describe(`By default those who may work on the campaign, else ${standard.annotators}`),
  atWork: z
    .string()
    .max(500)
    .optional()
    .describe('Annotators at work by hour (UTC), such as 9-17:5,20-22:2; by default half of them, from 9 to 17'),
  startAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('When it begins; by default at the next midnight (UTC)'),
  goldRatio: between(0, 1)
    .optional()
    .describe(`By default that of \`campaign\`, else of the cost model, usually ${standard.goldRatio}`),
  golds: z
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .optional()
    .describe(
      'How many golds there are, of which nobody meets one twice; by default those of `campaignId`, else always another',
    ),
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
      asks: z
        .object({ least: z.int(), most: z.int(), minConfidence: z.number() })
        .describe('How many answers, and up to how many where a label is less probable than this'),
      judge: z.boolean(),
      costUsd: bandSchema,
      costMicros: bandOf(microsSchema),
      hours: bandSchema.describe('From the beginning until the last answer'),
      finishAt: bandOf(z.string().nullable()).describe('ISO 8601 times in UTC; null beyond the year 9999'),
      accuracy: bandSchema.describe('Share of tasks whose label is right'),
      unresolved: bandSchema.describe(
        'Share of tasks that are given up without a label: nobody answers in time, or nobody may any more',
      ),
      answersPerTask: bandSchema,
      cap: z
        .object({ enough: z.number(), tasks: bandSchema })
        .nullable()
        .describe(
          'Of the simulated campaigns, the share that the budget is enough for, and how many tasks it pays for; null without a campaign',
        ),
    }),
  ),
  leftOut: z.array(z.object({ name: z.string(), reason: z.string() })).describe('Policies that were not played'),
  frontier: z.array(z.string()).describe('Policies that no other beats in both cost and accuracy, cheapest first'),
  recommended: z.string().nullable(),
  startAt: z.string().nullable(),
  runs: z.int(),
  played: z
    .object({ by: z.enum(['simulation', 'workflows']), tasks: z.int() })
    .describe('How, and how many tasks of each run; the others are taken to go like these'),
  own: z
    .string()
    .nullable()
    .describe('The policy of the campaign as it stands; null without one, and where nothing is said of its judges'),
  cap: z
    .object({ usd: usdSchema, micros: microsSchema })
    .nullable()
    .describe('The budget of the campaign, which ends it where the tasks cost more; null without one'),
  notes: z.array(z.string()).describe('What the numbers do not say'),
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
    leanSd: z.number().describe('Spread of how annotators prefer a choice, in log-odds'),
    easeSd: z.number(),
    lureShare: z.number().describe('Of the wrong answers to a task, the share that falls for the same wrong choice'),
    classes: z
      .array(z.object({ share: z.number(), accuracy: z.number() }))
      .nullable()
      .describe(
        'By label, as a pilot shows: of how many tasks it is true, and how often single answers to these are right; null without one',
      ),
    secondsMedian: z.number(),
    secondsLogSd: z.number(),
    goldRatio: z.number(),
    goldFloor: z.int().describe('Golds that newcomers meet early'),
    feeRatio: z.number(),
    priceUsd: usdSchema,
    priceMicros: microsSchema,
    hourlyUsd: usdSchema.nullable().describe('Where an answer earns its time, up to the price'),
    judge: z.object({ accuracy: z.number(), priceUsd: usdSchema, priceMicros: microsSchema }).nullable(),
  }),
});

const startBodySchema = z.strictObject({
  campaign: createCampaignSchema.describe('The body of a campaign that is not made yet'),
  items: z.int().min(0).max(10_000_000).describe('Rows that become tasks: those without a known answer'),
  golds: z.int().min(0).max(10_000_000).default(0).describe('Rows with a known answer'),
});
const startAnswerSchema = z.object({
  tasks: z.int().describe('How many tasks the budget must pay for at the start: one batch, or all of `stop.maxTasks`'),
  needsUsd: usdSchema.describe('The most that they and the golds beside them could cost'),
  needsMicros: microsSchema,
  reasons: z.array(z.string()).describe('Why it would not start; empty where it would'),
  warnings: z.array(z.string()).describe('What would go badly where it would start'),
});

/** Enough for a band, and soon made. */
const EFFORT = { runs: 20, maxPlayed: 100 };

/** What a campaign would come to, policy by policy. */
export function planRoutes(app: App, ctx: Context): void {
  const planner = createPlanner();
  app.addHook('onClose', () => planner.end());
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
    async (request, reply) => {
      const { body } = request;
      const signal = untilEither(reply.raw, ctx.closing);
      const { budgetUsd, targetAccuracy: accuracy, seed } = body;
      const { given, ...of } = await givenOf(body, ctx, principalFor(request).organisation.id);
      // What does not go together is refused at once, with its field.
      planInputs(given);
      const wish = { budgetUsd: budgetUsd === undefined ? undefined : Number(budgetUsd) / 1e6, accuracy };
      return planner.plan({ given, ...of, ...EFFORT, seed, wish }, signal);
    },
  );

  app.post(
    '/v1/plan/start',
    {
      config: { idempotency: false },
      schema: {
        tags: ['money'],
        summary: 'What starting a campaign that is not made yet would demand, by the rules of starting it',
        body: startBodySchema,
        response: { 200: startAnswerSchema },
      },
    },
    async (request) => {
      const { campaign, items, golds } = request.body;
      const organisationId = principalFor(request).organisation.id;
      const { settings, capMicros } = await resolvedIn(organisationId, campaign, ctx);
      const { simulated } = settings;
      const [eligibleAnnotators, organisation] = await Promise.all([
        countEligible(ctx.db, { organisationId, simulated, ...eligibleBy(settings) }),
        organisationLimit(ctx.db, organisationId),
      ]);
      const facts = {
        ...startFacts(settings, { items: { pool: items, gold: golds }, eligibleAnnotators, capMicros }),
        organisationFreeMicros: leftOf(organisation),
      };
      const { tasks, micros } = startDemand(facts);
      return { tasks, ...money('needs', micros), reasons: startRefusals(facts), warnings: startWarnings(facts) };
    },
  );
}

/** The settings of a campaign as it would be made. */
async function resolvedIn(organisationId: string, campaign: z.output<typeof createCampaignSchema>, { db }: Context) {
  return resolveSettings(campaign, await usualPay(db, organisationId));
}

/** What is assumed of a crowd where nothing is known of it. */
const STATED = ['accuracy', 'choices', 'skillSd', 'easeSd', 'unsure'] as const;

async function givenOf(
  body: Body,
  ctx: Context,
  organisationId: string,
): Promise<Pick<AskedPlan, 'given' | 'own' | 'capMicros' | 'decided'>> {
  const { campaignId, campaign, pilot, judge, tasks, goldRatio, golds, ...rest } = body;
  if (campaignId !== undefined && pilot !== undefined) {
    throw new QuorateError('invalid_input', 'Give a campaign or a pilot, not both.', { field: 'pilot' });
  }
  if (campaignId !== undefined && campaign !== undefined) {
    const message = 'Give a campaign that is there, or one that is not made yet, not both.';
    throw new QuorateError('invalid_input', message, { field: 'campaign' });
  }
  const stated = STATED.find((name) => body[name] !== undefined);
  if (pilot !== undefined && stated !== undefined) {
    throw new QuorateError('invalid_input', `${stated} is what the pilot shows; give one of them.`, { field: stated });
  }
  const ran = campaignId === undefined ? undefined : await measured(campaignId, ctx);
  const resolved = campaign && (await resolvedIn(organisationId, campaign, ctx));
  const of = ran ?? (resolved && setFor(resolved.settings));
  const who = of && eligibleBy(of.own);
  const hourlyMicros =
    who &&
    of.hourlyMicros &&
    (await hourlyUnderFloors(ctx.db, {
      ...{ organisationId, rateMicros: of.hourlyMicros },
      whom: { ...who, ...(campaignId ? { campaignId } : { organisationId, simulated: of.own.simulated }) },
    }));
  const all = tasks ?? ran?.tasks;
  if (!all) {
    const message = ran ? 'The campaign has no items yet; say how many tasks.' : 'tasks is missing.';
    throw new QuorateError('invalid_input', message, { field: 'tasks' });
  }
  const figures = await figuresOf(ctx.db, organisationId);
  const answers =
    pilot && pilotOf(toRatings(pilot.answers), new Map(pilot.gold.map(({ task, label }) => [task, label])));
  const goldItems = golds ?? ran?.goldItems;
  const given = {
    ...standard,
    ...defined(rest),
    tasks: Math.min(all, of?.own.stop.maxTasks ?? all),
    type: body.type ?? of?.type ?? standard.type,
    tier: body.tier ?? of?.tier ?? standard.tier,
    priceMicros: body.priceUsd === undefined ? of?.priceMicros : BigInt(body.priceUsd),
    ...{ hourlyMicros, figures },
    choices: body.choices ?? of?.choices ?? standard.choices,
    annotators: body.annotators ?? ran?.annotators ?? standard.annotators,
    // Where there is no gold none is mixed in.
    goldRatio: goldItems === 0 ? 0 : (goldRatio ?? of?.goldRatio ?? figures.goldRatio),
    goldFloor: of?.goldFloor,
    goldItems,
    leaseMs: of?.own.leaseMs,
    atWork: atWorkOf(body),
    judge: judge === undefined ? null : { accuracy: judge.accuracy, priceMicros: BigInt(judge.priceUsd) },
    // Whoever states what the crowd is like is believed, also of a campaign whose golds nobody has answered.
    pilot: (stated === undefined ? ran?.pilot : undefined) ?? (answers && { answers }),
    startMs: body.startAt === undefined ? nextMidnightMs(Date.now()) : Date.parse(body.startAt),
  };
  return { given, own: of?.own, capMicros: ran?.capMicros ?? resolved?.capMicros, decided: ran?.decided };
}

/** Without what was not said. */
function defined<T extends object>(given: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

function atWorkOf({ atWork: text }: Body): number[] | undefined {
  if (text === undefined) return undefined;
  const atWork = parseAvailability(text);
  if (atWork) return atWork;
  const message = `atWork is ${JSON.stringify(text.slice(0, 40))}; it must be hours and annotators such as 9-17:5,20-22:2.`;
  throw new QuorateError('invalid_input', message, { field: 'atWork' });
}

/** What the settings of a campaign say of its answers. */
function setFor(own: CampaignSettings) {
  const { type, tier, goldRatio, goldFloor, hourlyMicros, config } = own;
  const choices = getTaskType(type).choices?.(config)?.length;
  return {
    ...{ own, type, tier, goldRatio, goldFloor, priceMicros: firstPriceMicros(own) },
    hourlyMicros: hourlyMicros === undefined ? undefined : BigInt(hourlyMicros),
    choices: choices === undefined ? undefined : Math.min(PLAN_LIMITS.choices, Math.max(2, choices)),
  };
}

/** What an answer of the workforce costs that is asked first, judges apart. */
function firstPriceMicros({ priceMicros, vendors, workforces }: CampaignSettings): bigint {
  const first = workforces.find((each) => each !== 'llm') ?? '';
  return BigInt(vendors?.[first as keyof typeof vendors]?.priceMicros ?? priceMicros);
}

/** What a campaign is, and what its golds and its pay have shown. */
async function measured(campaignId: string, { db, campaigns, views }: Context) {
  const facts = await campaigns.facts(campaignId);
  if (!facts) throw notFound('campaign', campaignId);
  const { settings, type } = facts;
  const [golds, view] = await Promise.all([pilotAnswers(db, campaignId), views.view(campaignId)]);
  const answers = golds.map(({ label, ...rest }) => ({ ...rest, text: type.canonical(label) }));
  const { pool = 0, tasksOpen = 0, tasksDecided = 0, tasksUnresolved = 0, gold = 0 } = view?.counts ?? {};
  const decided = tasksDecided + tasksUnresolved;
  return {
    ...setFor(settings),
    tasks: pool + tasksOpen + decided,
    decided,
    capMicros: view && BigInt(view.budget.capMicros),
    // Nobody who may work on it: as many as are usual, who are still to be found.
    annotators: view?.eligibleAnnotators || undefined,
    goldItems: gold,
    pilot: {
      answers: pilotOfGolds(answers, type.choices?.(settings.config)?.length),
      seconds: timesOf(golds.map(({ seconds }) => seconds)),
    },
  };
}
