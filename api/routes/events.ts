import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { campaignViewSchema } from '../campaign-schema.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { idParams } from '../schemas.ts';

const EVERY_MS = 1000;
const HEARTBEAT_MS = 15_000;

/** A campaign's view as server-sent events. */
export function eventRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/campaigns/:id/events',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'The campaign as server-sent events `campaign`, at most once a second, until it has ended',
        params: idParams,
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await ctx.campaigns.facts(id))) throw notFound('campaign', id);
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(Readable.from(events(ctx, id), { objectMode: false }));
    },
  );
}

async function* events({ views, closing, now }: Context, id: string): AsyncGenerator<string> {
  let last = '';
  let sentMs = now().getTime();
  while (!closing.aborted) {
    const view = await views.view(id);
    if (!view) return;
    const text = JSON.stringify(campaignViewSchema.parse(view));
    const nowMs = now().getTime();
    if (text !== last) {
      last = text;
      sentMs = nowMs;
      yield `event: campaign\ndata: ${text}\n\n`;
    } else if (nowMs - sentMs >= HEARTBEAT_MS) {
      sentMs = nowMs;
      yield ': still here\n\n';
    }
    if (view.state === 'finished' || view.state === 'stopped') return;
    await sleep(EVERY_MS, undefined, { signal: closing }).catch(() => undefined);
  }
}
