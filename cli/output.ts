import { QuorateError } from '../domain/failures.ts';
import type { Band } from '../domain/planning/plan.ts';
import { RuntimeProblem } from '../runtime/problem.ts';

export const EXIT = { success: 0, failure: 1, usage: 2 } as const;

/** A failure of a command: one or two plain lines for the person, and the exit code. */
export class CliError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = EXIT.failure, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** Wrong usage or input: exit code 2. */
export function usageError(message: string): CliError {
  return new CliError(message, EXIT.usage);
}

const INPUT_STATUS = new Set([400, 404, 413, 415, 422]);

/** Exit code for an HTTP status: 2 where what was sent is wrong, 1 where the stack or its state is. */
export function exitCodeOf(status: number, code?: unknown): 1 | 2 {
  // A conflict with the state, but one that only another amount can mend.
  return INPUT_STATUS.has(status) || code === 'budget_below_spent' ? EXIT.usage : EXIT.failure;
}

/** What to print for anything thrown, and the exit code; the stack trace only where `debug` asks for it. */
export function explain(error: unknown, debug = false): { text: string; exitCode: 1 | 2 } {
  const stack = debug && error instanceof Error && error.stack ? `\n${error.stack}` : '';
  if (error instanceof CliError) return { text: error.message + stack, exitCode: error.exitCode };
  if (error instanceof QuorateError)
    return { text: error.message + stack, exitCode: exitCodeOf(error.httpStatus, error.code) };
  if (error instanceof RuntimeProblem) {
    return { text: error.message + stack, exitCode: error.code === 'invalid_config' ? EXIT.usage : EXIT.failure };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = debug ? '' : '\nThis is a bug in Quorate; QUORATE_LOG_LEVEL=debug shows where it happened.';
  return { text: `Unexpected error: ${message}${hint}${stack}`, exitCode: EXIT.failure };
}

export type Cell = string | number | null | undefined;

/** Rows as aligned columns; numbers to the right. No rows give no lines. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  if (rows.length === 0) return [];
  const text = rows.map((row) => head.map((_, at) => oneLine(row[at])));
  const right = head.map((_, at) => rows.every((row) => typeof row[at] === 'number'));
  const widths = head.map((title, at) => Math.max(title.length, ...text.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (right[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), ...text.map(line)];
}

/** A share as percent with a tenth. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** The median, and what eight of ten campaigns come to. */
export const banded = ({ p10, p50, p90 }: Band, show: (value: number) => string): string =>
  `${show(p50)} (${show(p10)} to ${show(p90)})`;

/** Names and values below each other, values aligned; entries without a value are left out. */
export function facts(entries: readonly (readonly [name: string, value: Cell])[]): string[] {
  const shown = entries.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}`);
}

/** One line that a terminal shows as it is: what others wrote must not move the cursor or change colours. */
export function oneLine(value: Cell): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out here.
  return String(value ?? '').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** Writes lines to standard output. */
export function print(lines: string | readonly string[]): void {
  process.stdout.write(`${typeof lines === 'string' ? lines : lines.join('\n')}\n`);
}

/** The one JSON document of a command with `--json`. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}
