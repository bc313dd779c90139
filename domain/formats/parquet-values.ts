/** A row of Parquet as JSON has it: 64-bit integers as numbers, or as text beyond what a number holds; what is null is left out. */
export function parquetAsJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as unknown[], parquetAsJson);
  if (typeof value !== 'object' || value === null) return value;
  const filled = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(filled.map(([name, each]) => [name, parquetAsJson(each)]));
}
