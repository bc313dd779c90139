import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyRequest } from 'fastify';
import type { App } from './context.ts';

const ONE_YEAR = '365d';

/** The built web application: files with a hash in their name may be kept for ever, the rest is asked for anew. */
export async function servePages(app: App, root: string): Promise<void> {
  await app.register(fastifyStatic, { root, index: ['index.html'], maxAge: 0 });
  await app.register(fastifyStatic, {
    root: join(root, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    maxAge: ONE_YEAR,
    immutable: true,
  });
}

/** Whether a request that no route answers asks for a page of the application, which finds its way by itself. */
export function asksForPage({ method, url, headers }: FastifyRequest): boolean {
  const [path = ''] = url.split('?');
  if (method !== 'GET' || path.startsWith('/v1') || path.startsWith('/docs') || path.includes('.')) return false;
  return (headers.accept ?? '').includes('text/html');
}
