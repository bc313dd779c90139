import { z } from 'zod';
import { annotatorsNamed } from '../../db/queries/annotators.ts';
import { contestedTasks, newestWork, type WorkRow } from '../../db/queries/dashboard.ts';
import { platformAnswers, platformTotals, spentUnanswered } from '../../db/queries/platforms.ts';
import { newestAnswers } from '../../db/queries/progress.ts';
import { repeatedAnswers } from '../../db/queries/repeats.ts';
import { ANNOTATOR_KINDS, DECISION_STATES, STANDINGS } from '../../db/schema/states.ts';
import { agreementHistory } from '../../domain/agreement/agreement-history.ts';
import { agreementInterval } from '../../domain/agreement/agreement-interval.ts';
import { taskAgreement } from '../../domain/agreement/task-agreement.ts';
import { accuracyInterval } from '../../domain/quality/beta.ts';
import { leanOf } from '../../domain/quality/lean.ts';
import { platformFigures } from '../../domain/quality/platforms.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import type { CampaignFacts } from '../campaign-cache.ts';
import { consistencyOf, consistencySchema } from '../consistency.ts';
import type { App, Context } from '../context.ts';
import { shownAt } from '../offered.ts';
import { notFound } from '../problems.ts';
import { idParams, microsSchema, moment, momentSchema, money, undefinedBecauseSchema, usdSchema } from '../schemas.ts';
import { TimedCache } from '../timed-cache.ts';

/** The newest answers and decisions looked at: figures of a campaign's present, at the same price however large it is. */
const WINDOW = 5000;
const CONTESTED = 50;
const INTERVAL_ANSWERS = 1000;
const RESAMPLES = 60;
const WINDOWS = 12;
const EFFORT = 1e6;
const KEPT = { keepMs: 3000, limit: 200, share: 20 } as const;

const contestedSchema = z.object({
  items: z.array(
    z.object({
      taskId: z.uuid(),
      key: z.string().describe("The item's key"),
      state: z.enum(DECISION_STATES),
      label: z.unknown(),
      confidence: z.number(),
      revision: z.int(),
    }),
  ),
});

const workersSchema = z.object({
  answers: z.int().describe('How many of the newest answers these figures are of'),
  items: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      kind: z.string(),
      simulated: z.boolean(),
      standing: z.enum(STANDINGS).describe("At the campaign's task type"),
      standingReason: z.string().nullable(),
      standingOf: z.enum(TASK_TYPE_NAMES).nullable().describe('The task type it is of; null where it is of the whole'),
      answers: z.int(),
      medianSeconds: z.number().nullable().describe('Focused time of an answer; null where nobody said'),
      agreement: z
        .number()
        .nullable()
        .describe('1 less the mean distance to the decisions of the same tasks; null before any'),
      flagged: z.number().describe('Share of the answers that some quality rule flagged'),
      gold: z
        .object({ correct: z.int(), total: z.int(), low: z.number(), high: z.number() })
        .nullable()
        .describe('Of all campaigns, with the 95% interval of the accuracy'),
      bias: z
        .discriminatedUnion('kind', [
          z.object({ kind: z.literal('choice'), towards: z.string(), excess: z.number() }),
          z.object({ kind: z.literal('scale'), scale: z.string(), difference: z.number() }),
        ])
        .nullable()
        .describe(
          'What they choose more often than it was decided (a share of their answers), or how much higher they score; null where what differs may be chance',
        ),
      consistency: consistencySchema.nullable().describe('With themselves over time; null before any repeat'),
      lastAnswerAt: momentSchema,
    }),
  ),
});

const agreementSchema = z.object({
  metric: z.literal('krippendorff_alpha'),
  alpha: z.number().nullable(),
  undefinedBecause: undefinedBecauseSchema,
  interval: z
    .object({ low: z.number(), high: z.number() })
    .nullable()
    .describe('95%, by drawing the tasks anew; null with few tasks and for types with a distance of their own'),
  answers: z.int().describe('How many of the newest answers it is measured on'),
});

const spreadSchema = z.object({ p50: z.number(), p90: z.number() });

const platformsSchema = z.object({
  window: z
    .int()
    .describe('Times and quality are of so many answers of each platform at most, the newest; counts and money of all'),
  items: z.array(
    z.object({
      platform: z.string().describe('internal or another pool of people, a vendor, or llm: the judges'),
      kind: z.enum(ANNOTATOR_KINDS),
      annotators: z.int(),
      answers: z.int(),
      spentUsd: usdSchema,
      spentMicros: microsSchema,
      answerUsd: usdSchema.describe('What one answer costs of those that are settled, with what was paid for none'),
      answerMicros: microsSchema,
      secondsToAnswer: spreadSchema.describe('From the purchase at a vendor, or else from the making of the task'),
      workSeconds: spreadSchema.nullable().describe('Focused time of an answer; null where nobody said'),
      goldShare: z.number().describe('Share of the answers that were on golds'),
      accuracy: z
        .object({ correct: z.int(), total: z.int(), low: z.number(), high: z.number() })
        .nullable()
        .describe('On golds, with the 95% interval; null without any: judges get none, see /v1/judges'),
      agreement: z
        .object({ alpha: z.number(), low: z.number().nullable(), high: z.number().nullable(), tasks: z.int() })
        .nullable()
        .describe("Krippendorff's alpha of its annotators with one another; null where no two answered one task"),
      nearDecisions: z.number().nullable().describe('1 less the mean distance to the decisions; null before any'),
    }),
  ),
});

const historySchema = z.object({
  windows: z
    .array(
      z.object({
        from: momentSchema,
        to: momentSchema,
        tasks: z.int(),
        answers: z.int(),
        alpha: z.number().nullable(),
        interval: z.object({ low: z.number(), high: z.number() }).nullable().describe('95%'),
      }),
    )
    .describe('Oldest first; tasks in the order of their last answer, as many in each window'),
});

/** What the dashboard shows beside the campaign itself. Each figure is of a bounded window, and kept for seconds. */
export function dashboardRoutes(app: App, ctx: Context): void {
  const nowMs = () => performance.now();
  const about = (summary: string) => ({ tags: ['campaigns'], summary, params: idParams });
  const contested = new TimedCache({
    ...KEPT,
    nowMs,
    load: async (campaignId: string) => ({
      items: await contestedTasks(ctx.db, { campaignId, window: WINDOW, limit: CONTESTED }),
    }),
  });
  const workers = new TimedCache({ ...KEPT, nowMs, load: (id: string) => workersOf(ctx, id) });
  const agreement = new TimedCache({ ...KEPT, nowMs, load: (id: string) => agreementOf(ctx, id) });

  const platforms = new TimedCache({ ...KEPT, nowMs, load: (id: string) => platformsOf(ctx, id) });
  const history = new TimedCache({ ...KEPT, nowMs, load: (id: string) => historyOf(ctx, id) });

  app.get(
    '/v1/campaigns/:id/agreement/history',
    {
      schema: {
        ...about('How the agreement of the newest 5,000 answers went over time, with its intervals'),
        response: { 200: historySchema },
      },
    },
    async ({ params: { id } }) => history.get(id),
  );
  app.get(
    '/v1/campaigns/:id/platforms',
    {
      schema: {
        ...about('What people, vendors and judges cost and are worth here: price, speed, gold accuracy, agreement'),
        response: { 200: platformsSchema },
      },
    },
    async ({ params: { id } }) => platforms.get(id),
  );
  app.get(
    '/v1/campaigns/:id/contested',
    {
      schema: {
        ...about('Of the newest 5,000 decisions, the 50 least certain'),
        response: { 200: contestedSchema },
      },
    },
    async ({ params: { id } }) => {
      await factsOf(ctx, id);
      return contested.get(id);
    },
  );
  app.get(
    '/v1/campaigns/:id/annotators',
    {
      schema: {
        ...about('Who gave the newest 5,000 answers: speed, agreement with the decisions, gold record, standing'),
        response: { 200: workersSchema },
      },
    },
    async ({ params: { id } }) => workers.get(id),
  );
  app.get(
    '/v1/campaigns/:id/agreement',
    {
      schema: { ...about('Agreement of the newest answers, with its interval'), response: { 200: agreementSchema } },
    },
    async ({ params: { id } }) => agreement.get(id),
  );
}

async function factsOf(ctx: Context, id: string): Promise<CampaignFacts> {
  const campaign = await ctx.campaigns.facts(id);
  if (!campaign) throw notFound('campaign', id);
  return campaign;
}

async function workersOf(ctx: Context, id: string): Promise<z.output<typeof workersSchema>> {
  const facts = await factsOf(ctx, id);
  const { type, settings } = facts;
  const rows = await newestWork(ctx.db, id, WINDOW);
  const byAnnotator = new Map<string, WorkRow[]>();
  for (const row of rows) {
    const known = byAnnotator.get(row.annotatorId);
    if (known) known.push(row);
    else byAnnotator.set(row.annotatorId, [row]);
  }
  const consistency = consistencyOf(facts, await repeatedAnswers(ctx.db, { campaignId: id, limit: WINDOW }));
  const people = await annotatorsNamed(ctx.db, [...byAnnotator.keys()]);
  const items = people.map(({ id: annotatorId, goldCorrect: correct, goldTotal: total, ...person }) => {
    const own = byAnnotator.get(annotatorId) ?? [];
    const decided = own.filter((row) => row.decided !== null);
    const apart = decided.reduce((sum, row) => sum + type.distance(row.label, row.decided, settings.config), 0);
    const times = own.map(({ timeSpentS }) => timeSpentS).filter((each) => each !== null);
    const seconds = times.sort((a, b) => a - b);
    const { name, kind, simulated } = person;
    return {
      ...{ id: annotatorId, name, kind, simulated, ...shownAt(person, facts) },
      answers: own.length,
      medianSeconds: seconds[Math.floor(seconds.length / 2)] ?? null,
      agreement: decided.length === 0 ? null : 1 - apart / decided.length,
      flagged: own.filter(({ flagged }) => flagged).length / Math.max(1, own.length),
      gold: total === 0 ? null : { correct, total, ...accuracyInterval(correct, total) },
      bias: leanOf(type, settings.config, decided) ?? null,
      consistency: consistency.get(annotatorId) ?? null,
      // The newest come first.
      lastAnswerAt: moment(own[0]?.submittedAt ?? new Date(0)),
    };
  });
  return { answers: rows.length, items: items.sort((a, b) => b.answers - a.answers || (a.name < b.name ? -1 : 1)) };
}

async function agreementOf(ctx: Context, id: string): Promise<z.output<typeof agreementSchema>> {
  const { type, settings } = await factsOf(ctx, id);
  const answers = await newestAnswers(ctx.db, id, INTERVAL_ANSWERS);
  const { alpha, undefinedBecause } = taskAgreement(type, settings.config, answers, EFFORT);
  const interval = agreementInterval(type, settings.config, answers, { resamples: RESAMPLES, seed: id });
  return {
    metric: 'krippendorff_alpha',
    alpha: alpha ?? null,
    undefinedBecause: undefinedBecause ?? null,
    interval: interval ?? null,
    answers: answers.length,
  };
}

async function platformsOf(ctx: Context, id: string): Promise<z.output<typeof platformsSchema>> {
  const { type, settings } = await factsOf(ctx, id);
  const { workforces } = settings;
  const [answers, totals, unanswered] = await Promise.all([
    platformAnswers(ctx.db, { campaignId: id, workforces, limit: WINDOW }),
    platformTotals(ctx.db, id),
    spentUnanswered(ctx.db, id),
  ]);
  const items = workforces.flatMap((platform) => {
    const own = answers.filter((each) => each.platform === platform);
    const [first] = own;
    const counted = totals.get(platform);
    if (!first || !counted) return [];
    const measured = own.map(({ taskKind, ...rest }) => ({ ...rest, isWork: taskKind === 'work' }));
    const all = { ...counted, unansweredMicros: unanswered.get(platform) ?? 0n };
    const figures = platformFigures(type, settings.config, measured, { all, seed: id });
    const { spentMicros, answerMicros, ...rest } = figures;
    return [{ platform, kind: first.kind, ...rest, ...money('spent', spentMicros), ...money('answer', answerMicros) }];
  });
  return { window: WINDOW, items };
}

async function historyOf(ctx: Context, id: string): Promise<z.output<typeof historySchema>> {
  const { type, settings } = await factsOf(ctx, id);
  const answers = await newestAnswers(ctx.db, id, WINDOW);
  const options = { windows: WINDOWS, resamples: RESAMPLES, seed: id };
  const windows = agreementHistory(type, settings.config, answers, options);
  return { windows: windows.map(({ from, to, ...rest }) => ({ ...rest, from: moment(from), to: moment(to) })) };
}
