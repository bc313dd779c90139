import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './schema.gen.ts';

export type { paths } from './schema.gen.ts';

/** What the server refused, as RFC 9457 says it: `message` is a sentence that explains it. */
export class QuorateProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;

  constructor(status: number, { code, detail, details }: { code?: string; detail?: string; details?: unknown }) {
    super(detail ?? `The server answered with status ${status}.`);
    this.name = 'QuorateProblem';
    this.status = status;
    this.code = code ?? String(status);
    this.details = details;
  }
}

/**
 * A client of the server at `url`, with an API key: every route of its description with the types of what is sent and of what
 * comes back, as `client.GET('/v1/campaigns/{id}', { params: { path: { id } } })`. Whatever is refused is thrown.
 */
export function quorate({ url, key }: { url: string; key: string }): Client<paths> {
  const client = createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${key}` } });
  client.use({
    async onResponse({ response }) {
      if (response.ok) return;
      const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
      throw new QuorateProblem(response.status, problem);
    },
  });
  return client;
}
