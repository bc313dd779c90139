import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { QuorateError } from '../domain/failures.ts';

/** Where the compiled program lies, from the sources and from the build alike. */
const BUILT = new URL(import.meta.url.endsWith('.ts') ? '../dist/' : '../', import.meta.url);
const PROGRAM = new URL('api/parquet-program.js', BUILT);
const MEMORY_MB = 768;
const LIMIT_MS = 120_000;
const EXPANSION = 32;

const failureSchema = z.object({ message: z.string(), code: z.literal('payload_too_large').optional() });

/** What the program says before it ends; of one that was ended there is none. */
function failureIn(said: string): z.output<typeof failureSchema> | undefined {
  try {
    return failureSchema.parse(JSON.parse(said));
  } catch {
    return undefined;
  }
}

let last: Promise<unknown> = Promise.resolve();

/**
 * A Parquet file's rows as NDJSON, in chunks. A few bytes may say that they are a billion values, and running out of memory
 * ends a process with all of its threads: files are read in a process of their own, one at a time, which may take so
 * much memory and time and no more. Throws QuorateError.
 */
export async function* parquetLines(
  file: Uint8Array,
  { maxBytes, memoryMb = MEMORY_MB, limitMs = LIMIT_MS }: { maxBytes: number; memoryMb?: number; limitMs?: number },
): AsyncGenerator<Uint8Array> {
  const before = last;
  let done = () => {};
  last = new Promise<void>((resolve) => {
    done = resolve;
  });
  try {
    await before;
    yield* linesOf(file, { maxBytes, memoryMb, limitMs });
  } finally {
    done();
  }
}

async function* linesOf(
  file: Uint8Array,
  { maxBytes, memoryMb, limitMs }: { maxBytes: number; memoryMb: number; limitMs: number },
): AsyncGenerator<Uint8Array> {
  const args = [`--max-old-space-size=${memoryMb}`, fileURLToPath(PROGRAM), String(maxBytes)];
  const child = spawn(process.execPath, args, { env: { NODE_NO_WARNINGS: '1' }, stdio: 'pipe' });
  const ended = once(child, 'close');
  const said = text(child.stderr);
  // The program may end before it has read all; its exit code tells.
  child.stdin.on('error', () => undefined).end(file);
  // Of the time that it is waited for: while its rows are stored it waits itself.
  let leftMs = limitMs;
  let sinceMs = performance.now();
  const timer = () => setTimeout(() => child.kill('SIGKILL'), leftMs);
  let limit = timer();
  let size = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) {
      clearTimeout(limit);
      leftMs -= performance.now() - sinceMs;
      size += chunk.length;
      if (size > EXPANSION * maxBytes) throw tooMuch(`holds more than ${EXPANSION * maxBytes} bytes of rows`);
      yield chunk;
      sinceMs = performance.now();
      limit = timer();
    }
    const [code] = await ended;
    if (code === 0) return;
    const failure = failureIn(await said);
    if (!failure) throw tooMuch('takes too much memory or time to read');
    if (failure.code) throw new QuorateError(failure.code, failure.message);
    throw new QuorateError('invalid_input', `The Parquet file cannot be read: ${failure.message}.`);
  } finally {
    clearTimeout(limit);
    child.kill('SIGKILL');
  }
}

function tooMuch(what: string): QuorateError {
  return new QuorateError('payload_too_large', `The Parquet file ${what}; send smaller files, or NDJSON.`);
}
