import type { QuorateError } from '../failures.ts';
import { type ByteNames, grown } from './byte-names.ts';
import { byWish, type Columns, type ColumnWish, inputError, plainName, shown, wishedColumns } from './column-shape.ts';
import { headerHint } from './csv.ts';
import { CsvScanner, utf8Text } from './csv-scanner.ts';
import { binaryKind, isJsonArray, isJsonObject } from './file-kind.ts';
import { jsonNames, readJsonColumns } from './json-columns.ts';
import type { TableReader } from './kernel-table.ts';

/**
 * Chosen columns of a CSV file with a header, as ids of their distinct texts; other columns are passed over. Works on the
 * bytes: a record without quotes inside a cell makes no strings. Blanks around a cell without quotes are dropped, and
 * blank lines passed over; a byte order mark and CRLF are understood. A file of JSON objects, one a line, is read likewise (`readJsonColumns`). Throws QuorateError
 * (`invalid_input`) that names `source`, line and column for whatever is wrong. With a `reader` plain tables are read by
 * that, which gives the same and is faster.
 */
export function readColumns<const Wishes extends Record<string, ColumnWish>>(
  bytes: Uint8Array,
  source: string,
  wishes: Wishes,
  reader?: TableReader,
): Columns<Wishes> {
  const start = textStart(bytes, source);
  if (isJsonObject(bytes, start)) return readJsonColumns(bytes, start, { source, wishes });
  const scanner = new CsvScanner(bytes, start);
  const header = readHeader(scanner, source);
  const chosen = choose(header.cells, wishes, { source, line: header.line });
  const plain = reader && readPlain(scanner, chosen, { wishes, reader, width: header.cells.length });
  if (plain) return { line: plain.line, columns: byWish<Wishes>(plain.columns) };
  const line = readRows(scanner, chosen, { source, columns: header.cells.length });
  const columns = chosen.map(({ key, name, number, table, ids }) => {
    return [key, { name, number, table, ids: ids.subarray(0, line.length) }] as const;
  });
  return { line, columns: byWish<Wishes>(columns) };
}

/** By a reader of plain tables, which keeps each column's texts in a table of its own and knows no empty cells. */
function readPlain(
  { bytes, at, line: first }: CsvScanner,
  chosen: readonly Chosen[],
  { wishes, reader, width }: { wishes: Readonly<Record<string, ColumnWish>>; reader: TableReader; width: number },
) {
  if (Object.values(wishes).some(({ table, mayBeEmpty }) => table !== undefined || mayBeEmpty)) return undefined;
  const plain = reader(
    bytes.subarray(at),
    width,
    chosen.map(({ number }) => number - 1),
  );
  if (!plain) return undefined;
  const line = new Int32Array(plain.rows);
  for (let row = 0; row < line.length; row++) line[row] = first + row;
  const columns = chosen.flatMap(({ key, name, number }, at) => {
    const column = plain.columns[at];
    return column ? [[key, { name, number, ...column }] as const] : [];
  });
  return { line, columns };
}

/** The names in a file's header, in lower case. */
export function headerNames(bytes: Uint8Array, source: string): string[] {
  const start = textStart(bytes, source);
  if (isJsonObject(bytes, start)) return jsonNames(bytes, start, source);
  const { cells } = readHeader(new CsvScanner(bytes, start), source);
  return cells.map(plainName);
}

/** Behind the byte order mark, if there is one. Says what the file is where it is neither CSV nor JSON Lines. */
function textStart(bytes: Uint8Array, source: string): number {
  const [a, b, c] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw inputError({ source, line: 1 }, 'the text is UTF-16. Save the file as UTF-8.');
  }
  const kind = binaryKind(bytes);
  if (kind !== undefined) throw inputError({ source }, `it is ${kind}. Write CSV or JSON Lines.`);
  const start = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
  if (isJsonArray(bytes, start)) throw inputError({ source }, 'it is a JSON array. Write one object a line, or CSV.');
  return start;
}

function readHeader(scanner: CsvScanner, source: string): { cells: readonly string[]; line: number } {
  scanner.skipBlankLines();
  if (scanner.done) throw inputError({ source }, 'it is empty; its first line must name the columns.');
  const { line } = scanner;
  const record = scanner.record();
  if ('fault' in record) throw inputError({ source, line }, `the header cannot be read: ${record.fault}.`);
  return { cells: record.cells, line };
}

interface Chosen {
  readonly key: string;
  readonly name: string;
  readonly number: number;
  readonly mayBeEmpty: boolean;
  readonly table: ByteNames;
  ids: Int32Array;
  /** The id in the record being read. */
  id: number;
}

function choose(
  header: readonly string[],
  wishes: Readonly<Record<string, ColumnWish>>,
  place: { source: string; line: number },
): Chosen[] {
  const names = header.map(plainName);
  const lacking = (wanted: string) =>
    inputError(place, `the header has no column ${wanted}; it has ${listed(header)}.${headerHint(header)}`);
  return Array.from(wishedColumns(names, wishes, lacking), (column) => {
    const { name, number } = column;
    if (names.lastIndexOf(name) !== number - 1) {
      throw inputError(place, `the header names the column ${JSON.stringify(name)} twice.`);
    }
    return { ...column, ids: new Int32Array(1024), id: 0 };
  });
}

/** The names in a header, so far as a message can hold them. */
function listed(header: readonly string[]): string {
  const first = header.slice(0, MOST_NAMED).map(shown).join(', ');
  return header.length > MOST_NAMED ? `${first} and ${header.length - MOST_NAMED} more` : first;
}
const MOST_NAMED = 12;

/** Reads all rows into the chosen columns; returns their lines. */
function readRows(
  scanner: CsvScanner,
  chosen: readonly Chosen[],
  { source, columns }: { source: string; columns: number },
): Int32Array {
  const byPlace: (Chosen | undefined)[] = Array.from({ length: columns }, (_, at) =>
    chosen.find(({ number }) => number === at + 1),
  );
  let lines: Int32Array = new Int32Array(1024);
  let rows = 0;
  for (;;) {
    scanner.skipBlankLines();
    if (scanner.done) return lines.subarray(0, rows);
    const { at, line } = scanner;
    let cells = 0;
    let isPlain = true;
    do {
      isPlain = scanner.cell();
      if (!isPlain) break;
      const column = byPlace[cells++];
      if (column) {
        if (scanner.from === scanner.to && !column.mayBeEmpty) throw emptyCell(column, { source, line });
        column.id = intern(column, scanner, { source, line });
      }
    } while (!scanner.isLast);
    if (!isPlain) {
      scanner.at = at;
      scanner.line = line;
      cells = readHardRecord(scanner, chosen, { source, line });
    }
    if (cells !== columns) {
      throw inputError({ source, line }, `the row has ${cells} columns, but the header has ${columns}.`);
    }
    if (rows === lines.length) {
      // As many as there will be if the rest is like what was read: growing in small steps costs more than reading.
      const size = Math.ceil(rows * Math.max(1.1, (1.02 * scanner.bytes.length) / scanner.at));
      lines = grown(lines, size);
      for (const column of chosen) column.ids = grown(column.ids, size);
    }
    lines[rows] = line;
    for (const column of chosen) column.ids[rows] = column.id;
    rows++;
  }
}

/** Reads a record with quotes inside a cell, through strings; returns how many cells it has. */
function readHardRecord(
  scanner: CsvScanner,
  chosen: readonly Chosen[],
  place: { source: string; line: number },
): number {
  const record = scanner.record();
  if ('fault' in record) throw inputError(place, `${record.fault}.`);
  for (const column of chosen) {
    const text = record.cells[column.number - 1] ?? '';
    if (text === '' && !column.mayBeEmpty) throw emptyCell(column, place);
    column.id = column.table.internText(text);
  }
  return record.cells.length;
}

function intern({ table, name, number }: Chosen, scanner: CsvScanner, place: { source: string; line: number }): number {
  const known = table.count;
  const { bytes, from, to, isAscii } = scanner;
  const id = table.intern(bytes, from, to, scanner.hash);
  // Looked at once for each distinct text.
  if (!isAscii && table.count > known && utf8Text(bytes.subarray(from, to)) === undefined) {
    throw inputError(place, `column ${number} (${name}) is not valid UTF-8. Save the file as UTF-8.`);
  }
  return id;
}

function emptyCell({ name, number }: Chosen, place: { source: string; line: number }): QuorateError {
  return inputError(place, `column ${number} (${name}) is empty.`);
}
