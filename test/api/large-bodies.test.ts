import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../api/import-rows.ts';
import { parquetLines } from '../../api/parquet-lines.ts';

const LIMITS = { requestBytes: 1e6, arrayBytes: 1e6, lineBytes: 1000, bodyMs: 1000 };

async function* once(bytes: Uint8Array) {
  yield bytes;
}

async function rows(text: string | Uint8Array, format: 'array' | 'parquet' = 'array', limits = LIMITS) {
  const all = [];
  for await (const some of rowsOf({ body: once(Buffer.from(text)), format, limits })) all.push(...some);
  return all;
}

async function linesOf(file: Uint8Array, limits: Parameters<typeof parquetLines>[1]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of parquetLines(file, limits)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const written = (text: string[]) =>
  new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'text', data: text, type: 'STRING' }] }));

describe('a JSON array', () => {
  test('is read element by element, as JSON.parse reads it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.integer({ min: 0, max: 2 }), async (values, indent) => {
        // Whatever is drawn, no element is longer than a line may be.
        const long = { ...LIMITS, lineBytes: LIMITS.arrayBytes };
        const read = await rows(`\ufeff ${JSON.stringify(values, null, indent)} \n`, 'array', long);
        expect(read).toEqual(
          (JSON.parse(JSON.stringify(values)) as unknown[]).map((value, at) => ({ line: at + 1, value })),
        );
      }),
    );
  });

  test.each([
    ['[{"a":1},{"b":2}', /line 1, column 17: the text ends where/],
    ['[1,\n2,]', /line 2, column 3/],
    ['[1] 2', /line 1, column 5/],
    ['[{"a":"]},{"b":2}]', /valid JSON/],
    ['[{]}', /valid JSON/],
    ['[,]', /column 2/],
    [`[1${'    '.repeat(300)},2`, /in row 2 of its array/],
  ])('that is broken (%s) is refused whole', async (text, said) => {
    await expect(rows(text)).rejects.toMatchObject({
      code: 'malformed_request',
      message: expect.stringMatching(said),
    });
  });

  test('with an element of more than a line may have takes the others', async () => {
    const [long, short] = await rows(JSON.stringify(['x'.repeat(1001), 1]));
    expect(long).toEqual({ line: 1, reason: 'the row is longer than 1000 bytes' });
    expect(short).toEqual({ line: 2, value: 1 });
  });
});

describe('a Parquet file', () => {
  test('that says it holds more values than it has memory for is refused, and the next one is read', async () => {
    const limits = { maxBytes: 1e6, memoryMb: 48 };
    await expect(linesOf(claiming(34_000_000), limits)).rejects.toMatchObject({
      code: 'payload_too_large',
      message: expect.stringContaining('memory'),
    });
    expect(await linesOf(claiming(1), limits)).toBe('{"text":1}\n');
  });

  test('that says it holds more numbers than it has memory for is refused, though arrays of numbers are in no heap', async () => {
    const limits = { maxBytes: 1e6, memoryMb: 48 };
    await expect(linesOf(counting(140_000_000), limits)).rejects.toMatchObject({
      code: 'payload_too_large',
      message: expect.stringContaining('memory'),
    });
    expect(await linesOf(counting(1), limits)).toBe('{"text":0}\n');
  });

  test.each([
    ['is not there', '/nowhere/node'],
    ['cannot be called so', 'no\0de'],
    ['ends without a word', '/bin/false'],
  ])('is to be sent again where the program that reads it %s', async (_, program) => {
    const { execPath } = process;
    process.execPath = program;
    try {
      await expect(linesOf(written(['a']), { maxBytes: 1e6 })).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      process.execPath = execPath;
    }
    expect(await linesOf(written(['a']), { maxBytes: 1e6 })).toBe('{"text":"a"}\n');
  });

  test('is read while the rows of another are being stored', async () => {
    const slow = parquetLines(written(Array.from({ length: 30 }, () => 'a'.repeat(10_000))), { maxBytes: 1e6 });
    await slow.next();
    expect(await linesOf(written(['b']), { maxBytes: 1e6, waitMs: 60_000 })).toBe('{"text":"b"}\n');
    await slow.return(undefined);
  });

  test('waits for another that is read, but not for long', async () => {
    const first = linesOf(written(['a']), { maxBytes: 1e6 });
    const second = linesOf(written(['b']), { maxBytes: 1e6, waitMs: 0 });
    const third = linesOf(written(['c']), { maxBytes: 1e6 });
    await expect(second).rejects.toMatchObject({ code: 'unavailable' });
    expect(await Promise.all([first, third])).toEqual(['{"text":"a"}\n', '{"text":"c"}\n']);
  });

  test('is to be sent again where the rows of others wait already in as much room as there is', async () => {
    const held = [];
    for (let at = 0; at < 4; at++) {
      const rows = parquetLines(written(Array.from({ length: 40 }, () => 'a'.repeat(70_000))), { maxBytes: 1e5 });
      held.push(rows);
      await rows.next();
    }
    await expect(linesOf(written(['b']), { maxBytes: 1e5 })).rejects.toMatchObject({ code: 'unavailable' });
    for (const rows of held) await rows.return(undefined);
    expect(await linesOf(written(['b']), { maxBytes: 1e5 })).toBe('{"text":"b"}\n');
  });

  test('in which a long text stands for many rows comes to so many bytes and no more', async () => {
    const file = written(Array.from({ length: 1000 }, (_, at) => (at % 2 === 0 ? 'a' : 'b').repeat(10_000)));
    expect(file.length).toBeLessThan(100_000);
    await expect(linesOf(file, { maxBytes: 100_000 })).rejects.toMatchObject({
      message: 'The Parquet file holds more than 3200000 bytes of rows; send smaller files, or NDJSON.',
    });
    expect((await linesOf(file, { maxBytes: 1_000_000 })).split('\n')).toHaveLength(1001);
  });

  test('that takes too long is given up', async () => {
    await expect(linesOf(written(['a']), { maxBytes: 1e6, limitMs: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('time'),
    });
  });
});

/** A Parquet file of one row whose page says that it has so many values, all of them the dictionary's one. */
function claiming(values: number): Uint8Array {
  const dictionary = [...header(2, 4, field(7, STRUCT, struct(i32(1, 1), i32(2, 0)))), 1, 0, 0, 0];
  return oneRow({ dictionary, values, encoding: 8, data: [1, ...varint(values * 2), 0] });
}

/** As `claiming`, of differences of 0: one block of one miniblock of so many values with 0 bits. */
function counting(values: number): Uint8Array {
  return oneRow({ dictionary: [], values, encoding: 5, data: [...varint(values), 1, ...varint(values), 0, 0, 0] });
}

function oneRow({
  dictionary,
  values,
  encoding,
  data,
}: {
  dictionary: number[];
  values: number;
  encoding: number;
  data: number[];
}): Uint8Array {
  const page = [
    ...header(0, data.length, field(5, STRUCT, struct(i32(1, values), i32(2, encoding), i32(3, 3), i32(4, 3)))),
    ...data,
  ];
  const size = dictionary.length + page.length;
  const column = struct(
    i32(1, 1),
    field(2, LIST, [0x15, ...zigzag(encoding)]),
    field(3, LIST, [0x18, ...text('text')]),
    i32(4, 0),
    ...[i64(5, 1), i64(6, size), i64(7, size), i64(9, 4 + dictionary.length)],
    ...(dictionary.length > 0 ? [i64(11, 4)] : []),
  );
  const chunk = struct(i64(2, 4), field(3, STRUCT, column));
  const footer = struct(
    i32(1, 1),
    field(2, LIST, [
      0x2c,
      ...struct(field(4, BINARY, text('root')), i32(5, 1)),
      ...struct(i32(1, 1), i32(3, 0), field(4, BINARY, text('text'))),
    ]),
    i64(3, 1),
    field(4, LIST, [0x1c, ...struct(field(1, LIST, [0x1c, ...chunk]), i64(2, size), i64(3, 1))]),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  const magic = Buffer.from('PAR1');
  return Buffer.concat([magic, Buffer.from([...dictionary, ...page, ...footer]), length, magic]);
}

// The types of Thrift's compact protocol, in which the headers are written.
const [I32, I64, BINARY, LIST, STRUCT] = [5, 6, 8, 9, 12] as const;
type Field = readonly [id: number, type: number, bytes: readonly number[]];

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
const zigzag = (value: number) => varint(value * 2);
const text = (value: string) => [...varint(value.length), ...Buffer.from(value)];
const field = (id: number, type: number, bytes: readonly number[]): Field => [id, type, bytes];
const i32 = (id: number, value: number) => field(id, I32, zigzag(value));
const i64 = (id: number, value: number) => field(id, I64, zigzag(value));

function struct(...fields: readonly Field[]): number[] {
  let last = 0;
  const bytes = fields.flatMap(([id, type, value]) => {
    const step = id - last;
    last = id;
    return [step * 16 + type, ...value];
  });
  return [...bytes, 0];
}

const header = (type: number, size: number, own: Field) => struct(i32(1, type), i32(2, size), i32(3, size), own);
