import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { parseCsvRecord } from '../../domain/formats/csv.ts';
import { parseUsd } from '../../domain/money.ts';
import type { ApiClient } from '../client.ts';
import { CliError, usageError } from '../output.ts';
import { decode, fileProblem } from './files.ts';

export const EXPORT_FORMATS = ['jsonl', 'csv', 'parquet', 'dpo'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The option of commands that write a file. */
export const FORCE = ['--force', 'replace a file that is there, whatever it holds'] as const;

/** Adds a command that takes `--json`, as every command does. */
export function leaf(parent: Command, usage: string, description: string): Command {
  return parent.command(usage).description(description).option('--json', 'print one JSON document and nothing else');
}

/** A client of the stack that is to be used. Loaded when needed, as it brings the configuration's libraries. */
export async function client(): Promise<ApiClient> {
  const { connectClient } = await import('../client.ts');
  return connectClient();
}

/** The API's path of something with an id. */
export function pathOf(collection: 'campaigns' | 'tasks' | 'annotators', id: string, rest = ''): string {
  return `/v1/${collection}/${encodeURIComponent(id)}${rest}`;
}

/** An answer in the shape we rely on. */
export function expectShape<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map(String).join('.') || 'the answer';
  throw new CliError(
    `The server answered something unexpected (${place}: ${issue?.message ?? 'invalid'}). ` +
      'Are the server and this command of the same version?',
  );
}

/** Option parser: a whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const to = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number from ${least}${to}.`);
  };
}

/** Option parser: dollars, as micro-dollars; `field` is the option in what it says is wrong. */
export function usd(field: string): (text: string) => bigint {
  return (text) => parseUsd(text, { field });
}

/** Option parser: a number from 0 to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

/** Option parser: labels in their order, as a CSV record, or after an `@` the file that holds them, in one line or more. */
export function labelList(text: string): string[] {
  const labels = /^@./.test(text) ? labelsOf(text.slice(1)) : cellsOf(text, '');
  if (labels.includes('')) throw new InvalidArgumentError('It must be labels separated by commas, none of them empty.');
  const again = labels.find((label, at) => labels.indexOf(label) < at);
  if (again === undefined) return labels;
  throw new InvalidArgumentError(`It names ${JSON.stringify(again)} twice.`);
}

function labelsOf(file: string): string[] {
  try {
    const lines = decode(readFileSync(file), file).split(/\r?\n/);
    const labels = lines.flatMap((line, at) => (line.trim() === '' ? [] : cellsOf(line, `${file}:${at + 1}: `)));
    if (labels.length > 0) return labels;
  } catch (error) {
    throw fileProblem(error, file);
  }
  throw usageError(`${file}: it is empty.`);
}

/** The cells of a CSV record; `place` is where it stands. */
function cellsOf(record: string, place: string): string[] {
  const parsed = parseCsvRecord(record, 'trimmed');
  if ('cells' in parsed) return parsed.cells;
  throw new InvalidArgumentError(`${place}${parsed.fault}.`);
}

/** Option parser: names separated by commas. */
export function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new InvalidArgumentError('It must be names separated by commas, none of them empty.');
}

/** Refuses two files (by the option that names each) that are both to be read from standard input. */
export function requireOneStdin(files: Readonly<Record<string, string | undefined>>): void {
  const [one, other] = Object.keys(files).filter((option) => files[option] === '-');
  if (other === undefined) return;
  throw usageError(`${one} - and ${other} - both want standard input. Name a file.`);
}
