import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  body: Buffer;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void | Promise<void>;

/** An HTTP server that answers as the test says and notes what it was asked. */
export async function startStub(answer: Answer) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const one: Seen = { method, url, headers, body: Buffer.alloc(0) };
    seen.push(one);
    void Promise.resolve(answer(request, response, one)).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Reads the whole body and answers with JSON. */
export function json(status: number, body: unknown, type = 'application/json'): Answer {
  return async (request, response, seen) => {
    seen.body = await bodyOf(request);
    response.writeHead(status, { 'content-type': type });
    response.end(body === undefined ? '' : JSON.stringify(body));
  };
}

/** Answers with a problem document, as the API does. */
export function problem(status: number, code: string, detail: string, more: object = {}): Answer {
  return json(
    status,
    { type: `urn:quorate:problem:${code}`, status, code, detail, ...more },
    'application/problem+json',
  );
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
