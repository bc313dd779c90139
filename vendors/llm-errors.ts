import { APICallError } from 'ai';
import { VendorError } from './errors.ts';

/** Words by which endpoints say that they will not answer this question, whatever they say to others. */
const OF_THE_QUESTION =
  /content.?filter|content.?policy|responsible.?ai.?policy|context.?(length|size)|string_above_max|too.long/i;

/**
 * Whether an error is about what was asked, and not about who asks or how. A bare 400 may be either: it is about the
 * question where others like it were answered.
 */
export function isRefusal({ kind, status, message }: VendorError, hasAnswered: boolean): boolean {
  if (kind !== 'permanent') return false;
  if (status === 413 || (status !== undefined && OF_THE_QUESTION.test(message))) return true;
  return hasAnswered && (status === 400 || status === 422);
}

/** A failed call as the vendors have it. Its message has no credential. */
export function asVendorError(error: unknown, apiKey: string | undefined): VendorError {
  const message = error instanceof Error ? error.message : String(error);
  const said = `The judge's endpoint: ${apiKey ? message.split(apiKey).join('[secret]') : message}`;
  if (!APICallError.isInstance(error)) return new VendorError('retryable', said);
  const { statusCode: status, responseBody = '', responseHeaders } = error;
  // Says 429 and means that the account is empty.
  if (responseBody.includes('insufficient_quota')) return new VendorError('permanent', `${said}: the quota is used up`);
  const code = OF_THE_QUESTION.exec(responseBody)?.[0];
  const seconds = Number(responseHeaders?.['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  const again = status === undefined || status === 408 || status === 429 || status >= 500;
  return new VendorError(again ? 'retryable' : 'permanent', code && !said.includes(code) ? `${said} (${code})` : said, {
    ...(status === undefined ? {} : { status }),
    retryAfterMs,
  });
}
