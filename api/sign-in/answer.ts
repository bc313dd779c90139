import type { FastifyReply } from 'fastify';
import { type FailureCode, QuorateError } from '../../domain/failures.ts';

const CODES: Readonly<Record<number, FailureCode>> = {
  400: 'invalid_input',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  422: 'invalid_input',
  429: 'too_many_requests',
};

/** Sends an answer of better-auth, cookies and redirects included; its refusals become our problem documents. */
export async function sendAnswer(reply: FastifyReply, answer: Response): Promise<FastifyReply> {
  copyCookies(reply, answer);
  const text = await answer.text();
  if (answer.status >= 400) {
    const code = CODES[answer.status];
    if (code === undefined) throw new Error(`Sign-in failed with status ${answer.status}.`);
    throw new QuorateError(code, messageOf(text));
  }
  const location = answer.headers.get('location');
  if (location !== null) reply.header('location', location);
  return reply
    .code(answer.status)
    .type('application/json; charset=utf-8')
    .serializer((body: string) => body)
    .send(text === '' ? 'null' : text);
}

/** Passes on the cookies of an answer. */
export function copyCookies(reply: FastifyReply, answer: Response): void {
  for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', cookie);
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string' && message !== '') return message;
  } catch {
    // Not every refusal has a body.
  }
  return 'This was refused; check what you sent, and sign in again.';
}
