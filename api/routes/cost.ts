import { z } from 'zod';
import { figuresOf, figuresSetBy, setFigures } from '../../db/queries/cost-figures.ts';
import { boughtAnswers, type MeasuredCost, measuredCost } from '../../db/queries/measured-cost.ts';
import { breakEvenTasks, estimateCost } from '../../domain/cost/cost-model.ts';
import {
  type CostFigures,
  listFigures,
  type SetFigures,
  unusualFigures,
  withFigures,
} from '../../domain/cost/figures.ts';
import { figuresSchema, setFiguresOf } from '../../domain/cost/figures-schema.ts';
import { compareListPrices, LIST_ANNOTATIONS, LIST_PRICES_RECORDED } from '../../domain/cost/list-prices.ts';
import { LEAST_MEASURED, type MeasuredElsewhere, measuredElsewhere, questionFor } from '../../domain/cost/measured.ts';
import { PLATFORMS } from '../../domain/cost/platforms.ts';
import { QuorateError } from '../../domain/failures.ts';
import { formatUsd } from '../../domain/money.ts';
import { usd } from '../../domain/settings.ts';
import { TASK_TYPE_NAMES, type TaskTypeName } from '../../domain/tasks/task-type.ts';
import { TIERS, type Tier } from '../../domain/tiers.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { microsSchema, money, moneyOrNull, usdSchema } from '../schemas.ts';

const ratio = (most: number) => z.coerce.number().min(0).max(most).optional();

const questionSchema = z.strictObject({
  type: z.enum(TASK_TYPE_NAMES).optional().describe("Needed without `campaignId`; with it by default the campaign's"),
  tasks: z.coerce.number().int().min(1).max(1_000_000_000).describe('How many tasks'),
  tier: z.enum(TIERS).optional().describe("By default the campaign's, else trained"),
  redundancy: z.coerce.number().int().min(1).max(100).default(3).describe('Answers for each task'),
  platform: z.enum(PLATFORMS).optional().describe('One platform only; without it all are listed'),
  priceUsd: usd.optional().describe('Pay for one annotation, in place of an hourly rate and seconds'),
  hourlyUsd: usd.optional().describe('Pay for an hour; by default by tier: usually 12, 25, 50 or 100'),
  seconds: ratio(86_400).describe('For one annotation; by default by type'),
  gold: ratio(10).describe("Gold answers on top of the work; by default the campaign's, else usually 0.05"),
  fee: ratio(10).describe('What the platform takes, as a share; needs `platform`'),
  review: ratio(1).describe('Share of tasks that are reviewed; usually 0.1'),
  reviewFactor: ratio(1000).describe('Price of a review in annotations; usually 2'),
  campaignId: z
    .uuid()
    .optional()
    .describe('What its answers took and cost replaces the defaults of seconds and pay, from 20 answers on'),
  hostingUsd: usd.optional().describe('What running it yourself costs a month, for the break-even; usually 10000'),
});

const dollars = z.number().describe('Dollars');

const unusualSchema = z.object({
  name: z.string().describe('Such as hourlyUsd.crowd, seconds.span, fee.mturk or review'),
  value: z.number().describe('Dollars, seconds or a ratio'),
  usual: z.number(),
});

const settingsSchema = z.object({
  set: z
    .object({
      hourlyUsd: z.record(z.string(), usdSchema).optional(),
      seconds: z.record(z.string(), z.number()).optional(),
      fee: z.record(z.string(), z.number()).optional(),
      gold: z.number().optional(),
      review: z.number().optional(),
      reviewFactor: z.number().optional(),
      hostingUsd: usdSchema.optional(),
    })
    .describe('What was set, as it is sent'),
  figures: z.array(unusualSchema).describe('All figures as they hold, each beside the usual one'),
});

const answerSchema = z.object({
  unusual: z.array(unusualSchema).describe('Figures of the cost model that are set otherwise than usual'),
  campaign: z
    .object({ type: z.enum(TASK_TYPE_NAMES), tier: z.enum(TIERS), goldRatio: z.number() })
    .nullable()
    .describe('What the campaign is set to, which holds where nothing else is said; null without one'),
  measured: z
    .object({
      answers: z.int().describe('The newest of people, at most 5,000'),
      secondsEach: z.number(),
      priceUsd: usdSchema.describe('Paid for one'),
      priceMicros: microsSchema,
      hourlyUsd: usdSchema.describe('What a focused hour comes to'),
      hourlyMicros: microsSchema,
      goldRatio: z.number().describe('More than its setting while its annotators are new'),
      endedTasks: z.int(),
      costPerTaskUsd: usdSchema
        .nullable()
        .describe('All that was spent for each task that has ended; null before one has'),
      costPerTaskMicros: microsSchema.nullable(),
    })
    .nullable()
    .describe("The campaign's figures that replaced defaults; null without a campaign, or on fewer than 20 answers"),
  measuredElsewhere: z
    .array(
      z.object({
        platform: z.enum([...PLATFORMS, 'llm_judge']),
        answers: z.int(),
        secondsEach: z.number().nullable().describe('Null where nobody said'),
        priceUsd: usdSchema.describe('Of one answer, fee included'),
        priceMicros: microsSchema,
        feeUsd: usdSchema.describe('Of that, what the platform is known to keep; by contract it is not known'),
        feeMicros: microsSchema,
      }),
    )
    .describe("What the campaign's vendors and judges cost, in place of what is usual there; from 20 answers on"),
  estimates: z
    .array(
      z.object({
        platform: z.enum(PLATFORMS),
        tasks: z.int(),
        redundancy: z.int(),
        totalAnnotations: z.int().describe('With gold'),
        costPerAnnotation: dollars,
        baseCost: dollars,
        platformFee: dollars,
        reviewCost: dollars,
        totalCost: dollars,
        costPerTask: dollars,
      }),
    )
    .describe('By the formula, as `quorate cost --json` has them'),
  breakEven: z
    .object({
      hostingUsd: z.string(),
      hostingMicros: z.int(),
      platforms: z.array(
        z.object({
          platform: z.enum(PLATFORMS),
          tasksAMonth: z.int().nullable().describe('From how many tasks a month self-hosting is cheaper; null: never'),
        }),
      ),
    })
    .describe('Computed from the estimates and what self-hosting costs a month'),
  listPrices: z
    .object({
      recorded: z.string().describe('Month in which they were written down'),
      annotations: z.int(),
      rows: z.array(
        z.object({
          platform: z.enum([...PLATFORMS, 'llm_judge']),
          listUsd: dollars,
          formulaUsd: dollars
            .nullable()
            .describe(
              'For as many pairwise annotations, without gold and review; of judges what they were measured at',
            ),
          agreement: z.array(z.number()).length(2),
          differs: z.enum(['list higher', 'list lower']).nullable(),
        }),
      ),
    })
    .nullable()
    .describe('Of preference annotations; null for other work, which has none'),
});

/** What a campaign would cost, platform by platform. */
export function costRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/cost',
    {
      schema: {
        tags: ['money'],
        summary: 'What a campaign will cost on each platform, the break-even of self-hosting, and dated list prices',
        querystring: questionSchema,
        response: { 200: answerSchema },
      },
    },
    async (request) => {
      const { query } = request;
      const { campaignId: id, fee, platform } = query;
      if (fee !== undefined && platform === undefined) {
        throw new QuorateError('invalid_input', 'fee is of one platform; name it.', { field: 'platform' });
      }
      const campaign = id === undefined ? undefined : await ctx.campaigns.facts(id);
      const type = query.type ?? campaign?.settings.type;
      if (type === undefined) {
        throw new QuorateError('invalid_input', 'type is missing; only a campaignId stands for it.', { field: 'type' });
      }
      const figures = await figuresOf(ctx.db, principalFor(request).organisation.id);
      const tier = query.tier ?? campaign?.settings.tier ?? 'trained';
      const [found, bought, view] = campaign
        ? await Promise.all([
            measuredCost(ctx.db, campaign.id),
            boughtAnswers(ctx.db, campaign.id),
            ctx.views.view(campaign.id),
          ])
        : [];
      const own = campaign && {
        ...{ type: campaign.settings.type, tier: campaign.settings.tier },
        goldRatio: view?.counts.gold === 0 ? 0 : campaign.settings.goldRatio,
      };
      return costAnswer(
        { ...query, type, tier, figures },
        own,
        found && found.answers >= LEAST_MEASURED && found.seconds > 0 ? found : undefined,
        measuredElsewhere(bought ?? []),
      );
    },
  );

  const settings = async (organisationId: string) => settingsView(await figuresSetBy(ctx.db, organisationId));
  app.get(
    '/v1/cost/settings',
    {
      schema: {
        tags: ['money'],
        summary: 'The figures that costs, plans and the usual prices of new campaigns go by',
        response: { 200: settingsSchema },
      },
    },
    async (request) => settings(principalFor(request).organisation.id),
  );
  app.put(
    '/v1/cost/settings',
    {
      schema: {
        tags: ['money'],
        summary: 'Set figures of the cost model; replaces what was set, and what is left out is the usual one',
        body: figuresSchema,
        response: { 200: settingsSchema },
      },
    },
    async (request) => {
      const { id } = principalFor(request).organisation;
      await setFigures(ctx.db, id, setFiguresOf(request.body));
      return settings(id);
    },
  );
}

function settingsView(set: SetFigures): z.output<typeof settingsSchema> {
  const given: Record<string, unknown> = {};
  for (const [name, millionths] of set) {
    const [kind = '', of] = name.split('.');
    const value = kind.endsWith('Usd') ? formatUsd(millionths) : Number(millionths) / 1e6;
    given[kind] = of === undefined ? value : { ...Object(given[kind]), [of]: value };
  }
  return { set: given, figures: listFigures(withFigures(set)) };
}

type Question = Omit<z.output<typeof questionSchema>, 'type' | 'tier'> & {
  readonly type: TaskTypeName;
  readonly tier: Tier;
  readonly figures: CostFigures;
};

/** What is asked for goes before what was measured, and that before the defaults. */
function costAnswer(
  query: Question,
  own: z.output<typeof answerSchema>['campaign'] | undefined,
  found: MeasuredCost | undefined,
  elsewhere: readonly MeasuredElsewhere[],
): z.output<typeof answerSchema> {
  const { type, tier, tasks, redundancy, platform, figures } = query;
  const measured = found && measuredFigures(found);
  const hourlyRateMicros = query.hourlyUsd === undefined ? measured?.hourlyMicros : BigInt(query.hourlyUsd);
  const pay =
    query.priceUsd === undefined
      ? { hourlyRateMicros, seconds: query.seconds ?? measured?.secondsEach }
      : // An hour each, at that rate an hour: this price, exactly.
        { hourlyRateMicros: BigInt(query.priceUsd), seconds: 3600 };
  const question = {
    ...{ type, tier, tasks, redundancy, figures, ...pay },
    goldRatio: query.gold ?? own?.goldRatio,
    feeRatio: query.fee,
    reviewRatio: query.review,
    reviewFactor: query.reviewFactor,
  };
  const asked = platform === undefined ? PLATFORMS : [platform];
  const isSaid = query.priceUsd !== undefined || query.hourlyUsd !== undefined || query.seconds !== undefined;
  const of = (each: (typeof PLATFORMS)[number]) => (isSaid ? question : questionFor(each, question, elsewhere));
  const hosting = query.hostingUsd === undefined ? figures.hostingMicros : BigInt(query.hostingUsd);
  return {
    unusual: unusualFigures(figures),
    campaign: own ?? null,
    measured: measured ? viewOf(measured) : null,
    measuredElsewhere: elsewhere.map(({ priceMicros, feeMicros, ...each }) => ({
      ...each,
      ...money('price', priceMicros),
      ...money('fee', feeMicros),
    })),
    estimates: asked.map((each) => estimateCost(each, of(each))),
    breakEven: {
      ...money('hosting', hosting),
      platforms: asked
        .filter((each) => each !== 'self_hosted')
        .map((each) => ({ platform: each, tasksAMonth: breakEvenTasks(each, of(each), hosting, question) ?? null })),
    },
    listPrices: type === 'pairwise' || type === 'preference_ranking' ? listPrices(query, elsewhere) : null,
  };
}

function measuredFigures({ answers, seconds, paidMicros, golds, endedTasks, spentMicros }: MeasuredCost) {
  const milliseconds = BigInt(Math.round(seconds * 1000));
  return {
    ...{ answers, endedTasks },
    secondsEach: Number((seconds / answers).toFixed(3)),
    priceMicros: paidMicros / BigInt(answers),
    hourlyMicros: (paidMicros * 3_600_000n) / milliseconds,
    goldRatio: answers === golds ? 0 : Number((golds / (answers - golds)).toFixed(6)),
    costPerTaskMicros: endedTasks === 0 ? null : spentMicros / BigInt(endedTasks),
  };
}

function viewOf({ priceMicros, hourlyMicros, costPerTaskMicros, ...rest }: ReturnType<typeof measuredFigures>) {
  return {
    ...rest,
    ...money('price', priceMicros),
    ...money('hourly', hourlyMicros),
    ...moneyOrNull('costPerTask', costPerTaskMicros),
  };
}

function listPrices({ tier, platform, figures }: Question, elsewhere: readonly MeasuredElsewhere[]) {
  const judge = elsewhere.find((each) => each.platform === 'llm_judge');
  const judgedUsd = judge && Number(judge.priceMicros * BigInt(LIST_ANNOTATIONS)) / 1e6;
  const rows = compareListPrices(tier, figures)
    .filter(({ platform: name }) => platform === undefined || name === platform || name === 'llm_judge')
    .map(({ platform: name, listUsd, agreement, ...rest }) => {
      const formulaUsd = (name === 'llm_judge' ? judgedUsd : rest.formulaUsd) ?? null;
      return {
        platform: name,
        listUsd,
        formulaUsd,
        agreement: [agreement[0], agreement[1]] as [number, number],
        differs:
          formulaUsd === null || formulaUsd === listUsd
            ? null
            : listUsd > formulaUsd
              ? ('list higher' as const)
              : ('list lower' as const),
      };
    });
  return { recorded: LIST_PRICES_RECORDED, annotations: LIST_ANNOTATIONS, rows };
}
