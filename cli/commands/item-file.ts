import { binaryKind, isJsonArray } from '../../domain/formats/file-kind.ts';
import { WHOLE_OBJECTS } from '../../domain/formats/json-columns.ts';
import { jsonFault } from '../../domain/formats/json-fault.ts';
import type { VectorMath } from '../../domain/learning/vector-math.ts';
import { usageError } from '../output.ts';
import { decode, nameOf, readBytes } from './files.ts';
import { mathFor, readVectors } from './vector-file.ts';

/** What a file says of items: all texts, or all vectors. */
export interface ItemFile {
  readonly source: string;
  readonly count: number;
  readonly texts?: readonly string[];
  /** count x dims. */
  readonly vectors?: { readonly values: Float32Array; readonly dims: number; readonly math?: VectorMath };
  /** Undefined where a line has no label. */
  readonly labels: readonly (string | undefined)[];
  /** Line of each item, from 1; empty for .npy. */
  readonly lines: readonly number[];
}

/** Items of a `.npy` file of vectors, or of lines of {"text","label"} or {"features":[…],"label"}; `-` reads standard input. */
export async function readItems(file: string, options: { labelled: boolean }): Promise<ItemFile> {
  const source = nameOf(file);
  if (file.toLowerCase().endsWith('.npy')) {
    if (options.labelled)
      throw usageError(`${source}: a .npy file has no labels; write lines of {"features","label"}.`);
    const {
      npy: { rows, dims, values },
      math,
    } = readVectors(file);
    if (rows === 0) throw usageError(`${source}: it has no items.`);
    if (dims === 0) throw usageError(`${source}: its rows hold no numbers.`);
    const labels = new Array<undefined>(rows).fill(undefined);
    return { source, count: rows, vectors: { values, dims, math }, labels, lines: [] };
  }
  const rows = [...linesOf(await readBytes(file), source)];
  if (rows.length === 0) throw usageError(`${source}: it has no items.`);
  noteBothKinds(rows);
  return itemsOf(rows, source, options.labelled);
}

/**
 * Items that are labelled or on their way: lines as of a pool, or {"index","label"} that name an item of `pool` by its
 * place from 0. They come back in full; a line without a label is an item on its way.
 */
export async function readKnown(file: string, pool: ItemFile): Promise<ItemFile> {
  const source = nameOf(file);
  /** By place in the pool: the first line that labels it. */
  const labelled = new Map<number, { readonly label: string; readonly line: number }>();
  const rows = [...linesOf(await readBytes(file), source)].map(({ row, line, at }) => {
    const { index } = row;
    if (index === undefined) return { row, line, at };
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= pool.count) {
      throw usageError(`${at}: there is no item ${JSON.stringify(index)}; the pool has ${pool.count}, counted from 0.`);
    }
    const label = labelOf(row, at, false);
    const before = labelled.get(index);
    if (label !== undefined && before && before.label !== label) {
      const [now, then] = [label, before.label].map((each) => JSON.stringify(each));
      throw usageError(`${at}: item ${index} is ${now}, but line ${before.line} said ${then}.`);
    }
    if (label !== undefined && !before) labelled.set(index, { label, line });
    return { row: placed(row, index, pool, at), line, at };
  });
  if (rows.length > 0) return itemsOf(rows, source, false, pool.vectors?.math);
  return noneOf(pool);
}

/** A row that names an item of the pool by its place, with that item; what it says of the item itself must be true. */
function placed(row: Line['row'], index: number, { source, texts, vectors }: ItemFile, at: string): Line['row'] {
  const other = `${at}: item ${index} of ${source} is another one; leave "index" out where it does not count its lines.`;
  if (texts) {
    if (row.text !== undefined && row.text !== texts[index]) throw usageError(other);
    return { ...row, text: texts[index] };
  }
  const dims = vectors?.dims ?? 0;
  const features = vectors?.values.subarray(index * dims, (index + 1) * dims) ?? new Float32Array(0);
  const given = row.features;
  const isSame = (values: readonly unknown[]) =>
    values.length === dims && features.every((value, d) => value === Math.fround(Number(values[d])));
  if (Array.isArray(given) && !isSame(given)) throw usageError(other);
  return { ...row, features };
}

/** No items, of the kind that a pool holds. */
export function noneOf({ source, texts, vectors }: ItemFile): ItemFile {
  const none = { source, count: 0, labels: [], lines: [] };
  return texts
    ? { ...none, texts: [] }
    : { ...none, vectors: { values: new Float32Array(0), dims: vectors?.dims ?? 0 } };
}

const FORM = '{"text":"…","label":"…"}';
const BRACE = '{';

interface Line {
  readonly row: Readonly<Record<string, unknown>>;
  readonly line: number;
  /** File and line, for messages. */
  readonly at: string;
}

/** `math`: what works on the vectors of another file that these go with. */
function itemsOf(rows: readonly Line[], source: string, labelled: boolean, math?: VectorMath): ItemFile {
  const labels = rows.map(({ row, at }) => labelOf(row, at, labelled));
  const lines = rows.map(({ line }) => line);
  const isText = typeof rows[0]?.row.text === 'string';
  if (isText) {
    const texts = rows.map(({ row, at }) => {
      if (typeof row.text === 'string') return row.text;
      throw usageError(`${at}: "text" must be a string, as in the lines before.`);
    });
    return { source, count: texts.length, texts, labels, lines };
  }
  return { source, count: rows.length, vectors: vectorsOf(rows, math), labels, lines };
}

/** Texts are what is learnt from where there are both; who means the vectors must know. */
function noteBothKinds(rows: readonly Line[]): void {
  const both = rows.find(
    ({ row }) => typeof row.text === 'string' && row.features !== undefined && row.features !== null,
  );
  if (both)
    process.stderr.write(`${both.at}: it has "text" and "features"; the text is used. Leave out one of them.\n`);
}

/** The JSON objects of a file with one a line; blank lines are left out. */
function* linesOf(bytes: Uint8Array, source: string): Generator<Line> {
  const kind = isJsonArray(bytes) ? 'a JSON array' : binaryKind(bytes);
  if (kind !== undefined) throw usageError(`${source}: it is ${kind}. Write one object a line: ${FORM}.`);
  for (let from = 0, line = 1; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end;
    const text = decode(bytes.subarray(from, to), `${source}:${line}`).trim();
    from = to + 1;
    if (text === '') continue;
    const at = `${source}:${line}`;
    const row = parsed(text, at);
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw usageError(`${at}: it must be an object such as ${FORM}.`);
    }
    yield { row: row as Record<string, unknown>, line, at };
  }
}

/** A label as text; numbers and booleans are taken as written, and an empty one for none. */
function labelOf(row: Readonly<Record<string, unknown>>, at: string, needed: boolean): string | undefined {
  const { label } = row;
  if (label === '') {
    if (needed) throw usageError(`${at}: its "label" is empty.`);
    return undefined;
  }
  if (typeof label === 'string' || typeof label === 'number' || typeof label === 'boolean') return String(label);
  if (label !== undefined && label !== null) throw usageError(`${at}: "label" must be a string or a number.`);
  if (needed) throw usageError(`${at}: it has no "label".`);
  return undefined;
}

const isList = (features: unknown): features is readonly unknown[] | Float32Array =>
  Array.isArray(features) || features instanceof Float32Array;

function vectorsOf(rows: readonly Line[], given?: VectorMath) {
  const first = rows[0]?.row.features;
  const dims = isList(first) ? first.length : 0;
  const math = given ?? mathFor(rows.length * dims * Float32Array.BYTES_PER_ELEMENT);
  const values = math.floats(rows.length * dims);
  rows.forEach(({ row: { features }, at }, index) => {
    if (!isList(features)) throw usageError(`${at}: it needs "text" (a string) or "features" (a list of numbers).`);
    if (features.length === 0) throw usageError(`${at}: "features" is empty.`);
    if (features.length !== dims) {
      throw usageError(`${at}: there are ${features.length} features; the first line has ${dims}.`);
    }
    if (features instanceof Float32Array) {
      // From the pool, where they have been looked at.
      values.set(features, index * dims);
      return;
    }
    features.forEach((value, d) => {
      if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
        throw usageError(`${at}: feature ${d + 1} is ${JSON.stringify(value)}; it must be a finite number.`);
      }
      values[index * dims + d] = value;
    });
  });
  return { values, dims, math };
}

function parsed(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const fault = jsonFault(text);
    if (!fault) throw error;
    if (!text.startsWith(BRACE)) throw usageError(`${at}: it must be an object such as ${FORM}; CSV has no items.`);
    throw usageError(`${at}:${fault.column}: not valid JSON: ${fault.reason}.${fault.isEnd ? WHOLE_OBJECTS : ''}`);
  }
}
