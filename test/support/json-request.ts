import type { IncomingMessage } from 'node:http';

/** The JSON body of a request to a server of the test's own. */
export async function jsonRequest<T>(request: IncomingMessage): Promise<T> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as T;
}
