import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  accountChanges,
  askedRegions,
  disputeDeduction,
  giveBonus,
  type ListedAdjustment,
  listAdjustments,
  payoutAccountOf,
  proposeDeduction,
  reviewDeduction,
  ruleOnRegion,
  setPayoutAccount,
} from '../../db/queries/adjustments.ts';
import type { AnnotatorRow } from '../../db/queries/annotators.ts';
import { measuredPay, payFloorsOf, payNoticesOf, setPayFloors } from '../../db/queries/pay-floors.ts';
import { VENDOR_BONUS_STATES } from '../../db/queries/vendor-bonuses.ts';
import { ADJUSTMENT_STATES } from '../../db/schema/states.ts';
import { QuorateError } from '../../domain/failures.ts';
import { formatUsd } from '../../domain/money.ts';
import { compactAccount, isIban } from '../../domain/payouts/account.ts';
import { belowFloor, checkFloor } from '../../domain/payouts/floor.ts';
import { usd } from '../../domain/settings.ts';
import { annotatorFor, principalFor, rolesOf } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { madeIdOf } from '../idempotency.ts';
import { notFound } from '../problems.ts';
import {
  givenId,
  idParams,
  microsSchema,
  moment,
  momentSchema,
  money,
  moneyOrNull,
  pageOf,
  pageQuery,
  toPage,
  usdSchema,
} from '../schemas.ts';

const tags = ['money'];
const reason = z.string().trim().min(1).max(2000);
const region = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .describe('ISO 3166-1 alpha-2, such as KE');
/** How long an annotator may say why nothing should be taken. */
const DISPUTE_DAYS = 7;

const adjustmentSchema = z.object({
  id: z.uuid(),
  kind: z.enum(['bonus', 'deduction']),
  state: z.enum(ADJUSTMENT_STATES),
  campaignId: z.uuid(),
  annotatorId: z.uuid(),
  annotationId: z.uuid().nullable(),
  amountUsd: usdSchema,
  amountMicros: microsSchema,
  reason: z.string(),
  createdAt: momentSchema,
  disputableUntil: momentSchema.nullable().describe('Until then the annotator may say why not, and nothing is taken'),
  statement: z.string().nullable().describe('What the annotator said'),
  reviewedAt: momentSchema.nullable(),
  note: z.string().nullable().describe('Why it was ruled so'),
  vendorBonus: z
    .object({
      vendor: z.string(),
      state: z.enum(VENDOR_BONUS_STATES).describe('ambiguous: whether the vendor has paid is for a person to find out'),
      key: z.string().describe('Under which the vendor was asked to pay'),
      workerId: z.string().describe("The vendor's name of its worker"),
      responseKey: z.string().describe("The vendor's name of the answer"),
      detail: z.string().nullable(),
      feeUsd: usdSchema.nullable().describe('What the vendor charges on top; null before it is first sent'),
      feeMicros: microsSchema.nullable(),
    })
    .nullable()
    .describe("Of a bonus to a vendor's worker"),
});

/** As those see it who rule on it. */
const ruledSchema = adjustmentSchema.extend({
  annotator: z.string(),
  campaign: z.string(),
  taskId: z.uuid().nullable().describe('Of the answer that it is about'),
});

const accountSchema = z.object({
  holder: z.string(),
  account: z.string(),
  bic: z.string().nullable(),
  region: z.string().nullable().describe('Whose floor of pay holds'),
});
const ownAccountSchema = accountSchema.extend({
  regionAsked: z.string().nullable().describe('Of a higher floor: it holds once an owner has confirmed it'),
});

const ruledView = (row: ListedAdjustment): z.output<typeof ruledSchema> => ({
  ...row,
  ...money('amount', row.amountMicros),
  createdAt: moment(row.createdAt),
  disputableUntil: moment(row.disputableUntil),
  reviewedAt: moment(row.reviewedAt),
  vendorBonus: row.vendorBonus && { ...row.vendorBonus, feeUsd: usdOf(row.vendorBonus.feeMicros) },
});

/** As its annotator sees it. */
function viewOf(row: ListedAdjustment): z.output<typeof adjustmentSchema> {
  const { annotator: _, campaign: __, taskId: ___, ...own } = ruledView(row);
  return own;
}

const usdOf = (micros: number | null): string | null => (micros === null ? null : formatUsd(BigInt(micros)));

/** Bonuses and deductions, where pay goes, and the least it may come to. */
export function payRoutes(app: App, ctx: Context): void {
  adjustmentRoutes(app, ctx);
  accountRoutes(app, ctx);
  regionRoutes(app, ctx);
  floorRoutes(app, ctx);
}

function adjustmentRoutes(app: App, ctx: Context): void {
  // Those who propose deductions review them.
  const roles = rolesOf('campaigns:write');
  const one = async (organisationId: string, id: string) => {
    const [row] = await listAdjustments(ctx.db, { organisationId, id, limit: 1 });
    if (!row) throw notFound('adjustment', id);
    return ruledView(row);
  };

  app.post(
    '/v1/campaigns/:id/bonuses',
    {
      schema: {
        tags,
        summary: "Pay an annotator something on top, from the campaign's budget",
        params: idParams,
        body: z.strictObject({
          annotatorId: givenId,
          amountUsd: usd.describe('Dollars, as a decimal string or a number'),
          reason,
        }),
        response: { 201: ruledSchema },
      },
    },
    async (request, reply) => {
      const { organisation, personId } = principalFor(request);
      const { annotatorId, amountUsd, reason: why } = request.body;
      const amountMicros = BigInt(amountUsd);
      if (amountMicros === 0n) {
        throw new QuorateError('invalid_input', 'amountUsd is 0.00; a bonus must be more.', { field: 'amountUsd' });
      }
      const given = { campaignId: request.params.id, annotatorId, amountMicros, reason: why, by: personId };
      const id = await giveBonus(ctx.db, { ...given, id: madeIdOf(request) });
      return reply.code(201).send(await one(organisation.id, id));
    },
  );

  app.post(
    '/v1/annotations/:id/deduction',
    {
      schema: {
        tags,
        summary: 'Propose to take back what an answer was paid; the annotator has 7 days to say why not',
        params: idParams,
        body: z.strictObject({ amountUsd: usd.optional().describe('By default all it was paid'), reason }),
        response: { 201: ruledSchema },
      },
    },
    async (request, reply) => {
      const { organisation, personId } = principalFor(request);
      const { amountUsd, reason: why } = request.body;
      const id = await proposeDeduction(ctx.db, {
        id: madeIdOf(request),
        annotationId: request.params.id,
        organisationId: organisation.id,
        amountMicros: amountUsd === undefined ? undefined : BigInt(amountUsd),
        reason: why,
        ...{ by: personId, roles },
        disputableUntil: new Date(ctx.now().getTime() + DISPUTE_DAYS * 24 * 3600 * 1000),
      });
      return reply.code(201).send(await one(organisation.id, id));
    },
  );

  app.get(
    '/v1/adjustments',
    {
      schema: {
        tags,
        summary: 'Bonuses and deductions, newest first',
        querystring: pageQuery.extend({ annotatorId: givenId.optional().describe('Of this annotator alone') }),
        response: { 200: pageOf(ruledSchema) },
      },
    },
    async (request) => {
      const { cursor, limit, annotatorId } = request.query;
      const organisationId = principalFor(request).organisation.id;
      return toPage(
        await listAdjustments(ctx.db, { organisationId, annotatorId, cursor, limit: limit + 1 }),
        limit,
        ruledView,
      );
    },
  );

  app.post(
    '/v1/adjustments/:id/review',
    {
      schema: {
        tags,
        summary: "Rule on a deduction that another person proposed, or say what became of a vendor's bonus",
        params: idParams,
        body: z.strictObject({ verdict: z.enum(['applied', 'dismissed']), note: reason }),
        response: { 200: ruledSchema },
      },
    },
    async (request) => {
      const { organisation, personId } = principalFor(request);
      const { id } = request.params;
      const given = { id, organisationId: organisation.id, ...request.body, by: personId, roles, now: ctx.now() };
      await reviewDeduction(ctx.db, given);
      return one(organisation.id, id);
    },
  );

  app.get(
    '/v1/me/adjustments',
    {
      schema: {
        tags,
        summary: 'Own bonuses, and deductions that were proposed, newest first',
        querystring: pageQuery,
        response: { 200: pageOf(adjustmentSchema) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const of = { organisationId: principalFor(request).organisation.id, annotatorId: annotatorFor(request).id };
      return toPage(await listAdjustments(ctx.db, { ...of, cursor, limit: limit + 1 }), limit, viewOf);
    },
  );

  app.post(
    '/v1/adjustments/:id/dispute',
    {
      schema: {
        tags,
        summary: 'Say why nothing should be taken of your pay; once, and in time',
        params: idParams,
        body: z.strictObject({ statement: z.string().trim().min(1).max(5000) }),
        response: { 200: adjustmentSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const annotatorId = annotatorFor(request).id;
      const { statement } = request.body;
      const { organisation, user } = principalFor(request);
      const said = { id, annotatorId, statement, byKey: user === null, now: ctx.now() };
      const taken = await disputeDeduction(ctx.db, said);
      const organisationId = organisation.id;
      const [row] = await listAdjustments(ctx.db, { organisationId, annotatorId, id, limit: 1 });
      if (!row) throw notFound('adjustment', id);
      if (!taken) throw new QuorateError('conflict', 'It was ruled on, its time is over, or you have said something.');
      return viewOf(row);
    },
  );
}

const givenAccountSchema = z.strictObject({
  // Letters and what stands between them: nothing that a spreadsheet or a bank would take for anything else.
  holder: z
    .string()
    .trim()
    .regex(/^\p{L}[\p{L}\p{M} .'’,-]{0,69}$/u),
  account: z.string().min(4).max(50).describe('An IBAN, or an account number'),
  bic: z
    .string()
    .regex(/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/)
    .nullable()
    .default(null),
  region: region
    .nullable()
    .optional()
    .describe('By default as it is; one of a higher floor holds once an owner has confirmed it'),
});

function checked(given: z.output<typeof givenAccountSchema>): z.output<typeof givenAccountSchema> {
  const account = compactAccount(given.account);
  if (!/^[A-Z0-9-]{4,34}$/.test(account) || (/^[A-Z]{2}\d{2}/.test(account) && !isIban(account))) {
    const message = 'account is no IBAN with the right check digits, and no account number.';
    throw new QuorateError('invalid_input', message, { field: 'account' });
  }
  return { ...given, account };
}

/** The annotator who signed in. Their keys were made by somebody else, who has no business with their bank account. */
function signedIn(request: FastifyRequest): AnnotatorRow {
  if (principalFor(request).user !== null) return annotatorFor(request);
  throw new QuorateError('forbidden', 'Sign in to see where your pay goes; an API key only says it, once.');
}

function accountRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/me/payout-account',
    { schema: { tags, summary: 'Where your pay goes', response: { 200: ownAccountSchema } } },
    async (request) => {
      const { id } = signedIn(request);
      const account = await payoutAccountOf(ctx.db, id);
      if (!account) throw new QuorateError('not_found', 'You have not said where your pay goes yet.');
      return account;
    },
  );
  app.get(
    '/v1/me/payout-account/changes',
    {
      schema: {
        tags,
        summary: 'Where your pay was to go, newest first',
        querystring: pageQuery,
        response: { 200: pageOf(accountSchema.extend({ id: z.uuid(), at: momentSchema })) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const rows = await accountChanges(ctx.db, { annotatorId: signedIn(request).id, cursor, limit: limit + 1 });
      return toPage(rows, limit, ({ at, ...row }) => ({ ...row, at: moment(at) }));
    },
  );
  app.put(
    '/v1/me/payout-account',
    {
      schema: {
        tags,
        summary: 'Say where your pay goes, from the next payout run on; by an API key only once',
        body: givenAccountSchema,
        response: { 200: ownAccountSchema },
      },
    },
    async (request) => {
      const given = checked(request.body);
      const by = principalFor(request).user === null ? 'key' : 'themselves';
      return setPayoutAccount(ctx.db, annotatorFor(request).id, given, by);
    },
  );
  app.put(
    '/v1/annotators/:id/payout-account',
    {
      schema: {
        tags,
        summary: 'Say where the pay of an annotator goes who does not sign in',
        params: idParams,
        body: givenAccountSchema,
        response: { 200: ownAccountSchema },
      },
    },
    async (request) => {
      const given = checked(request.body);
      const { personId } = principalFor(request);
      return setPayoutAccount(ctx.db, request.params.id, given, { personId });
    },
  );
}

const askedRegionSchema = z.object({
  annotatorId: z.uuid(),
  annotator: z.string(),
  region: z.string().nullable().describe('Whose floor holds; null: of all others'),
  asked: z.string(),
  floorUsd: usdSchema.nullable(),
  floorMicros: microsSchema.nullable(),
  askedFloorUsd: usdSchema.nullable(),
  askedFloorMicros: microsSchema.nullable(),
});

function regionRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/asked-regions',
    {
      schema: {
        tags,
        summary: 'Regions that annotators say they work in, whose floor of pay is higher, and that nobody has ruled on',
        querystring: pageQuery,
        response: { 200: pageOf(askedRegionSchema) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const organisationId = principalFor(request).organisation.id;
      const rows = await askedRegions(ctx.db, { organisationId, cursor, limit: limit + 1 });
      return toPage(rows, limit, ({ id: annotatorId, floorMicros, askedFloorMicros, ...row }) => ({
        ...{ annotatorId, ...row },
        ...moneyOrNull('floor', floorMicros),
        ...moneyOrNull('askedFloor', askedFloorMicros),
      }));
    },
  );
  app.post(
    '/v1/annotators/:id/region',
    {
      schema: {
        tags,
        summary:
          'Confirm or refuse the region that an annotator asked for; its floor holds for what they answer from then on',
        params: idParams,
        body: z.strictObject({
          region: region.describe('The one that was asked for'),
          verdict: z.enum(['confirmed', 'refused']),
        }),
        response: { 200: z.object({ done: z.literal(true) }) },
      },
    },
    async (request) => {
      const { region: asked, verdict } = request.body;
      const { personId } = principalFor(request);
      const ruling = { annotatorId: request.params.id, region: asked, confirmed: verdict === 'confirmed', personId };
      if (await ruleOnRegion(ctx.db, ruling)) return { done: true as const };
      throw new QuorateError('conflict', `The annotator does not ask for the region ${asked}, or not any more.`);
    },
  );
}

const floorsSchema = z.object({
  floors: z.array(
    z.object({ region: z.string().describe('Empty: all others'), hourlyUsd: usdSchema, hourlyMicros: microsSchema }),
  ),
});

function floorRoutes(app: App, ctx: Context): void {
  const view = async (organisationId: string): Promise<z.output<typeof floorsSchema>> => ({
    floors: [...(await payFloorsOf(ctx.db, organisationId))].map(([where, micros]) => ({
      region: where,
      ...money('hourly', micros),
    })),
  });
  app.get(
    '/v1/pay-floors',
    { schema: { tags, summary: 'Least pay for a focused hour, by region', response: { 200: floorsSchema } } },
    async (request) => view(principalFor(request).organisation.id),
  );
  app.put(
    '/v1/pay-floors',
    {
      schema: {
        tags,
        summary: 'Set the least pay for a focused hour, by region of the annotator; replaces what was set',
        body: z.strictObject({
          floors: z.array(z.strictObject({ region: region.or(z.literal('')).default(''), hourlyUsd: usd })).max(300),
        }),
        response: { 200: floorsSchema },
      },
    },
    async (request) => {
      const { id } = principalFor(request).organisation;
      const floors = new Map(request.body.floors.map((floor) => [floor.region, BigInt(floor.hourlyUsd)]));
      if (floors.size < request.body.floors.length || [...floors.values()].some((micros) => micros === 0n)) {
        const message = 'floors has a region twice, or an amount of 0.00; leave out what has no floor.';
        throw new QuorateError('invalid_input', message, { field: 'floors' });
      }
      await setPayFloors(ctx.db, id, floors);
      return view(id);
    },
  );
  app.get(
    '/v1/campaigns/:id/pay',
    {
      schema: {
        tags,
        summary: 'What a focused hour comes to at the measured speed, by region, and the price that meets the floor',
        params: idParams,
        response: {
          200: z.object({
            priceUsd: usdSchema.describe('Of an answer, as it is set'),
            priceMicros: microsSchema,
            regions: z.array(
              z.object({
                region: z.string().describe('Empty where it is not known'),
                answers: z.int(),
                secondsEach: z.number(),
                hourlyUsd: usdSchema.nullable().describe('Null before there are 20 answers'),
                hourlyMicros: microsSchema.nullable(),
                floorUsd: usdSchema.nullable(),
                floorMicros: microsSchema.nullable(),
                meetsFloor: z.boolean(),
                rightPriceUsd: usdSchema
                  .nullable()
                  .describe('What an answer must pay to meet the floor at this speed; by the hour, may earn at most'),
                rightPriceMicros: microsSchema.nullable(),
              }),
            ),
            warnings: z.array(z.string()),
            notices: z
              .array(
                z.object({
                  at: momentSchema,
                  region: z.string(),
                  priceUsd: usdSchema,
                  priceMicros: microsSchema,
                  text: z.string(),
                }),
              )
              .describe('When pay was first found below a floor, once for each price and floor, oldest first'),
          }),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const campaign = await ctx.campaigns.facts(id);
      if (!campaign) throw notFound('campaign', id);
      const [floors, measured, notices] = await Promise.all([
        payFloorsOf(ctx.db, principalFor(request).organisation.id),
        measuredPay(ctx.db, id),
        payNoticesOf(ctx.db, id),
      ]);
      const { hourlyMicros: rate } = campaign.settings;
      const priceMicros = BigInt(campaign.settings.priceMicros);
      const rateMicros = rate === undefined ? null : BigInt(rate);
      const checked = measured.map((each) => {
        const floor = floors.get(each.region) ?? floors.get('');
        return { ...each, floor, check: checkFloor(each, floor ?? 0n, { priceMicros, rateMicros }) };
      });
      return {
        ...money('price', priceMicros),
        regions: checked.map(({ region: where, answers, seconds, floor, check }) => ({
          ...{ region: where, answers, secondsEach: Number((seconds / answers).toFixed(2)) },
          ...moneyOrNull('hourly', check.hourlyMicros),
          ...moneyOrNull('floor', floor),
          meetsFloor: check.meets,
          ...moneyOrNull('rightPrice', floor === undefined ? null : check.rightPriceMicros),
        })),
        warnings: checked.flatMap(({ region: where, floor: floorMicros, check }) => {
          const { meets, hourlyMicros, rightPriceMicros } = check;
          if (meets || floorMicros === undefined || hourlyMicros === null || rightPriceMicros === null) return [];
          const byTheHour = rateMicros !== null;
          return [belowFloor({ region: where, hourlyMicros, floorMicros, rightPriceMicros, byTheHour })];
        }),
        notices: notices.map((notice) => ({
          ...{ at: notice.at.toISOString(), region: notice.region, ...money('price', notice.priceMicros) },
          text: belowFloor(notice),
        })),
      };
    },
  );
}
