/** A value as it appears in an error message: short, on one line, strings in quotes. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** The allowed values in quotes; long lists are cut after twenty with a count of the rest. */
export function listed(values: readonly string[]): string {
  const shown = values.slice(0, 20).map(show).join(', ');
  return values.length > 20 ? `${shown} and ${grouped(values.length - 20)} more` : shown;
}

/** A whole number with thousands separated by commas, the same in every locale. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
