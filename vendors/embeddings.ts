import { z } from 'zod';
import { VendorError } from './errors.ts';
import { bearer, createHttp } from './http.ts';
import { patiently, type Waiting } from './patiently.ts';

export interface EmbeddingsEndpoint {
  /** The whole address, such as https://api.example.org/v1/embeddings. */
  readonly url: string;
  readonly model: string;
  readonly timeoutMs: number;
  /** Most texts in one request. */
  readonly batchSize: number;
  /** Sent as a bearer token to this endpoint alone. */
  readonly key?: string | undefined;
}

const MAX_REQUEST_CHARACTERS = 400_000;
const MAX_DIMS = 4096;
/** Of a number as it is written, and of what is around a text's. */
const NUMBER_BYTES = 32;

const answerSchema = z.object({
  data: z.array(z.object({ index: z.number().int().min(0), embedding: z.array(z.number()).min(2).max(MAX_DIMS) })),
});

/**
 * Embeddings of texts by an OpenAI-compatible endpoint, in the order given; `onBatch` has those of each request as it is
 * answered. Asked again where that may help; throws a VendorError that says what was wrong. Only the URL's own host is
 * called, and no redirect is followed.
 */
export async function embed(
  endpoint: EmbeddingsEndpoint,
  texts: readonly string[],
  onBatch: (from: number, vectors: readonly Float32Array[]) => Promise<void>,
  waiting: Waiting,
): Promise<void> {
  const { url, model, timeoutMs, batchSize, key = '' } = endpoint;
  const http = createHttp({ baseUrl: url, headers: bearer(key), secrets: [key], timeoutMs, isDiscreet: true });
  for (let from = 0; from < texts.length; ) {
    const input = batchOf(texts, from, batchSize);
    const body = { model, input, encoding_format: 'float' };
    const maxBytes = (input.length + 1) * MAX_DIMS * NUMBER_BYTES;
    const { json } = await patiently(
      () => http({ method: 'POST', path: '', body, repeatable: true, maxBytes, signal: waiting.signal }),
      waiting,
    );
    await onBatch(from, vectorsOf(json, input.length));
    from += input.length;
    waiting.alive();
  }
}

/** As many texts as fit a request, by number and by size. */
function batchOf(texts: readonly string[], from: number, most: number): string[] {
  const batch: string[] = [];
  let characters = 0;
  for (const text of texts.slice(from, from + most)) {
    if (batch.length > 0 && characters + text.length > MAX_REQUEST_CHARACTERS) break;
    batch.push(text);
    characters += text.length;
  }
  return batch;
}

function vectorsOf(json: unknown, count: number): Float32Array[] {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) throw wrong('it must be {"data": [{"index", "embedding": […]}, …]} with numbers');
  const vectors: (Float32Array | undefined)[] = Array.from({ length: count });
  for (const { index, embedding } of parsed.data.data) {
    if (index >= count) throw wrong(`it has an embedding ${index} for ${count} texts`);
    if (vectors[index]) throw wrong(`it has two embeddings ${index}`);
    vectors[index] = Float32Array.from(embedding);
  }
  const all = vectors.flatMap((vector) => vector ?? []);
  if (all.length !== count) throw wrong(`it has ${all.length} embeddings for ${count} texts`);
  const dims = all[0]?.length;
  const odd = all.find((vector) => vector.length !== dims);
  if (odd) throw wrong(`its embeddings have ${dims} and ${odd.length} numbers`);
  if (!all.every((vector) => vector.every(Number.isFinite)))
    throw wrong('an embedding holds a number that is not finite');
  return all;
}

function wrong(what: string): VendorError {
  return new VendorError('permanent', `The embeddings cannot be used: ${what}.`);
}
