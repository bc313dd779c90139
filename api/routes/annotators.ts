import { z } from 'zod';
import {
  type AnnotatorRow,
  changeAnnotator,
  findAnnotator,
  insertAnnotator,
  listAnnotators,
  replaceAnnotatorKeys,
  type TypeStandingRow,
  typeStandingsOf,
} from '../../db/queries/annotators.ts';
import { repeatedAnswers } from '../../db/queries/repeats.ts';
import { countAnswers, standingChangesOf } from '../../db/queries/stories.ts';
import { ANNOTATOR_KINDS, STANDINGS } from '../../db/schema/states.ts';
import { QuorateError } from '../../domain/failures.ts';
import { accuracyInterval } from '../../domain/quality/beta.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { TIERS } from '../../domain/tiers.ts';
import { recalibrateUpdate, reinstateUpdate, suspendUpdate } from '../../workflows/messages.ts';
import { principalFor } from '../auth.ts';
import { consistencyOf, consistencySchema } from '../consistency.ts';
import type { App, Context } from '../context.ts';
import { madeIdOf } from '../idempotency.ts';
import { hashKey, newApiKey } from '../keys.ts';
import { notFound } from '../problems.ts';
import { idParams, moment, momentSchema, pageOf, pageQuery, toPage } from '../schemas.ts';

const tags = ['annotators'];

/** Of the newest repeats. */
const MOST_REPEATS = 1000;

const name = z.string().trim().min(1).max(200);

const createSchema = z.strictObject({
  name,
  tier: z.enum(TIERS).default('crowd'),
  kind: z.enum(ANNOTATOR_KINDS).default('person'),
  workforce: z.string().trim().min(1).max(100).default('internal'),
  specializations: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
  languages: z
    .array(z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/))
    .max(50)
    .default([])
    .describe('BCP 47 tags'),
  simulated: z
    .boolean()
    .default(false)
    .describe('Not a person: part of a simulated crowd, which is given tasks of simulated campaigns only'),
});

const { tier, workforce, specializations, languages } = createSchema.shape;
/** What decides which tasks somebody is given. */
export const workShape = {
  tier: tier.unwrap().optional(),
  workforce: workforce.unwrap().optional(),
  specializations: specializations.unwrap().optional(),
  languages: languages.unwrap().optional().describe('BCP 47 tags'),
};
const changeSchema = z.strictObject({
  ...workShape,
  name: name.optional().describe('Of everything they have done, too, from now on'),
});

const annotatorSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(ANNOTATOR_KINDS),
  workforce: z.string(),
  tier: z.enum(TIERS),
  specializations: z.array(z.string()),
  languages: z.array(z.string()),
  standing: z.enum(STANDINGS),
  standingReason: z.string().nullable(),
  qualityScore: z.number().describe('Posterior mean of accuracy on recent gold; 0.5 before any'),
  goldTotal: z.int(),
  goldCorrect: z.int(),
  simulated: z.boolean(),
  createdAt: momentSchema,
});

const typeStandingSchema = z.object({
  taskType: z.enum(TASK_TYPE_NAMES),
  standing: z.enum(STANDINGS),
  standingReason: z.string().nullable(),
  recentGolds: z.int().describe('The newest golds of the type, by which it is judged'),
  recentCorrect: z.int(),
  goldTotal: z.int(),
  goldCorrect: z.int(),
  qualityScore: z.number().describe('Posterior mean of accuracy: Beta(1 + right, 1 + wrong) over the recent golds'),
  accuracyLow: z.number().describe('Accuracy lies between this ...'),
  accuracyHigh: z.number().describe('... and this with 95% probability'),
});

const storySchema = annotatorSchema.extend({
  answers: z.int(),
  standings: z.array(typeStandingSchema).describe('By task type'),
  standingChanges: z.array(
    z.object({
      taskType: z.string().nullable().describe('Null for the standing as a whole'),
      from: z.string(),
      to: z.string(),
      reason: z.string(),
      evidence: z.unknown(),
      at: momentSchema,
    }),
  ),
});

function typeView(row: TypeStandingRow): z.output<typeof typeStandingSchema> {
  const { low, high } = accuracyInterval(row.recentCorrect, row.recentGolds);
  return { ...row, taskType: z.enum(TASK_TYPE_NAMES).parse(row.taskType), accuracyLow: low, accuracyHigh: high };
}

function viewOf({ typeStandings: _, ...row }: AnnotatorRow): z.output<typeof annotatorSchema> {
  const kind = z.enum(ANNOTATOR_KINDS).parse(row.kind);
  return { ...row, kind, createdAt: moment(row.createdAt) };
}

/** The people (and judges) who answer. */
export function annotatorRoutes(app: App, ctx: Context): void {
  const storyOf = async (id: string): Promise<z.output<typeof storySchema>> => {
    const row = await findAnnotator(ctx.db, id);
    if (!row) throw notFound('annotator', id);
    const [answers, types, changes] = await Promise.all([
      countAnswers(ctx.db, id),
      typeStandingsOf(ctx.db, id),
      standingChangesOf(ctx.db, id),
    ]);
    const standings = types.map(typeView);
    return {
      ...viewOf(row),
      answers,
      standings,
      standingChanges: changes.map((each) => ({ ...each, at: moment(each.at) })),
    };
  };

  app.post(
    '/v1/annotators',
    {
      config: { idempotency: 'sealed' },
      schema: {
        tags,
        summary: 'Add an annotator; the answer holds their API key, this once',
        body: createSchema,
        response: { 201: annotatorSchema.extend({ apiKey: z.string() }) },
      },
    },
    async (request, reply) => {
      const apiKey = newApiKey();
      const { organisation, personId } = principalFor(request);
      const row = await insertAnnotator(ctx.db, {
        ...request.body,
        id: madeIdOf(request),
        organisationId: organisation.id,
        madeBy: personId,
        keyHash: hashKey(apiKey),
      });
      return reply
        .code(201)
        .header('location', `/v1/annotators/${row.id}`)
        .send({ ...viewOf(row), apiKey });
    },
  );

  app.post(
    '/v1/annotators/:id/key',
    {
      config: { idempotency: 'sealed' },
      schema: {
        tags,
        summary:
          'Give an annotator who does not sign in a new API key in place of all before; the answer holds it, this once',
        params: idParams,
        body: z.strictObject({}).optional(),
        response: { 201: z.object({ apiKey: z.string() }) },
      },
    },
    async (request, reply) => {
      const { id: annotatorId } = request.params;
      const { organisation, personId } = principalFor(request);
      const apiKey = newApiKey();
      const key = { id: madeIdOf(request), hash: hashKey(apiKey), madeBy: personId };
      if (!(await replaceAnnotatorKeys(ctx.db, { annotatorId, organisationId: organisation.id, key }))) {
        throw notFound('annotator', annotatorId);
      }
      return reply.code(201).send({ apiKey });
    },
  );

  app.post(
    '/v1/annotators/:id/key/revoke',
    {
      schema: {
        tags,
        summary: 'End an annotator’s API keys; they stop working within a second or so',
        params: idParams,
        body: z.strictObject({}).optional(),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id: annotatorId } = request.params;
      const organisationId = principalFor(request).organisation.id;
      if (!(await replaceAnnotatorKeys(ctx.db, { annotatorId, organisationId }))) {
        throw notFound('annotator', annotatorId);
      }
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/v1/annotators',
    {
      schema: {
        tags,
        summary: 'Annotators, oldest first',
        querystring: pageQuery,
        response: { 200: pageOf(annotatorSchema) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const organisationId = principalFor(request).organisation.id;
      return toPage(await listAnnotators(ctx.db, { organisationId, cursor, limit: limit + 1 }), limit, viewOf);
    },
  );

  app.get(
    '/v1/annotators/:id',
    {
      schema: { tags, summary: 'An annotator with their standing', params: idParams, response: { 200: storySchema } },
    },
    async (request) => storyOf(request.params.id),
  );

  app.patch(
    '/v1/annotators/:id',
    {
      schema: {
        tags,
        summary:
          'Change what a person is called, or is asked, within a second or so: their tier, workforce, languages, domains',
        params: idParams,
        body: changeSchema,
        response: { 200: annotatorSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const organisationId = principalFor(request).organisation.id;
      const row = await changeAnnotator(ctx.db, { ...request.body, id, organisationId });
      if (!row) throw notFound('person who answers', id);
      return viewOf(row);
    },
  );

  app.get(
    '/v1/annotators/:id/consistency',
    {
      schema: {
        tags,
        summary: 'How well an annotator agrees with their own earlier answers, by campaign',
        params: idParams,
        response: {
          200: z.object({ items: z.array(consistencySchema.extend({ campaignId: z.uuid(), campaign: z.string() })) }),
        },
      },
    },
    async ({ params: { id: annotatorId } }) => {
      const rows = await repeatedAnswers(ctx.db, { annotatorId, limit: MOST_REPEATS });
      const items = [];
      for (const campaignId of new Set(rows.map((row) => row.campaignId))) {
        const facts = await ctx.campaigns.facts(campaignId);
        const its = rows.filter((row) => row.campaignId === campaignId);
        const found = facts && consistencyOf(facts, its).get(annotatorId);
        if (found) items.push({ ...found, campaignId, campaign: facts.settings.name });
      }
      return { items };
    },
  );

  for (const [action, definition, summary] of [
    ['suspend', suspendUpdate, 'Give an annotator no more tasks'],
    ['reinstate', reinstateUpdate, 'Let a suspended annotator work again'],
    ['recalibrate', recalibrateUpdate, 'Ask an active annotator to prove themselves again: by golds, or in a session'],
  ] as const) {
    app.post(
      `/v1/annotators/:id/${action}`,
      {
        schema: {
          tags,
          summary,
          params: idParams,
          body: z.strictObject({
            reason: z.string().trim().min(1).max(1000),
            taskType: z.enum(TASK_TYPE_NAMES).optional().describe('For tasks of this type alone'),
          }),
          response: { 200: storySchema },
        },
      },
      async (request) => {
        const { id } = request.params;
        const known = await findAnnotator(ctx.db, id);
        if (!known) throw notFound('annotator', id);
        if (action === 'recalibrate' && known.standing === 'suspended') {
          throw new QuorateError('conflict', `${known.name} is suspended; reinstate them first.`);
        }
        const by = principalFor(request).keyId;
        await ctx.workflows.annotator(id, definition, [{ by, ...request.body }]);
        return storyOf(id);
      },
    );
  }
}
