import { APICallError } from 'ai';
import { z } from 'zod';
import { VendorError } from './errors.ts';
import { excerptOf, retryAfterOf, withoutSecrets } from './http.ts';
import { jsonFrom } from './shared.ts';

/** Words by which endpoints say that they will not answer this question, whatever they say to others. */
const OF_THE_QUESTION =
  /content.?filter|content.?policy|responsible.?ai.?policy|flagged|moderation|guardrail|safety|context.?(length|size)|string_above_max|too.long/i;
/** These are about who asks, whatever words they have. */
const OF_THE_ASKER: ReadonlySet<number> = new Set([401, 402]);
const SAYS_OF_THE_ASKER = /\b(account|organi[sz]ation|key|access) (has|have|was|were|is) /i;

/**
 * Whether an error is about what was asked, and not about who asks or how. A bare 400 may be either: it is about the
 * question where others like it were answered; and so may a 403, where that was just now.
 */
export function isRefusal(
  { kind, status, message }: VendorError,
  answered: { readonly ever: boolean; readonly now: boolean },
): boolean {
  if (kind !== 'permanent' || status === undefined || OF_THE_ASKER.has(status)) return false;
  if (SAYS_OF_THE_ASKER.test(message)) return false;
  if (status === 413 || OF_THE_QUESTION.test(message)) return true;
  return status === 403 ? answered.now : answered.ever && (status === 400 || status === 422);
}

/** What an endpoint wrote with a refusal that may be about how it was asked; undefined where it cannot be about that. */
export function refusalOf(error: unknown): { readonly status: number; readonly body: string } | undefined {
  if (!APICallError.isInstance(error)) return undefined;
  const { statusCode: status, responseBody: body = '' } = error;
  if (status === undefined || ![400, 404, 422, 500, 501].includes(status)) return undefined;
  return OF_THE_QUESTION.test(body) ? undefined : { status, body };
}

/** Whether an endpoint says that all went well, and what came with it is no JSON: cut off, or a proxy's page. It may have been paid. */
export function isGarbled(error: unknown): boolean {
  if (!APICallError.isInstance(error)) return false;
  const { statusCode = 0, responseBody } = error;
  return statusCode >= 200 && statusCode < 300 && jsonFrom(responseBody ?? '') === undefined;
}

/** A failed call as the vendors have it. Its message has no credential. */
export function asVendorError(error: unknown, apiKey: string | undefined): VendorError {
  if (error instanceof VendorError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const secrets = [apiKey ?? ''];
  const clean = (text: string) => withoutSecrets(text, secrets);
  if (!APICallError.isInstance(error)) return new VendorError('retryable', clean(`The judge's endpoint: ${message}`));
  const { responseBody = '', responseHeaders, data } = error;
  const status = statusOf(error.statusCode, responseBody);
  // Where its form was not known, the message is no more than the status's name.
  const excerpt = data === undefined && responseBody !== '' ? `: ${excerptOf(responseBody, secrets)}` : '';
  const said = clean(`The judge's endpoint: ${message}${excerpt}`);
  // Says 429 and means that the account is empty.
  if (/insufficient_quota|enforced_spend_limit_reached/.test(responseBody)) {
    return new VendorError('permanent', `${said}: the quota is used up`);
  }
  const code = OF_THE_QUESTION.exec(responseBody)?.[0];
  // Below 400 it is no answer of a model's.
  const passes = status === undefined || status < 400 || [408, 409, 425, 429].includes(status) || status >= 500;
  // What an endpoint says of that itself.
  const told = responseHeaders?.['x-should-retry'];
  const again = told === 'true' || (passes && told !== 'false');
  return new VendorError(again ? 'retryable' : 'permanent', code && !said.includes(code) ? `${said} (${code})` : said, {
    ...(status === undefined ? {} : { status }),
    retryAfterMs: waitOf(responseHeaders),
  });
}

const errorInside = z.object({ error: z.object({ code: z.coerce.number().int().min(400).max(599) }) });

/** Some say 200 and have the failure inside. */
function statusOf(status: number | undefined, body: string): number | undefined {
  if (status === undefined || status >= 400) return status;
  return errorInside.safeParse(jsonFrom(body)).data?.error.code ?? status;
}

function waitOf(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const ms = headers?.['retry-after-ms'];
  return (ms !== undefined && retryAfterOf(`${Number(ms) / 1000}`)) || retryAfterOf(headers?.['retry-after'] ?? null);
}
