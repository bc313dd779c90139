import { readFile } from 'node:fs/promises';
import { getSystemErrorMap } from 'node:util';
import { jsonFault } from '../../domain/formats/json-fault.ts';
import { CliError, EXIT, usageError } from '../output.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not access it',
  EPERM: 'this user may not access it',
  EISDIR: 'it is a folder; name a file',
  ENOTDIR: 'a part of its path is not a folder',
  EROFS: 'its disk can only be read',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
};
/** What a connection says, and no file. */
const NETWORK = /^(ECONN|EHOST|ENET|EADDR|ETIMEDOUT|EPIPE)/;

/** An error of the file system as a sentence that names the file; any other error as it is. */
export function fileProblem(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (error instanceof CliError || typeof code !== 'string') return error;
  if (code === 'ENOSPC')
    return new CliError(`${file}: the disk is full. Free some space and run it again.`, EXIT.failure);
  const reason = REASONS[code];
  if (reason !== undefined) return usageError(`${file}: ${reason}.`);
  const said =
    error instanceof Error && 'errno' in error ? getSystemErrorMap().get(Number(error.errno))?.[1] : undefined;
  if (said === undefined || NETWORK.test(code)) return error;
  return new CliError(`${nameOf(file)}: ${said} (${code}).`, EXIT.failure, { cause: error });
}

/** The bytes of a file, or of standard input for `-`. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    if (file !== '-') return await readFile(file);
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
    return Buffer.concat(chunks);
  } catch (error) {
    throw fileProblem(error, file);
  }
}

/** A text file, or standard input for `-`. What is not UTF-8 is refused with the line it is on. */
export async function readText(file: string): Promise<string> {
  return decode(await readBytes(file), nameOf(file));
}

/** UTF-8 text without a byte order mark, or an error that names `source` and the line. */
export function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usageError(`${source}:${badLine(bytes)}: the text is not valid UTF-8. Save the file as UTF-8.`);
  }
}

/** JSON, or an error that names `source`, line and column. */
export function parseJsonText(text: string, source: string): unknown {
  if (text.trim() === '') throw usageError(`${source}: it is empty.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    const fault = jsonFault(text);
    if (!fault) throw error;
    throw usageError(`${source}:${fault.line}:${fault.column}: not valid JSON: ${fault.reason}.`);
  }
}

/** How messages name a file argument. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** The first line that is no UTF-8, from 1: a line's bytes can be judged alone, as a newline is never part of a character. */
function badLine(bytes: Uint8Array): number {
  let from = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, end < 0 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    from = end + 1;
  }
}
