import { z } from 'zod';
import { newestAnswers } from '../../db/queries/progress.ts';
import { taskAgreement } from '../../domain/agreement/task-agreement.ts';
import { advise } from '../../domain/quality/advice.ts';
import { confusedPairs } from '../../domain/quality/confusion.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { idParams } from '../schemas.ts';
import { TimedCache } from '../timed-cache.ts';

const reportSchema = z.object({
  verdict: z.enum(['unknown', 'ambiguous', 'usable', 'calibrated']),
  advice: z.array(z.string()).describe('What to do, the most important first'),
  alpha: z.number().nullable().describe("Krippendorff's alpha; null where it is undefined"),
  answers: z.int().describe('The newest counted answers it was measured on'),
  tasks: z.int().describe('Tasks with two answers or more among them'),
  confused: z
    .array(
      z.object({
        labels: z.tuple([z.unknown(), z.unknown()]),
        count: z.int().describe('Pairs of answers to one task that differ so'),
        share: z.number().describe('Of all disagreement'),
        taskIds: z.array(z.uuid()).describe('Tasks that show it'),
      }),
    )
    .describe('Labels that annotators take for each other'),
});

type Report = z.output<typeof reportSchema>;

/** The newest answers looked at: the window in which a task is judged. */
const WINDOW = 5000;
const MAX_PAIRS = 10;
const KEEP_MS = 5000;
const MAX_REPORTS = 200;
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
  app.get(
    '/v1/campaigns/:id/quality',
    {
      config: { access: ['requester', 'viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'Whether the task is sound: agreement, the labels that are confused, and what to do',
        params: idParams,
        response: { 200: reportSchema },
      },
    },
    async (request) => reports.get(request.params.id),
  );
}

async function reportOf(ctx: Context, id: string): Promise<Report> {
  const campaign = await ctx.campaigns.facts(id);
  if (!campaign) throw notFound('campaign', id);
  const { type, settings } = campaign;
  const answers = await newestAnswers(ctx.db, id, WINDOW);
  const { alpha } = taskAgreement(type, settings.config, answers, EFFORT);
  const confused = confusedPairs(type, settings.config, answers, MAX_PAIRS);
  const counts = new Map<string, number>();
  for (const { taskId } of answers) counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
  const tasks = [...counts.values()].filter((count) => count > 1).length;
  const [worst] = confused;
  const named = worst && { labels: [shown(worst.labels[0]), shown(worst.labels[1])] as const, share: worst.share };
  const { verdict, advice } = advise({ alpha, tasks, worst: named });
  return {
    verdict,
    advice: [...advice],
    alpha: alpha ?? null,
    answers: answers.length,
    tasks,
    confused: confused.map(({ labels: [a, b], taskIds, ...pair }) => ({
      ...pair,
      labels: [a, b],
      taskIds: [...taskIds],
    })),
  };
}

function shown(label: unknown): string {
  const text = typeof label === 'string' ? label : JSON.stringify(label);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
