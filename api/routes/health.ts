import { z } from 'zod';
import type { App, Context } from '../context.ts';
import { TimedCache } from '../timed-cache.ts';

const tags = ['health'];
/** Anybody may ask: what they are told may be so old. */
const KEEP_MS = 1000;
const partSchema = z.enum(['ok', 'unreachable']);

const readySchema = z.object({
  ready: z.boolean(),
  database: partSchema,
  temporal: partSchema,
  outbox: z
    .object({ waiting: z.int(), oldestS: z.number() })
    .nullable()
    .describe('Messages to workflows that wait for delivery; an old one means that no worker delivers'),
});

/** Whether the service is there, and how it is doing. */
export function healthRoutes(app: App, ctx: Context): void {
  const temporalCheck = new TimedCache({
    load: () => ctx.workflows.check(),
    keepMs: KEEP_MS,
    limit: 1,
    nowMs: () => performance.now(),
  });

  app.get(
    '/healthz',
    {
      schema: { tags, summary: 'The process is up', response: { 200: z.object({ status: z.literal('ok') }) } },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags,
        summary:
          'The database can be reached, which answering needs; whether Temporal can, which starting and steering needs',
        response: { 200: readySchema, 503: readySchema },
      },
    },
    async (_request, reply) => {
      const [database, temporal] = await Promise.allSettled([ctx.backlog(), temporalCheck.get('')]);
      // While Temporal is away annotators get work and answer it: nobody is to be kept from that.
      const ready = database.status === 'fulfilled';
      return reply.code(ready ? 200 : 503).send({
        ready,
        database: database.status === 'fulfilled' ? 'ok' : 'unreachable',
        temporal: temporal.status === 'fulfilled' ? 'ok' : 'unreachable',
        outbox: database.status === 'fulfilled' ? database.value : null,
      });
    },
  );

  app.get(
    '/metrics',
    { schema: { tags, summary: 'Prometheus metrics', produces: ['text/plain'] } },
    async (_request, reply) => {
      const { registry } = ctx.metrics;
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  );
}
