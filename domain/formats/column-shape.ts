import { QuorateError } from '../failures.ts';
import { ByteNames } from './byte-names.ts';

/** The names that columns of answers and gold may have; the first that is there counts. */
export const COLUMN_NAMES = {
  task: ['task', 'item'],
  worker: ['worker'],
  /** A comparison's winner can be aggregated as a label, too. */
  label: ['label', 'winner'],
  left: ['left', 'item_a'],
  right: ['right', 'item_b'],
} as const;

/** A column to read: the first of `names` that the file has stands for it. */
export interface ColumnWish {
  readonly names: readonly string[];
  /** Columns that share a table give equal text equal ids. @default a table of its own */
  readonly table?: ByteNames;
  /** @default false */
  readonly optional?: boolean;
  /** Whether a cell may be empty. @default false */
  readonly mayBeEmpty?: boolean;
}

/** The distinct texts of a column, by id. */
export interface Names {
  readonly count: number;
  /** The UTF-8 of name id lies in the arena from `ends[id]` up to `ends[id + 1]`. */
  readonly arena: Uint8Array;
  readonly ends: Int32Array;
  names(): readonly string[];
}

export interface Column {
  /** The name in the file. */
  readonly name: string;
  /** From 1. */
  readonly number: number;
  /** The id of each row's text. */
  readonly ids: Int32Array;
  readonly table: Names;
}

export interface Columns<Wishes> {
  /** The line on which each row begins, from 1. */
  readonly line: Int32Array;
  /** By wish; an optional one is undefined where the file does not have it. */
  readonly columns: {
    readonly [K in keyof Wishes]: Wishes[K] extends { optional: true } ? Column | undefined : Column;
  };
}

/** A name as files are compared by: in lower case, without blanks around it. */
export const plainName = (name: string) => name.trim().toLowerCase();

/**
 * Which of a file's names (plain ones) stands for each wish; an optional one that it lacks is left out. One after the
 * other, so that the first wish that cannot be met is told of: `lacking` makes the error, of the names that would do.
 */
export function* wishedColumns(
  names: readonly string[],
  wishes: Readonly<Record<string, ColumnWish>>,
  lacking: (wanted: string) => QuorateError,
) {
  for (const [key, { names: wanted, table = new ByteNames(), mayBeEmpty = false, optional }] of Object.entries(
    wishes,
  )) {
    const name = wanted.find((each) => names.includes(each));
    if (name !== undefined) yield { key, name, number: names.indexOf(name) + 1, mayBeEmpty, table };
    else if (!optional) throw lacking(wanted.map((each) => JSON.stringify(each)).join(' or '));
  }
}

/** Columns by wish. */
export function byWish<Wishes>(columns: readonly (readonly [key: string, Column])[]): Columns<Wishes>['columns'] {
  // The keys of a record lose their type in `Object.fromEntries`.
  return Object.fromEntries(columns) as Columns<Wishes>['columns'];
}

/** An error about a place in a file, such as `answers.csv:7: column 3 (label) is empty.` */
export function inputError(place: { source: string; line?: number }, message: string): QuorateError {
  const { source, line } = place;
  return line === undefined
    ? new QuorateError('invalid_input', `${source}: ${message}`)
    : new QuorateError('invalid_input', `${source}:${line}: ${message}`, { details: { line } });
}

/** A cell of any size in a message: what is no CSV may well have a "header" of megabytes. */
export const shown = (cell: string) => JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell);
