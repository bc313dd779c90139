import { setTimeout as sleep } from 'node:timers/promises';
import { MTurkClient, RequestError } from '@aws-sdk/client-mturk';
import { VendorError } from './errors.ts';
import { withoutSecrets } from './http.ts';
import { createPace } from './pace.ts';

export interface MturkClientOptions {
  /** The service closed on 2026-09-30: the address of one that is compatible with it. */
  readonly baseUrl: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most. */
  readonly perMinute?: number | undefined;
  /** What is waited before a call that may pass is made again, and doubled each time; half a second by default. */
  readonly backOffMs?: number;
}

/** So often a call that may pass is made before the whole look or purchase is given up for now. */
const TRIES = 3;

/** The AWS client, and a way to send by it whose failures are VendorErrors. */
export function createMturkClient(options: MturkClientOptions) {
  const { baseUrl, accessKeyId, secretAccessKey, timeoutMs = 30_000, backOffMs = 500 } = options;
  const client = new MTurkClient({
    endpoint: baseUrl.replace(/\/+$/, ''),
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    // What may be tried again is known here alone.
    maxAttempts: 1,
    requestHandler: { requestTimeout: timeoutMs, connectionTimeout: timeoutMs, throwOnRequestTimeout: true },
  });
  const secrets = [secretAccessKey, accessKeyId];
  const pace = options.perMinute === undefined ? undefined : createPace(options.perMinute);

  /**
   * Makes a call, again where nothing came of it: a look is many calls, of which one may meet a limit. `lost`: what an
   * answer that never came means.
   */
  async function send<T>(lost: 'retryable' | 'ambiguous', run: () => Promise<T>, tries = TRIES): Promise<T> {
    for (let tried = 1; ; tried++) {
      await pace?.();
      try {
        return await run();
      } catch (error) {
        const failure = asVendorError(error, lost, secrets);
        if (failure.kind !== 'retryable' || tried >= tries) throw failure;
        await sleep(backOffMs * 2 ** (tried - 1));
      }
    }
  }

  return { client, send };
}

/** Whether a failure says so: by its own code, its name, or in words as a service may that writes no codes. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof VendorError && error.message.includes(code);
}

/** Whether a failure says that there is no such HIT. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof VendorError) || error.kind !== 'permanent') return false;
  return isCode(error, 'HITDoesNotExist') || /\bHIT\b.*does not exist/i.test(error.message);
}

/** How AWS says that there were too many requests. */
const LIMITED = /throttl|too ?many ?requests|rate (limit )?exceeded|request ?limit ?exceeded/i;

function asVendorError(error: unknown, lost: 'retryable' | 'ambiguous', secrets: readonly string[]): VendorError {
  if (error instanceof VendorError) return error;
  const { name, message, $metadata } = error as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  const code = error instanceof RequestError && error.TurkErrorCode ? ` (${error.TurkErrorCode})` : '';
  const told = `MTurk: ${name}: ${message}${code}`;
  const said = withoutSecrets(told, secrets);
  const refused = status !== undefined && status >= 400 && status < 500 && name !== 'ServiceFault';
  // With another status it may have been carried out.
  const limited = status === 429 || (refused && (LIMITED.test(said) || /^ServiceUnavailable/.test(name ?? '')));
  if (limited || /^Throttl/.test(name ?? '')) return new VendorError('retryable', said, { status: 429 });
  return new VendorError(refused ? 'permanent' : lost, said, status === undefined ? {} : { status });
}
