import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { QuorateError } from '../domain/failures.ts';

/** Where the compiled program lies, from the sources and from the build alike. */
const BUILT = new URL(import.meta.url.endsWith('.ts') ? '../dist/' : '../', import.meta.url);
const PROGRAM = new URL('api/parquet-program.js', BUILT);
const MEMORY_MB = 768;
// Beside the heap: Node itself, the file, its uncompressed pages, and arrays of numbers.
const OUTSIDE_HEAP_MB = 384;
const LIMIT_MS = 120_000;
const WAIT_MS = 20_000;
const RETRY_S = 10;
const EXPANSION = 32;
// Files of the greatest size whose rows may wait on the disk until they are stored.
const MAX_SPOOLED = 4;

interface Limits {
  readonly maxBytes: number;
  /** Of the heap of the process that reads it. */
  readonly memoryMb?: number;
  readonly limitMs?: number;
  /** How long others may be read first. */
  readonly waitMs?: number;
}

const failureSchema = z.object({ message: z.string(), code: z.enum(['payload_too_large', 'unavailable']).optional() });

let last: Promise<unknown> = Promise.resolve();
/** Bytes of all rows that are on the disk. */
let spooled = 0;

/**
 * A Parquet file's rows as NDJSON, in chunks. A few bytes may say that they are a billion values, and running out of memory
 * ends a process with all of its threads: files are read in a process of their own, one at a time, which may take so
 * much memory and time and no more. All rows are on the disk before the first is given, so that the next file need not
 * wait until they are stored. Throws QuorateError.
 */
export async function* parquetLines(
  file: Uint8Array,
  { maxBytes, memoryMb = MEMORY_MB, limitMs = LIMIT_MS, waitMs = WAIT_MS }: Limits,
): AsyncGenerator<Uint8Array> {
  const maxRowBytes = EXPANSION * maxBytes;
  const done = await turn(waitMs);
  let rows: FileHandle | undefined;
  let size = 0;
  try {
    try {
      if (spooled > (MAX_SPOOLED - 1) * maxRowBytes) throw notNow('as those of others are being stored');
      rows = await spool();
      const mostBytes = (memoryMb + OUTSIDE_HEAP_MB) * 2 ** 20;
      const args = [`--max-old-space-size=${memoryMb}`, fileURLToPath(PROGRAM), maxBytes, maxRowBytes, mostBytes];
      await decode({ file, rows, args: args.map(String), limitMs });
      size = (await rows.stat()).size;
      spooled += size;
    } finally {
      done();
    }
    yield* rows.createReadStream({ start: 0 }) as AsyncIterable<Uint8Array>;
  } finally {
    spooled -= size;
    await rows?.close();
  }
}

/** Waits until the file is the next to be read; to be called once the next one may be. */
async function turn(waitMs: number): Promise<() => void> {
  const before = last;
  let done = () => {};
  const mine = new Promise<void>((resolve) => {
    done = resolve;
  });
  last = before.then(() => mine);
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      done();
      reject(notNow('as others are being read'));
    }, waitMs);
    void before.then(() => {
      clearTimeout(late);
      resolve();
    });
  });
  return done;
}

/** A file that is gone with its handle. */
async function spool(): Promise<FileHandle> {
  const path = join(tmpdir(), `quorate-${randomUUID()}.ndjson`);
  try {
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    return handle;
  } catch (cause) {
    throw notNow('as the server can make no file for their rows', cause);
  }
}

async function decode(of: { file: Uint8Array; rows: FileHandle; args: string[]; limitMs: number }): Promise<void> {
  const { said, code, signal } = await run(of).catch((cause: unknown) => {
    throw notNow('as the process that reads them cannot be started', cause);
  });
  if (code === 0) return;
  // One that takes too long is killed, and so is one that takes too much; one whose heap is full says so.
  if (signal === 'SIGKILL' || /out of memory|Allocation failed/.test(said)) {
    const message = 'The Parquet file takes too much memory or time to read; send smaller files, or NDJSON.';
    throw new QuorateError('payload_too_large', message);
  }
  const failure = failureIn(said);
  if (!failure || failure.code === 'unavailable') {
    throw notNow('as the process that reads them failed', new Error(failure?.message ?? (said || `${signal ?? code}`)));
  }
  if (failure.code) throw new QuorateError(failure.code, failure.message);
  throw new QuorateError('invalid_input', `The Parquet file cannot be read: ${failure.message}.`);
}

/** Rejects where the process cannot be started. */
async function run({ file, rows, args, limitMs }: Parameters<typeof decode>[0]) {
  const child = spawn(process.execPath, args, { env: { NODE_NO_WARNINGS: '1' }, stdio: ['pipe', rows.fd, 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  try {
    // The program may end before it has read all; its exit code tells. Without a process there may be no streams.
    child.stdin?.on('error', () => undefined).end(file);
    const [[code, signal], said] = await Promise.all([once(child, 'close'), child.stderr ? text(child.stderr) : '']);
    return { said, code, signal } as { said: string; code: number | null; signal: NodeJS.Signals | null };
  } finally {
    clearTimeout(limit);
  }
}

/** What the program says before it ends; of one that was ended there is none. */
function failureIn(said: string): z.output<typeof failureSchema> | undefined {
  try {
    return failureSchema.parse(JSON.parse(said));
  } catch {
    return undefined;
  }
}

function notNow(why: string, cause?: unknown): QuorateError {
  const message = `Parquet files cannot be read just now, ${why}; try again soon, or send NDJSON.`;
  return new QuorateError('unavailable', message, { retryAfterS: RETRY_S, cause });
}
