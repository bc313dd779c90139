import type { ByteNames } from './byte-names.ts';
import { byWish, type Columns, type ColumnWish, inputError, plainName, shown, wishedColumns } from './column-shape.ts';
import { jsonFault } from './json-fault.ts';

const LF = 0x0a;

/** What a reader of lines says of an object that goes on in the next one. */
export const WHOLE_OBJECTS = ' Write each object on one line.';

type Row = Readonly<Record<string, unknown>>;

/** The names of the first object's members, in lower case. */
export function jsonNames(bytes: Uint8Array, at: number, source: string): string[] {
  for (const { row } of objects(bytes, at, source)) return Object.keys(row).map(plainName);
  return [];
}

/**
 * Chosen members of the objects of a JSON Lines file, as `readColumns` reads a CSV file: true and false are read as these
 * words, a number as the shortest text that stands for it (1.0 as "1": what must keep its form belongs in quotes); null
 * and missing members are empty. The first object says which names the file uses.
 * Throws QuorateError (`invalid_input`) that names `source`, line and member for whatever is wrong.
 */
export function readJsonColumns<const Wishes extends Record<string, ColumnWish>>(
  bytes: Uint8Array,
  at: number,
  { source, wishes }: { source: string; wishes: Wishes },
): Columns<Wishes> {
  const lines: number[] = [];
  let chosen: Chosen[] | undefined;
  for (const { row, line } of objects(bytes, at, source)) {
    const place = { source, line };
    chosen ??= choose(Object.keys(row), wishes, place);
    const members = new Map(Object.entries(row).map(([name, value]) => [plainName(name), value]));
    for (const column of chosen)
      column.ids.push(column.table.internText(textOf(members.get(column.name), column, place)));
    lines.push(line);
  }
  const columns = (chosen ?? []).map(({ key, name, number, table, ids }) => {
    return [key, { name, number, table, ids: Int32Array.from(ids) }] as const;
  });
  return { line: Int32Array.from(lines), columns: byWish<Wishes>(columns) };
}

/** The objects with their lines; blank lines are passed over. */
function* objects(bytes: Uint8Array, at: number, source: string): Generator<{ row: Row; line: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let from = at, line = 1; from < bytes.length; line++) {
    const feed = bytes.indexOf(LF, from);
    const to = feed < 0 ? bytes.length : feed;
    const piece = bytes.subarray(from, to);
    from = to + 1;
    let text: string;
    try {
      text = decoder.decode(piece);
    } catch {
      throw inputError({ source, line }, 'the text is not valid UTF-8; save the file as UTF-8.');
    }
    if (text.trim() !== '') yield { row: objectOf(text, { source, line }), line };
  }
}

function objectOf(text: string, place: { source: string; line: number }): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const fault = jsonFault(text);
    if (!fault) throw error;
    throw inputError(
      place,
      `column ${fault.column}: not valid JSON: ${fault.reason}.${fault.isEnd ? WHOLE_OBJECTS : ''}`,
    );
  }
  if (isRow(value)) return value;
  throw inputError(place, 'it is no JSON object; in JSON Lines each line is one, such as {"task":"t1"}.');
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Chosen {
  readonly key: string;
  readonly name: string;
  readonly number: number;
  readonly mayBeEmpty: boolean;
  readonly table: ByteNames;
  readonly ids: number[];
}

function choose(
  keys: readonly string[],
  wishes: Readonly<Record<string, ColumnWish>>,
  place: { source: string; line: number },
): Chosen[] {
  const lacking = (wanted: string) =>
    inputError(place, `the object has no ${wanted}; it has ${keys.slice(0, 12).map(shown).join(', ')}.`);
  return Array.from(wishedColumns(keys.map(plainName), wishes, lacking), (column) => ({ ...column, ids: [] }));
}

function textOf(value: unknown, { name, mayBeEmpty }: Chosen, place: { source: string; line: number }): string {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw inputError(
      place,
      `${JSON.stringify(name)} is a number too large to be told from its neighbours; write it in quotes.`,
    );
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && value !== '') return value;
  if (value !== undefined && value !== null && value !== '') {
    throw inputError(place, `${JSON.stringify(name)} is a list or an object; it must be text or a number.`);
  }
  if (mayBeEmpty) return '';
  throw inputError(place, `${JSON.stringify(name)} is ${value === undefined ? 'missing' : 'empty'}.`);
}
