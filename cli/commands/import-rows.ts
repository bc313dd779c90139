import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { parquetAsJson } from '../../domain/formats/parquet-values.ts';
import { type ApiClient, ApiError } from '../client.ts';
import { usageError } from '../output.ts';
import { decode, fileProblem, nameOf, parseJsonText, readBytes } from './files.ts';
import { beginningOf } from './output-file.ts';
import { expectShape, pathOf } from './shared.ts';
import { type ImportAnswer, importAnswer } from './views.ts';

export const IMPORT_FORMATS = ['jsonl', 'json', 'csv', 'parquet'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

const LINES = 'application/x-ndjson';
/** What the server is sent: arrays and Parquet are read here, and sent as lines. */
const CONTENT_TYPES = { jsonl: LINES, json: LINES, csv: 'text/csv', parquet: LINES } as const;
const ENDINGS: readonly [RegExp, ImportFormat][] = [
  [/\.(jsonl|ndjson)$/i, 'jsonl'],
  [/\.json$/i, 'json'],
  [/\.csv$/i, 'csv'],
  [/\.parquet$/i, 'parquet'],
];
/** One JSON array is held in memory whole; lines are not. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;

/** The format of a file: as it is said, else by the file's ending. */
export function formatOf(file: string, said: string | undefined): ImportFormat {
  if (said !== undefined) {
    const format = IMPORT_FORMATS.find((each) => each === said.toLowerCase().replace('ndjson', 'jsonl'));
    if (format) return format;
    throw usageError(`--format is ${JSON.stringify(said)}; it must be ${IMPORT_FORMATS.join(', ')}.`);
  }
  if (file === '-')
    throw usageError(`Standard input has no ending to go by: say --format ${IMPORT_FORMATS.join('|')}.`);
  const found = ENDINGS.find(([ending]) => ending.test(file));
  if (found) return found[1];
  throw usageError(`${file}: the ending does not say what it is. Say --format ${IMPORT_FORMATS.join('|')}.`);
}

/** Bytes of a file; undefined for standard input and pipes, whose end is not known. */
export function sizeOf(file: string): number | undefined {
  if (file === '-') return undefined;
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw usageError(`${file}: it is a folder; name a file.`);
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    throw fileProblem(error, file);
  }
}

/**
 * Streams a file's rows into a campaign's pool in constant memory (a JSON array is read whole). Rows that the server
 * refuses are in the answer; a file none of whose rows can be used is an error, or an answer without accepted rows.
 */
export async function importRows(
  client: ApiClient,
  given: {
    campaignId: string;
    file: string;
    format: ImportFormat;
    /** @default 'items' */
    what?: 'items' | 'predictions';
    /** Most rejected rows that are listed; by default as many as the server lists by itself. */
    listed?: number;
    onBytes?: (bytes: number) => void;
  },
): Promise<ImportAnswer> {
  const { campaignId, file, format, what = 'items' } = given;
  const size = sizeOf(file);
  if (size === 0) throw usageError(`${nameOf(file)}: it is empty.`);
  if (size !== undefined && format !== 'parquet' && beginningOf(file).includes('\0')) {
    throw usageError(`${nameOf(file)}: it is not a text file in UTF-8.`);
  }
  const source = await chunksIn(file, format);
  const body = ReadableStream.from(counted(source, given.onBytes)) as unknown as ReadableStream<Uint8Array>;
  try {
    const path = pathOf(
      'campaigns',
      campaignId,
      `/${what}${given.listed === undefined ? '' : `?listed=${given.listed}`}`,
    );
    return expectShape(importAnswer, await client.upload(path, body, { contentType: CONTENT_TYPES[format] }));
  } catch (error) {
    throw ofUpload(error, file);
  }
}

async function chunksIn(file: string, format: ImportFormat): Promise<AsyncGenerator<Uint8Array>> {
  if (format === 'json') return arrayRows(await readArray(file));
  return format === 'parquet' ? parquetRows(file) : fileChunks(file);
}

/** The rows of a Parquet file as lines, a group of them in memory at a time. */
async function parquetRows(file: string): Promise<AsyncGenerator<Uint8Array>> {
  if (file === '-') throw usageError('A Parquet file is read from its end: name a file in place of -.');
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const source = await asyncBufferFromFile(file).catch((error: unknown) => {
    throw fileProblem(error, file);
  });
  const unreadable = (error: unknown) =>
    usageError(
      `${nameOf(file)}: it is no Parquet file that can be read: ${error instanceof Error ? error.message : error}`,
    );
  const metadata = await parquetMetadataAsync(source).catch((error: unknown) => {
    throw unreadable(error);
  });
  if (metadata.num_rows === 0n) throw usageError(`${nameOf(file)}: it has no rows.`);
  return (async function* () {
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const rows = await parquetReadObjects({ file: source, metadata, rowStart, rowEnd }).catch((error: unknown) => {
        throw unreadable(error);
      });
      yield* arrayRows(rows.map(parquetAsJson));
      rowStart = rowEnd;
    }
  })();
}

function ofUpload(error: unknown, file: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const { code, problem, status } = error;
  if (Array.isArray(problem.rejected)) return new FruitlessImport(expectShape(importAnswer, problem));
  if (code === 'malformed_request' && /no rows/.test(error.message))
    return usageError(`${nameOf(file)}: it has no rows.`);
  if (status === 413 || status === 415 || status === 422 || status === 400) {
    return usageError(`${nameOf(file)}: ${error.message}`);
  }
  return error;
}

/** The server could use no row at all. */
export class FruitlessImport extends Error {
  readonly answer: ImportAnswer;

  constructor(answer: ImportAnswer) {
    super('No row could be imported.');
    this.answer = answer;
  }
}

/** A file's bytes. It is opened before anything is sent: nobody shall be asked for a file that cannot be read. */
async function fileChunks(file: string): Promise<AsyncGenerator<Uint8Array>> {
  try {
    const opened = file === '-' ? undefined : await open(file);
    return chunksOf(opened?.createReadStream({ highWaterMark: 256 * 1024 }) ?? process.stdin, file);
  } catch (error) {
    throw fileProblem(error, file);
  }
}

async function* chunksOf(source: Readable, file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* source as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw fileProblem(error, file);
  }
}

async function readArray(file: string): Promise<unknown[]> {
  const size = sizeOf(file) ?? 0;
  if (size > MAX_JSON_BYTES) throw usageError(`${file}: too large for one JSON array. Write one row a line (.jsonl).`);
  const rows = parseJsonText(decode(await readBytes(file), nameOf(file)), nameOf(file));
  if (!Array.isArray(rows)) throw usageError(`${nameOf(file)}: it must be a JSON array of rows.`);
  if (rows.length === 0) throw usageError(`${nameOf(file)}: it has no rows.`);
  return rows;
}

/** One row a line, so that a line's number is the row's position. */
async function* arrayRows(rows: readonly unknown[]): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < rows.length; from += 500) {
    yield Buffer.from(
      `${rows
        .slice(from, from + 500)
        .map((row) => JSON.stringify(row))
        .join('\n')}\n`,
    );
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    onBytes?.(bytes);
    yield chunk;
  }
}
