import { z } from 'zod';
import { calibrationItemsOf, calibrationSessionsOf } from '../../db/queries/calibration.ts';
import { CALIBRATION_REASONS, CALIBRATION_STATES } from '../../db/schema/states.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { annotatorFor, principalFor } from '../auth.ts';
import {
  answerCalibration,
  type CalibrationSession,
  calibrationOf,
  calibrationOffers,
  heldBackAt,
  openCalibration,
  presented,
} from '../calibrations.ts';
import type { App, Context } from '../context.ts';
import { givenId, idParams, moment, momentSchema } from '../schemas.ts';

const tags = ['calibration'];
const SHOWN = 50;

const headShape = {
  id: z.uuid(),
  campaignId: z.uuid(),
  taskType: z.enum(TASK_TYPE_NAMES),
  reason: z.enum(CALIBRATION_REASONS),
  state: z.enum(CALIBRATION_STATES),
  questions: z.int(),
  needed: z.int().describe('Right answers needed to pass'),
  answered: z.int(),
  right: z.int(),
  startedAt: momentSchema,
  endedAt: momentSchema.nullable(),
};

const sessionSchema = z.object({
  ...headShape,
  type: z.enum(TASK_TYPE_NAMES).describe('With config, what the form of the task needs'),
  config: z.unknown(),
  instructions: z.string(),
  paid: z.literal(false).describe('Sessions are practice: they are not paid'),
  examples: z
    .array(z.object({ number: z.int(), payload: z.unknown(), label: z.unknown().describe('The right answer') }))
    .describe('Worked examples, to be read before the test'),
  question: z
    .object({ number: z.int(), payload: z.unknown() })
    .nullable()
    .describe('The next question; null when all are answered'),
});

const offerSchema = z.object({
  campaignId: z.uuid(),
  campaign: z.string(),
  taskType: z.enum(TASK_TYPE_NAMES),
  called: z.boolean().describe('A session can be begun or gone on with now'),
  reason: z.enum(CALIBRATION_REASONS).nullable(),
  retryAt: momentSchema.nullable().describe('When a failed qualification may be tried again'),
  sessionId: z.uuid().nullable().describe('The open session'),
});

const pastSchema = z.object({
  ...headShape,
  results: z
    .array(
      z.object({
        number: z.int(),
        itemId: z.uuid(),
        known: z.unknown().optional().describe('The right answer; not for viewers'),
        label: z.unknown().optional().describe('Theirs; not for viewers'),
        correct: z.boolean().nullable(),
        answeredAt: momentSchema.nullable(),
      }),
    )
    .describe('The questions in their order'),
});

function headOf({ session, items }: Pick<CalibrationSession, 'session' | 'items'>) {
  const answered = items.filter(({ answeredAt }) => answeredAt !== null);
  const { annotatorId: _, taskType, startedAt, endedAt, ...rest } = session;
  return {
    ...rest,
    taskType: z.enum(TASK_TYPE_NAMES).parse(taskType),
    answered: answered.length,
    right: answered.filter(({ correct }) => correct).length,
    startedAt: moment(startedAt),
    endedAt: moment(endedAt),
  };
}

function viewOf(shown: CalibrationSession): z.output<typeof sessionSchema> {
  const { config, instructions } = shown.campaign.settings;
  const head = headOf(shown);
  const next = shown.items.find(({ part, answeredAt }) => part === 'question' && answeredAt === null);
  return {
    ...head,
    ...{ type: head.taskType, config, instructions, paid: false },
    examples: shown.items
      .filter(({ part }) => part === 'example')
      .map((item) => {
        const { payload, known } = presented(shown, item);
        return { number: item.number, payload, label: known };
      }),
    question: next ? { number: next.number, payload: presented(shown, next).payload } : null,
  };
}

/** Calibration sessions: the way back for whose standing is in doubt, and the way in where a campaign asks for one. */
export function calibrationRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/me/calibrations',
    {
      schema: {
        tags,
        summary: 'Where a calibration session of yours is called for, or open',
        response: {
          200: z.object({
            items: z.array(offerSchema),
            heldBack: z
              .array(z.enum(TASK_TYPE_NAMES))
              .describe(
                'Where your answers put your standing in doubt: there is work only while tasks are left that decide it',
              ),
          }),
        },
      },
    },
    async (request) => {
      const annotator = annotatorFor(request);
      const [offers, heldBack] = await Promise.all([calibrationOffers(ctx, annotator), heldBackAt(ctx, annotator)]);
      return {
        heldBack,
        items: offers.map(({ campaign, call, last }) => ({
          campaignId: campaign.id,
          campaign: campaign.settings.name,
          taskType: campaign.type.name,
          called: call.called || last?.state === 'open',
          reason: call.called ? call.reason : last?.state === 'open' ? last.reason : null,
          retryAt: moment(call.called || call.retryAtMs === null ? null : new Date(call.retryAtMs)),
          sessionId: last?.state === 'open' ? last.id : null,
        })),
      };
    },
  );

  app.post(
    '/v1/me/calibrations',
    {
      schema: {
        tags,
        summary: 'Begin the calibration session that is called for in a campaign, or go on with the open one',
        body: z.strictObject({ campaignId: givenId }),
        response: { 200: sessionSchema, 201: sessionSchema },
      },
    },
    async (request, reply) => {
      const { fresh, ...session } = await openCalibration(ctx, annotatorFor(request), request.body.campaignId);
      return reply.code(fresh ? 201 : 200).send(viewOf(session));
    },
  );

  app.get(
    '/v1/me/calibrations/:id',
    { schema: { tags, summary: 'A session of your own', params: idParams, response: { 200: sessionSchema } } },
    async (request) => viewOf(await calibrationOf(ctx, annotatorFor(request).id, request.params.id)),
  );

  const feedbackSchema = z.object({
    number: z.int(),
    correct: z.boolean(),
    known: z.unknown().describe('The right answer'),
    session: sessionSchema.describe('With the next question; `state` says how it ended after the last'),
  });
  app.post(
    '/v1/me/calibrations/:id/answers',
    {
      schema: {
        tags,
        summary: 'Answer the next question and hear whether it was right',
        params: idParams,
        body: z.strictObject({
          number: z.int().min(1).max(100),
          label: z.unknown().optional().describe("Required; as the task's type wants it, in the order shown"),
          timeSpentS: z.number().min(0).max(86_400).default(0),
        }),
        response: { 200: feedbackSchema, 201: feedbackSchema },
      },
    },
    async (request, reply) => {
      const { number, label, timeSpentS } = request.body;
      const given = { number, label, timeSpentS };
      const answer = await answerCalibration(ctx, annotatorFor(request).id, request.params.id, given);
      const { fresh, correct, known } = answer;
      return reply.code(fresh ? 201 : 200).send({ number, correct, known, session: viewOf(answer) });
    },
  );

  app.get(
    '/v1/annotators/:id/calibrations',
    {
      schema: {
        tags,
        summary: `An annotator's newest ${SHOWN} calibration sessions with their answers`,
        params: idParams,
        response: { 200: z.object({ items: z.array(pastSchema) }) },
      },
    },
    async (request) => {
      const annotatorId = request.params.id;
      // The questions are golds, which a viewer learns nothing of elsewhere.
      const whole = principalFor(request).role !== 'viewer';
      const sessions = await calibrationSessionsOf(ctx.db, { annotatorId, limit: SHOWN });
      const items: z.output<typeof pastSchema>[] = [];
      for (const session of sessions) {
        const its = await calibrationItemsOf(ctx.db, session.id);
        const results = its
          .filter(({ part }) => part === 'question')
          .map(({ number, itemId, known, label, correct, answeredAt }) => {
            return { number, itemId, ...(whole ? { known, label } : {}), correct, answeredAt: moment(answeredAt) };
          });
        items.push({ ...headOf({ session, items: its }), results });
      }
      return { items };
    },
  );
}
