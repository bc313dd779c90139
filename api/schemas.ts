import { z } from 'zod';
import { formatUsd } from '../domain/money.ts';

/** Dollars as a decimal string and as integer micro-dollars: `priceUsd` and `priceMicros`. */
export const usdSchema = z.string().describe('Dollars as a decimal string');
export const microsSchema = z.int().describe('Integer micro-dollars');
export const momentSchema = z.string().describe('ISO 8601 time in UTC');

/** Beside a coefficient of agreement that may be null. */
export const undefinedBecauseSchema = z
  .string()
  .nullable()
  .describe('Why there is no coefficient; null where there is one');

/** An amount under its two names. Amounts stay below 2^53, where a JSON number is exact. */
export function money<Name extends string>(name: Name, micros: bigint) {
  return { [`${name}Usd`]: formatUsd(micros), [`${name}Micros`]: Number(micros) } as Record<`${Name}Usd`, string> &
    Record<`${Name}Micros`, number>;
}

/** The same of an amount that there may not be. */
export function moneyOrNull<Name extends string>(name: Name, micros: bigint | null | undefined) {
  const amount = micros == null ? { [`${name}Usd`]: null, [`${name}Micros`]: null } : money(name, micros);
  return amount as Record<`${Name}Usd`, string | null> & Record<`${Name}Micros`, number | null>;
}

/** A time as it appears in answers. */
export function moment(at: Date): string;
export function moment(at: Date | null): string | null;
export function moment(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

/** An id in a request: in small letters, as it is in the names of workflows and in what is kept by id. */
export const givenId = z.uuid().toLowerCase();

export const idParams = z.object({ id: givenId });

export const pageQuery = z.object({
  cursor: givenId.optional().describe('`nextCursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many on a page'),
});

/** The list type of all collections: a page and how to get the next. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.uuid().nullable() });
}

/** A page from up to `limit + 1` rows: the extra row only says that there is more. */
export function toPage<Row extends { readonly id: string }, T>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => T,
): { items: T[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  return { items: shown.map(view), nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

/** Of lists that are in the order of names. */
export const namedPageQuery = z.object({
  cursor: z.string().min(1).max(500).optional().describe('`nextCursor` of the page before'),
  limit: pageQuery.shape.limit,
});

export function namedPageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** The names of a page, of all that there are, and the cursor of the next one. */
export function namesOfPage(
  names: Iterable<string>,
  { cursor, limit }: z.output<typeof namedPageQuery>,
): { shown: ReadonlySet<string>; nextCursor: string | null } {
  const left = [...new Set(names)].sort().filter((name) => cursor === undefined || name > cursor);
  const shown = left.slice(0, limit);
  return { shown: new Set(shown), nextCursor: left.length > limit ? (shown.at(-1) ?? null) : null };
}
