import { RecordSplitter } from '../../api/records.ts';
import { parseCsvRecord } from '../../domain/formats/csv.ts';
import { CliError } from '../output.ts';

/** What an export holds. `policyVersions` is undefined where the format has no such column. */
export interface Tally {
  readonly records: number;
  readonly policyVersions: readonly number[] | undefined;
}

const COLUMN = 'policy_version';
/** The longest record we look into: larger than any the API accepts. */
const MAX_RECORD_BYTES = 64_000_000;

/** Counts the records of a text export as its bytes come by, and notes the policy versions they cite. */
export function createCounter(format: 'jsonl' | 'csv' | 'dpo' | 'parquet') {
  const splitter = new RecordSplitter({ maxBytes: MAX_RECORD_BYTES, csv: format === 'csv' });
  const versions = new Set<number>();
  const versionOf = format === 'csv' ? csvVersions() : jsonVersion;
  let records = 0;
  const take = (found: ReturnType<RecordSplitter['push']>) => {
    for (const { bytes } of found) {
      records += 1;
      const version = bytes === null ? undefined : versionOf(Buffer.from(bytes).toString('utf8'));
      if (version !== undefined) versions.add(version);
    }
  };
  return {
    add(chunk: Uint8Array): void {
      // Parquet is binary; it is counted by its own footer.
      if (format !== 'parquet') take(splitter.push(chunk));
    },
    end(): Tally {
      take(splitter.end());
      const policyVersions = format === 'dpo' ? undefined : ascending(versions);
      return { records: format === 'csv' ? Math.max(0, records - 1) : records, policyVersions };
    },
  };
}

function jsonVersion(line: string): number | undefined {
  try {
    const record: unknown = JSON.parse(line);
    const version = typeof record === 'object' && record !== null && COLUMN in record ? record[COLUMN] : undefined;
    return typeof version === 'number' ? version : undefined;
  } catch {
    throw new CliError('The server sent a line that is no JSON; no file was written.');
  }
}

function csvVersions(): (record: string) => number | undefined {
  let column: number | undefined;
  return (record) => {
    const parsed = parseCsvRecord(record);
    if ('fault' in parsed) throw new CliError(`The server sent CSV that cannot be read (${parsed.fault}).`);
    if (column === undefined) {
      column = parsed.cells.indexOf(COLUMN);
      return undefined;
    }
    const cell = parsed.cells[column];
    return cell === undefined || cell === '' ? undefined : Number(cell);
  };
}

/** The same of a Parquet file, from its footer and that one column. */
export async function countParquet(file: string): Promise<Tally> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const buffer = await asyncBufferFromFile(file);
  const metadata = await parquetMetadataAsync(buffer);
  const records = Number(metadata.num_rows);
  if (!metadata.schema.some(({ name }) => name === COLUMN)) return { records, policyVersions: undefined };
  const versions = new Set<number>();
  const onChunk = ({ columnData }: { columnData: ArrayLike<unknown> }) => {
    for (const value of Array.from(columnData)) if (value !== null && value !== undefined) versions.add(Number(value));
  };
  await parquetRead({ file: buffer, metadata, columns: [COLUMN], onChunk });
  return { records, policyVersions: ascending(versions) };
}

function ascending(versions: ReadonlySet<number>): number[] {
  return [...versions].sort((a, b) => a - b);
}
