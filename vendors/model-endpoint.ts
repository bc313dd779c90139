import { z } from 'zod';
import { VendorError } from './errors.ts';
import { bearer, createHttp } from './http.ts';
import { patiently, type Waiting } from './patiently.ts';

export interface ModelEndpoint {
  readonly url: string;
  readonly timeoutMs: number;
  /** Most items in one request. */
  readonly batchSize: number;
  /** Sent as a bearer token to this endpoint alone. */
  readonly key?: string | undefined;
}

export interface ModelItem {
  readonly key: string;
  readonly payload: unknown;
}

const MAX_REQUEST_BYTES = 4_000_000;
const SUM_TOLERANCE = 1e-3;
/** Of a number as it is written, and of what is around an item's. */
const NUMBER_BYTES = 32;
const MIN_ANSWER_BYTES = 65_536;

const answerSchema = z.object({ probabilities: z.array(z.array(z.number().min(0).max(1))) });

/**
 * Asks a requester's own model for the probability of each class of each item (items x classes, rows sum to one).
 * `POST url` with `{"classes": […], "items": [{"key", "payload"}, …]}`; the answer is
 * `{"probabilities": [[…], …]}` in the order asked. Asked again where that may help; throws a VendorError that says what
 * was wrong. Only the URL's own host is called, and no redirect is followed.
 */
export async function askModel(
  endpoint: ModelEndpoint,
  asked: { readonly classes: readonly string[]; readonly items: readonly ModelItem[] },
  waiting: Waiting,
): Promise<Float64Array> {
  const { classes, items } = asked;
  const { url: baseUrl, timeoutMs, key = '' } = endpoint;
  const http = createHttp({ baseUrl, headers: bearer(key), secrets: [key], timeoutMs, isDiscreet: true });
  const probabilities = new Float64Array(items.length * classes.length);
  let at = 0;
  for (const batch of batches(items, endpoint.batchSize)) {
    const body = { classes, items: batch };
    const maxBytes = (batch.length + 1) * (classes.length + 1) * NUMBER_BYTES + MIN_ANSWER_BYTES;
    const { json } = await patiently(
      () => http({ method: 'POST', path: '', body, repeatable: true, maxBytes, signal: waiting.signal }),
      waiting,
    );
    probabilities.set(rowsOf(json, batch.length, classes.length), at);
    at += batch.length * classes.length;
    waiting.alive();
  }
  return probabilities;
}

/** As many items as fit a request, by number and by size. */
function* batches(items: readonly ModelItem[], most: number): Generator<ModelItem[]> {
  let batch: ModelItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = JSON.stringify(item).length;
    if (batch.length > 0 && (batch.length === most || bytes + size > MAX_REQUEST_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function rowsOf(json: unknown, items: number, classes: number): number[] {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) throw wrong('it must be {"probabilities": [[…], …]} with numbers from 0 to 1');
  const { probabilities } = parsed.data;
  if (probabilities.length !== items) throw wrong(`it has ${probabilities.length} rows for ${items} items`);
  return probabilities.flatMap((row, at) => {
    if (row.length !== classes) throw wrong(`row ${at} has ${row.length} numbers for ${classes} classes`);
    const sum = row.reduce((total, share) => total + share, 0);
    if (Math.abs(sum - 1) > SUM_TOLERANCE) throw wrong(`row ${at} sums to ${sum}, not to 1`);
    return row.map((share) => share / sum);
  });
}

function wrong(what: string): VendorError {
  return new VendorError('permanent', `The model's answer cannot be used: ${what}.`);
}
