import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { cellsOf, columnsOf, type ExportRecord } from '../domain/formats/records.ts';

// A row group is held in memory while it is written.
const GROUP_ROWS = 5000;
const GROUP_CHARACTERS = 16_000_000;

const NUMBERS: Readonly<Record<string, 'DOUBLE' | 'INT32'>> = {
  confidence: 'DOUBLE',
  n_annotators: 'INT32',
  revision: 'INT32',
  policy_version: 'INT32',
};

/** A Parquet file of records, in pieces: one row group at a time, then the footer. Text columns hold JSON for objects. */
export async function* parquetChunks(batches: AsyncIterable<readonly ExportRecord[]>): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  let file: ParquetWriter | undefined;
  let columns: string[] = [];
  let group: unknown[][] = [];
  let characters = 0;

  const take = (): Uint8Array => {
    const piece = bytes.getBytes().slice();
    // The writer's `offset` goes on counting, so positions in the footer stay right.
    bytes.index = 0;
    return piece;
  };
  const writeGroup = async () => {
    const columnData = columns.map((name, at) => ({ name, data: group.map((cells) => cells[at]) }));
    await file?.write({ columnData, rowGroupSize: group.length });
    group = [];
    characters = 0;
    return take();
  };
  const begin = (records: readonly ExportRecord[]) => {
    columns = columnsOf(records);
    const described = columns.map((name) => ({
      name,
      data: [],
      type: NUMBERS[name] ?? ('STRING' as const),
      nullable: true,
    }));
    file = new ParquetWriter({
      writer: bytes,
      schema: schemaFromColumnData({ columnData: described }),
      createdBy: 'quorate',
    });
  };

  for await (const records of batches) {
    if (!file) begin(records);
    for (const record of records) {
      const cells = cellsOf(record, columns).map((cell, at) => toValue(cell, columns[at] ?? ''));
      for (const cell of cells) if (typeof cell === 'string') characters += cell.length;
      group.push(cells);
      if (group.length >= GROUP_ROWS || characters >= GROUP_CHARACTERS) yield await writeGroup();
    }
  }
  if (!file) begin([]);
  if (group.length > 0) yield await writeGroup();
  await file?.finish();
  yield take();
}

function toValue(cell: unknown, column: string): unknown {
  if (cell === null || cell === undefined) return null;
  if (column in NUMBERS) return Number(cell);
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}
