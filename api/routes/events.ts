import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { QuorateError } from '../../domain/failures.ts';
import { admitAgain, principalFor } from '../auth.ts';
import { campaignViewSchema } from '../campaign-schema.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { idParams } from '../schemas.ts';
import { TimedCache } from '../timed-cache.ts';

const EVERY_MS = 1000;
/** Streams of a campaign share its view for so long. */
const KEEP_MS = 900;
const MAX_VIEWS = 100;
const HEARTBEAT_MS = 15_000;
const MAX_STREAMS = 10;

interface Shown {
  readonly text: string;
  readonly hasEnded: boolean;
}

/** A campaign's view as server-sent events. */
export function eventRoutes(app: App, ctx: Context): void {
  /** By who reads them. */
  const streams = new Map<string, number>();
  const shown = new TimedCache<Shown | undefined>({
    async load(id) {
      const view = await ctx.views.view(id);
      if (!view) return undefined;
      const hasEnded = view.state === 'finished' || view.state === 'stopped';
      return { text: JSON.stringify(campaignViewSchema.parse(view)), hasEnded };
    },
    keepMs: KEEP_MS,
    limit: MAX_VIEWS,
    nowMs: () => performance.now(),
  });

  app.get(
    '/v1/campaigns/:id/events',
    {
      // A HEAD would be made of the whole stream, with nobody to read it.
      exposeHeadRoute: false,
      schema: {
        tags: ['campaigns'],
        summary: `The campaign as server-sent events \`campaign\`, at most once a second, until it has ended; at most ${MAX_STREAMS} streams at once for each key or session`,
        params: idParams,
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await ctx.campaigns.facts(id))) throw notFound('campaign', id);
      const { keyId } = principalFor(request);
      const open = streams.get(keyId) ?? 0;
      if (open >= MAX_STREAMS) {
        const message = `You read ${MAX_STREAMS} streams of events already; close one of them first.`;
        throw new QuorateError('too_many_requests', message);
      }
      streams.set(keyId, open + 1);
      const stream = Readable.from(
        events(ctx, request, () => shown.get(id)),
        { objectMode: false },
      );
      stream.once('close', () => {
        const left = (streams.get(keyId) ?? 1) - 1;
        if (left > 0) streams.set(keyId, left);
        else streams.delete(keyId);
      });
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    },
  );
}

async function* events(
  { closing, now, principals }: Context,
  request: FastifyRequest,
  look: () => Promise<Shown | undefined>,
): AsyncGenerator<string> {
  let last = '';
  let sentMs = now().getTime();
  while (!closing.aborted) {
    const view = await look();
    if (!view) return;
    const nowMs = now().getTime();
    if (view.text !== last) {
      last = view.text;
      sentMs = nowMs;
      yield `event: campaign\ndata: ${view.text}\n\n`;
    } else if (nowMs - sentMs >= HEARTBEAT_MS) {
      sentMs = nowMs;
      yield ': still here\n\n';
    }
    if (view.hasEnded) return;
    await sleep(EVERY_MS, undefined, { signal: closing }).catch(() => undefined);
    // A key may have been revoked meanwhile, a session have ended.
    try {
      await admitAgain(principals, request);
    } catch (error) {
      if (error instanceof QuorateError) return;
      throw error;
    }
  }
}
