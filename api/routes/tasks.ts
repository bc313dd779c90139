import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { createJudge } from '../../db/judgement/judge.ts';
import { groupCountsOf } from '../../db/queries/groups.ts';
import { insertRuling } from '../../db/queries/rulings.ts';
import { decisionsOf, listTasks, payloadOfTask, type TaskHead, taskHead, taskStory } from '../../db/queries/stories.ts';
import { TASK_KINDS, TASK_STATES } from '../../db/schema/states.ts';
import { QuorateError } from '../../domain/failures.ts';
import { readLabel } from '../../domain/tasks/read.ts';
import {
  addRedundancyUpdate,
  adjudicateUpdate,
  cancelTaskUpdate,
  reprioritizeUpdate,
} from '../../workflows/messages.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { madeIdOf, updateIdOf } from '../idempotency.ts';
import { notFound } from '../problems.ts';
import { idParams, moment, pageOf, pageQuery, toPage } from '../schemas.ts';
import { decisionView, headView, storyView, taskListSchema, taskViewSchema } from '../task-view.ts';

const tags = ['tasks'];

/** Tasks: their decisions and stories, and what a requester can still do about one. */
export function taskRoutes(app: App, ctx: Context): void {
  const judge = createJudge(ctx.db);
  const viewOf = async (request: FastifyRequest, id: string): Promise<z.output<typeof taskViewSchema>> => {
    const head = await taskHead(ctx.db, id);
    if (!head) throw notFound('task', id);
    const decisions = await decisionsOf(ctx.db, id);
    const whole = principalFor(request).role !== 'viewer';
    const [newest] = decisions;
    const storyOf = async () => {
      const story = await taskStory(ctx.db, head);
      const { campaignId, group: itemGroup } = head;
      const annotatorIds = story.assignments.map(({ annotatorId }) => annotatorId);
      const groupCounts =
        itemGroup === null ? new Map() : await groupCountsOf(ctx.db, { campaignId, itemGroup, annotatorIds });
      const waits = head.kind === 'work' && (head.state === 'open' || head.state === 'adjudicating');
      const judgement =
        waits && story.annotations.length > 0 ? await judge.one(id, { outcome: 'adjudicated' }) : undefined;
      return storyView(story, decisions, head, { temporalUi: ctx.temporalUi, groupCounts, judgement });
    };
    return {
      ...headView(head),
      decision: newest ? decisionView(newest) : null,
      ...(whole ? { story: await storyOf() } : {}),
    };
  };

  app.get(
    '/v1/tasks/:id',
    {
      schema: {
        tags,
        summary: "A task's decision, and for requesters its whole story",
        params: idParams,
        response: { 200: taskViewSchema },
      },
    },
    async (request) => viewOf(request, request.params.id),
  );

  app.get(
    '/v1/campaigns/:id/tasks',
    {
      schema: {
        tags,
        summary: 'Tasks of a campaign in the order they were chosen, or by how long they wait',
        params: idParams,
        querystring: pageQuery.extend({
          state: z.enum(TASK_STATES).optional().describe('Those in this state alone'),
          key: z.string().optional().describe('Only those of the item with this key'),
          kind: z.enum(TASK_KINDS).optional().describe('Only work, or only tasks with a known answer'),
          order: z
            .enum(['chosen', 'waiting'])
            .default('chosen')
            .describe('`waiting`: only those that wait for answers or a ruling, first those that wait longest'),
        }),
        response: { 200: pageOf(taskListSchema) },
      },
    },
    async ({ params, query: { limit, order, ...asked } }) => {
      if (!(await ctx.campaigns.facts(params.id))) throw notFound('campaign', params.id);
      const rows = await listTasks(ctx.db, {
        ...asked,
        campaignId: params.id,
        byWaiting: order === 'waiting',
        limit: limit + 1,
      });
      return toPage(rows, limit, ({ waitingSince, createdAt, ...row }) => ({
        ...row,
        createdAt: moment(createdAt),
        waitingSince: moment(waitingSince),
      }));
    },
  );

  app.post(
    '/v1/tasks/:id/cancel',
    {
      schema: {
        tags,
        summary: 'End a task without a label; what was answered is paid',
        params: idParams,
        body: z.strictObject({ reason: z.string().trim().min(1).max(1000) }),
        response: { 200: taskViewSchema },
      },
    },
    async (request) => {
      const { id } = await openTask(ctx, request.params.id);
      await ctx.workflows.task(id)(cancelTaskUpdate, [{ reason: request.body.reason }], updateIdOf(request));
      return viewOf(request, id);
    },
  );

  app.post(
    '/v1/tasks/:id/reprioritize',
    {
      schema: {
        tags,
        summary: "Change a task's place in the queue",
        params: idParams,
        body: z.strictObject({ priority: z.number().int().min(0).max(4).describe('0 (lowest) to 4') }),
        response: { 200: taskViewSchema },
      },
    },
    async (request) => {
      const { id } = await openTask(ctx, request.params.id);
      await ctx.workflows.task(id)(reprioritizeUpdate, [{ priority: request.body.priority }], updateIdOf(request));
      return viewOf(request, id);
    },
  );

  app.post(
    '/v1/tasks/:id/redundancy',
    {
      schema: {
        tags,
        summary: 'Ask more annotators, as far as the budget allows',
        params: idParams,
        body: z.strictObject({ count: z.number().int().min(1).max(24).describe('How many answers more') }),
        response: { 200: taskViewSchema },
      },
    },
    async (request) => {
      const { id } = await openTask(ctx, request.params.id);
      await ctx.workflows.task(id)(addRedundancyUpdate, [{ count: request.body.count }], updateIdOf(request));
      return viewOf(request, id);
    },
  );

  app.post(
    '/v1/tasks/:id/adjudicate',
    {
      schema: {
        tags,
        summary: "Decide a task by an expert's ruling",
        params: idParams,
        body: z.strictObject({
          label: z.unknown().optional().describe('Required'),
          note: z.string().max(10_000).optional(),
        }),
        response: { 200: taskViewSchema },
      },
    },
    async (request) => {
      const { id, campaignId } = await openTask(ctx, request.params.id);
      const campaign = await ctx.campaigns.facts(campaignId);
      if (!campaign) throw notFound('campaign', campaignId);
      const { type, settings } = campaign;
      const payload = type.labelReadsPayload ? await payloadOfTask(ctx.db, id) : undefined;
      const label = readLabel(type, settings.config, request.body.label, payload);
      const by = principalFor(request).keyId;
      const rulingId = await insertRuling(ctx.db, {
        id: madeIdOf(request),
        taskId: id,
        label,
        ruledBy: by,
        note: request.body.note,
      });
      await ctx.workflows.task(id)(adjudicateUpdate, [{ rulingId, by }], updateIdOf(request));
      return viewOf(request, id);
    },
  );
}

/** A task that can still be changed. */
async function openTask(ctx: Context, id: string): Promise<TaskHead> {
  const head = await taskHead(ctx.db, id);
  if (!head) throw notFound('task', id);
  if (head.kind !== 'work') {
    throw new QuorateError(
      'conflict',
      'This task has a known answer and stays open for all annotators; it has no workflow.',
    );
  }
  if (head.state !== 'planned' && head.state !== 'open' && head.state !== 'adjudicating') {
    throw new QuorateError('conflict', `The task has ended already; it is ${head.state}.`);
  }
  return head;
}
