/** Halves of surrogate pairs without the other. */
const HALVES = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const INSTEAD = '\uFFFD';

/**
 * What the database can keep of a JSON value from outside: what a text may not hold is a replacement mark instead, names of
 * members too; all else is as it was.
 */
export function storable<T>(value: T): T {
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  // PostgreSQL's text and jsonb take neither NUL nor halves.
  if (typeof value === 'string') return value.replaceAll('\0', INSTEAD).replace(HALVES, INSTEAD);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [cleaned(name), cleaned(member)]));
}
