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

/** What is done about the requests that texts are asked for in, one after another. */
export interface Requests {
  /** Before one is sent; throws where it must not be. `most` tokens cannot be exceeded. */
  readonly before?: (most: number) => Promise<void>;
  /** With the vectors of each as it is answered, and the tokens that it took. */
  readonly onBatch: (from: number, vectors: readonly Float32Array[], tokens: number) => Promise<void>;
}

/** A text may be as many tokens as it has bytes, and one that begins and one that ends it. */
const MARKS = 2;
/** Of usual texts a token has so many bytes: what is taken where an endpoint does not say. */
const USUAL_BYTES = 4;
const MAX_REQUEST_CHARACTERS = 400_000;
const MAX_DIMS = 4096;
/** Of a number as it is written, and of what is around a text's. */
const NUMBER_BYTES = 32;

const answerSchema = z.object({
  usage: z
    .object({ prompt_tokens: z.number().optional(), total_tokens: z.number().optional() })
    .optional()
    .catch(undefined),
  data: z.array(z.object({ index: z.number().int().min(0), embedding: z.array(z.number()).min(2).max(MAX_DIMS) })),
});

/**
 * Embeddings of texts by an OpenAI-compatible endpoint, in the order given, request by request. Asked again where that may
 * help; throws a VendorError that says what was wrong. Only the URL's own host is called, and no redirect is followed.
 */
export async function embed(
  endpoint: EmbeddingsEndpoint,
  texts: readonly string[],
  { before, onBatch }: Requests,
  waiting: Waiting,
): Promise<void> {
  const { url, model, timeoutMs, batchSize, key = '' } = endpoint;
  const http = createHttp({ baseUrl: url, headers: bearer(key), secrets: [key], timeoutMs, isDiscreet: true });
  for (let from = 0; from < texts.length; ) {
    const input = batchOf(texts, from, batchSize);
    const body = { model, input, encoding_format: 'float' };
    const bytes = input.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const most = bytes + MARKS * input.length;
    await before?.(most);
    const maxBytes = (input.length + 1) * MAX_DIMS * NUMBER_BYTES;
    const { json } = await patiently(
      () => http({ method: 'POST', path: '', body, repeatable: true, maxBytes, signal: waiting.signal }),
      waiting,
    );
    const { vectors, tokens = Math.ceil(bytes / USUAL_BYTES) } = read(json, input.length);
    await onBatch(from, vectors, Math.min(most, Math.max(0, Math.ceil(tokens))));
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

function read(json: unknown, count: number): { vectors: Float32Array[]; tokens: number | undefined } {
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
  const { usage } = parsed.data;
  return { vectors: all, tokens: usage?.prompt_tokens ?? usage?.total_tokens };
}

function wrong(what: string): VendorError {
  return new VendorError('permanent', `The embeddings cannot be used: ${what}.`);
}
