/** A process that reads a Parquet file from its input and writes the rows to its output, a file, as NDJSON; see `parquetLines`. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { QuorateError } from '../domain/failures.ts';
import { parquetAsJson } from '../domain/formats/parquet-values.ts';

const MAX_GROUP_ROWS = 1_000_000;
const WRITE_CHARACTERS = 65_536;
const [maxBytes = 0, maxRowBytes = 0, maxMemoryBytes = 0] = process.argv.slice(2).map(Number);

async function* rows(): AsyncGenerator<unknown> {
  const body = await buffer(process.stdin);
  const file = body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    if (group.num_rows > MAX_GROUP_ROWS || group.total_byte_size > maxBytes) {
      const message = `A row group of a Parquet file may have at most ${MAX_GROUP_ROWS} rows and ${maxBytes} bytes; write smaller ones.`;
      throw new QuorateError('payload_too_large', message);
    }
    yield* await parquetReadObjects({ file, metadata, rowStart, rowEnd });
    rowStart = rowEnd;
  }
}

async function* lines(): AsyncGenerator<string> {
  let text = '';
  for await (const row of rows()) {
    text += `${JSON.stringify(parquetAsJson(row))}\n`;
    if (text.length < WRITE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield text;
}

const watch = new Worker(new URL('./parquet-watch.js', import.meta.url), { workerData: maxMemoryBytes });
await once(watch, 'online');
watch.unref();
try {
  let size = 0;
  for await (const text of lines()) {
    size += Buffer.byteLength(text);
    if (size > maxRowBytes) {
      const message = `The Parquet file holds more than ${maxRowBytes} bytes of rows; send smaller files, or NDJSON.`;
      throw new QuorateError('payload_too_large', message);
    }
    writeFileSync(process.stdout.fd, text);
  }
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  // What the system refuses, such as room on a full disk, is no fault of the file.
  const refused = error instanceof Error && 'syscall' in error ? 'unavailable' : undefined;
  const code = error instanceof QuorateError ? error.code : refused;
  process.stderr.write(JSON.stringify({ message, code }));
  process.exitCode = 1;
}
