import { once } from 'node:events';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { print, usageError } from '../output.ts';
import { fileProblem } from './files.ts';

/** Text collected before it is written: large enough that calls cost nothing, small enough to hold. */
const PIECE = 1 << 18;
/** File descriptors that every process has. */
const [STDIN, STDOUT] = [0, 1];

/** Where a result goes: the value of `--out`. */
export interface OutputFile {
  readonly isStandardOutput: boolean;
  /** Writes pieces, each before the next one is asked for. */
  write(pieces: Iterable<string | Uint8Array>): Promise<void>;
}

/**
 * The place that `--out` (or another `option`) names, looked at before the work is done: it must be writable, must not
 * be one of the files that are read (`inputs`) nor another's (unless `force`), and cannot be standard output where a JSON
 * document goes there. Undefined without `--out`.
 */
export function outputTo(
  file: string | undefined,
  given: {
    inputs: readonly (string | undefined)[];
    json?: boolean | undefined;
    option?: string;
    /** How a file begins that this command wrote: an older one of these is replaced unasked. */
    own: RegExp;
    force?: boolean | undefined;
  },
): OutputFile | undefined {
  if (file === undefined) return undefined;
  const { inputs, json = false, option = '--out', own, force } = given;
  if (file === '') throw usageError(`${option} is empty. Name a file, or - for standard output.`);
  if (leadsToStandardOutput(file)) {
    if (json) throw usageError(`--json and ${option} ${file} both want standard output. Name a file.`);
    return { isStandardOutput: true, write: writeToStandardOutput };
  }
  const there = statsOf(file);
  const same = inputs.find((input) => input !== undefined && there?.isFile() && isSame(there, inputStats(input)));
  if (same !== undefined) {
    const read = same === '-' ? 'standard input' : same;
    throw usageError(`${option} ${file} would overwrite what is read from ${read}. Name another file.`);
  }
  const isReplaced = requireWritable(file, there);
  requireOwn(file, (beginning) => own.test(beginning), force);
  return {
    isStandardOutput: false,
    async write(pieces) {
      try {
        if (isReplaced) replace(file, there, pieces);
        else writeAll(openSync(file, 'w'), pieces);
      } catch (error) {
        throw fileProblem(error, file);
      }
    },
  };
}

/**
 * Writes a result and tells of it; where it cannot be written (a full disk, say) the rest is told all the same, since it
 * may have taken hours, before the error is thrown.
 */
export async function writeAndTell(
  output: OutputFile | undefined,
  pieces: () => Iterable<string | Uint8Array>,
  tell: (isWritten: boolean) => void,
): Promise<void> {
  try {
    await output?.write(pieces());
  } catch (error) {
    tell(false);
    throw error;
  }
  tell(output !== undefined);
}

/** Prints lines for people, where the result has left standard output to them; else on standard error. */
export function printBeside(output: OutputFile | undefined, lines: readonly string[]): void {
  if (output?.isStandardOutput) process.stderr.write(`${lines.join('\n')}\n`);
  else print(lines);
}

/** Lines put together. */
export function* pieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

/** Refuses a file that is there and does not begin as what the command has written, unless `force`. */
export function requireOwn(file: string, isOwn: (beginning: string) => boolean, force = false): void {
  if (!force && statsOf(file)?.isFile() && !isOwn(beginningOf(file))) throw occupied(file);
}

/** What to say of a file that is there and that nobody asked us to replace. */
export function occupied(file: string): Error {
  return usageError(`${file} is there already, and is no older result of this command. Name another, or say --force.`);
}

/** Enough of a file to know whose it is. */
export function beginningOf(file: string, most = 256): string {
  try {
    const from = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(most);
      return bytes.toString('utf8', 0, readSync(from, bytes));
    } finally {
      closeSync(from);
    }
  } catch (error) {
    throw fileProblem(error, file);
  }
}

/** Writes pieces, each before the next one is asked for. */
export async function writeToStandardOutput(
  all: Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const given of all) {
    // A copy, as the next piece may come in the same bytes before these have left.
    const piece = typeof given === 'string' ? given : Buffer.from(given);
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
}

/** Whether `--out` names standard output: as `-`, or as the file that it goes to. */
export const leadsToStandardOutput = (file: string): boolean => file === '-' || isStandardOutput(statsOf(file));

/** /dev/stdout: opened by its name, a file that output is appended to would lose what it holds. */
function isStandardOutput(there: Stats | undefined): boolean {
  if (!there?.isFile() && !there?.isFIFO()) return false;
  return isSame(there, descriptorStats(STDOUT));
}

function inputStats(input: string): Stats | undefined {
  return input === '-' ? descriptorStats(STDIN) : statsOf(input);
}

const isSame = (a: Stats, b: Stats | undefined) => a.dev === b?.dev && a.ino === b.ino;

function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw fileProblem(error, file);
  }
}

function descriptorStats(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    // It is closed.
    return undefined;
  }
}

/**
 * Whether the file can be made beside the old one and put in its place when it is whole; else it is written where it is:
 * a device, a file that is another's or has other names, a folder that takes no new files. Throws where neither can be.
 */
function requireWritable(file: string, there: Stats | undefined): boolean {
  if (there?.isDirectory()) throw usageError(`${file}: it is a folder; name a file.`);
  const folder = dirname(file);
  if (!statsOf(folder)?.isDirectory()) throw usageError(`${file}: there is no folder ${folder}.`);
  if (there === undefined) {
    if (!mayWrite(folder)) throw usageError(`${folder}: this user may not write to it.`);
    return true;
  }
  if (!mayWrite(file)) throw usageError(`${file}: this user may not write to it.`);
  return (
    there.isFile() && there.nlink === 1 && there.uid === process.getuid?.() && mayWrite(dirname(realpathSync(file)))
  );
}

function mayWrite(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A name of its own for each process, so that two of them do not write into one file. */
function replace(file: string, there: Stats | undefined, all: Iterable<string | Uint8Array>): void {
  const target = there ? realpathSync(file) : file;
  const part = `${target}.${process.pid}.part`;
  try {
    const to = openSync(part, 'w');
    if (there) fchmodSync(to, there.mode);
    writeAll(to, all);
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function writeAll(to: number, all: Iterable<string | Uint8Array>): void {
  try {
    for (const piece of all) writeFileSync(to, piece);
  } finally {
    closeSync(to);
  }
}
