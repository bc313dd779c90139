import { sql } from 'drizzle-orm';
import { bigint, customType, timestamp, uuid } from 'drizzle-orm/pg-core';
import { v7 as uuidv7 } from 'uuid';

/** Money column: integer micro-dollars. */
export const micros = (name: string) => bigint(name, { mode: 'bigint' });

/** Time-zone-aware timestamp, millisecond precision. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** Primary key made by the application: time-ordered, so that inserts stay local in the index. */
export const id = () =>
  uuid('id')
    .primaryKey()
    .$defaultFn(() => uuidv7());

export const createdAt = () => moment('created_at').notNull().default(sql`now()`);

/** Bytes, e.g. a fitted model's weights. */
export const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** SQL list of the allowed values of a checked text column. */
export const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(', '));
