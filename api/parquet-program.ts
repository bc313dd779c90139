/** A process that reads a Parquet file from its input and writes the rows to its output, as NDJSON; see `parquetLines`. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { QuorateError } from '../domain/failures.ts';
import { parquetAsJson } from '../domain/formats/parquet-values.ts';

const MAX_GROUP_ROWS = 1_000_000;
const WRITE_CHARACTERS = 65_536;

async function* rows(maxBytes: number): AsyncGenerator<unknown> {
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

async function* lines(maxBytes: number): AsyncGenerator<string> {
  let text = '';
  for await (const row of rows(maxBytes)) {
    text += `${JSON.stringify(parquetAsJson(row))}\n`;
    if (text.length < WRITE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield text;
}

try {
  await pipeline(Readable.from(lines(Number(process.argv[2]))), process.stdout);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof QuorateError ? error.code : undefined;
  process.stderr.write(JSON.stringify({ message, code }));
  process.exitCode = 1;
}
