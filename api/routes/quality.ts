import { z } from 'zod';
import { newestAnswers } from '../../db/queries/progress.ts';
import { commentsOf, openReportsOf, type QualityReportRow, reportsOf } from '../../db/queries/quality-reports.ts';
import { type QualityReport, qualityReport } from '../../domain/quality/report.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { idParams, moment, momentSchema } from '../schemas.ts';
import { TimedCache } from '../timed-cache.ts';

const commentSchema = z.object({
  taskId: z.uuid(),
  annotatorId: z.uuid(),
  on: z.enum(['answer', 'skip']),
  text: z.string(),
  at: momentSchema,
});

const reportSchema = z.object({
  verdict: z.enum(['unknown', 'ambiguous', 'usable', 'calibrated']).describe('What the agreement says of the labels'),
  advice: z.array(z.string()).describe('What to do, the most important first'),
  alpha: z.number().nullable().describe("Krippendorff's alpha; null where it is undefined"),
  answers: z.int().describe('The newest counted answers it was measured on'),
  tasks: z.int().describe('Tasks with two answers or more among them'),
  confused: z
    .array(
      z.object({
        labels: z.array(z.unknown()).length(2),
        count: z.int().describe('Pairs of answers to one task that differ so'),
        share: z.number().describe('Of all disagreement'),
        taskIds: z.array(z.uuid()).describe('Tasks that show it'),
      }),
    )
    .describe('Labels that annotators take for each other'),
  comments: z.array(commentSchema).describe('What annotators wrote, on the tasks shown here first, then the newest'),
});

const pauseSchema = z.object({
  id: z.uuid(),
  openedAt: momentSchema.describe('When low agreement paused the campaign'),
  closedAt: momentSchema.nullable().describe('When it was resumed; null while it waits'),
  report: reportSchema.describe('What was seen then'),
});

type Report = z.output<typeof reportSchema>;

/** The newest answers looked at: the window in which a task is judged. */
const WINDOW = 5000;
const KEEP_MS = 5000;
const MAX_REPORTS = 200;
const MAX_COMMENTS = 50;
// Measuring takes at most a twentieth of the time, however often it is asked for.
const SHARE = 20;
const EFFORT = 1e6;

/** Whether a campaign's task is sound: its annotators' agreement, and where they differ. */
export function qualityRoutes(app: App, ctx: Context): void {
  const nowMs = () => performance.now();
  const reports = new TimedCache({
    load: (id: string) => reportOf(ctx, id),
    keepMs: KEEP_MS,
    limit: MAX_REPORTS,
    share: SHARE,
    nowMs,
  });
  const tags = ['campaigns'];
  app.get(
    '/v1/campaigns/:id/quality',
    {
      schema: {
        tags,
        summary: 'Whether the task is sound: agreement, the labels that are confused, and what to do',
        params: idParams,
        response: { 200: reportSchema },
      },
    },
    async (request) => reports.get(request.params.id),
  );

  app.get(
    '/v1/quality/reports',
    {
      schema: {
        tags,
        summary: 'Campaigns that low agreement has paused and that wait to be resumed, newest first, at most 50',
        response: {
          200: z.object({ items: z.array(pauseSchema.extend({ campaignId: z.uuid(), campaign: z.string() })) }),
        },
      },
    },
    async (request) => {
      const rows = await openReportsOf(ctx.db, principalFor(request).organisation.id, 50);
      return { items: rows.map((row) => ({ ...pauseOf(row), campaignId: row.campaignId, campaign: row.campaign })) };
    },
  );

  app.get(
    '/v1/campaigns/:id/quality/reports',
    {
      schema: {
        tags,
        summary: 'Each time low agreement paused the campaign, newest first, at most 50',
        params: idParams,
        response: { 200: z.object({ items: z.array(pauseSchema) }) },
      },
    },
    async ({ params: { id } }) => {
      if (!(await ctx.campaigns.facts(id))) throw notFound('campaign', id);
      return { items: (await reportsOf(ctx.db, id, 50)).map(pauseOf) };
    },
  );
}

async function reportOf(ctx: Context, id: string): Promise<Report> {
  const campaign = await ctx.campaigns.facts(id);
  if (!campaign) throw notFound('campaign', id);
  const { type, settings } = campaign;
  const answers = await newestAnswers(ctx.db, id, WINDOW);
  const report = qualityReport(type, settings.config, answers, { effort: EFFORT, watch: settings.agreementWatch });
  const taskIds = report.confused.flatMap((pair) => pair.taskIds);
  const comments = await commentsOf(ctx.db, { campaignId: id, taskIds, limit: MAX_COMMENTS });
  return { ...viewOf(report), comments: comments.map((each) => ({ ...each, at: moment(each.at) })) };
}

function viewOf({ advice, confused, ...report }: QualityReport): Omit<Report, 'comments'> {
  return {
    ...report,
    advice: [...advice],
    confused: confused.map(({ labels: [a, b], taskIds, ...pair }) => ({
      ...pair,
      labels: [a, b],
      taskIds: [...taskIds],
    })),
  };
}

function pauseOf({ id, report, openedAt, closedAt }: QualityReportRow): z.output<typeof pauseSchema> {
  const comments = z.array(commentSchema).parse(report.comments);
  return { id, openedAt: moment(openedAt), closedAt: moment(closedAt), report: { ...viewOf(report), comments } };
}
