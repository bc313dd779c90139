/**
 * JSON with sorted keys and no spaces: equal values give equal bytes, whatever order their keys were set in. A bigint
 * becomes its decimal string; members that are undefined are left out. What JSON cannot say exactly (NaN, dates,
 * functions, cycles) is refused with a TypeError naming the place.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$', 0);
}

function write(value: unknown, path: string, depth: number): string {
  if (depth > 64) throw new TypeError(`${path} is nested more than 64 levels deep, or refers to itself.`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${path} is ${value}, which JSON cannot hold.`);
      return JSON.stringify(value);
    case 'bigint':
      return `"${value}"`;
    case 'object':
      break;
    default:
      throw new TypeError(`${path} is ${typeof value}, which JSON cannot hold.`);
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    return `[${value.map((member, at) => write(member, `${path}[${at}]`, depth + 1)).join(',')}]`;
  }
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) throw new TypeError(`${path} is not a plain object.`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${path}.${key}`, depth + 1)}`);
  return `{${members.join(',')}}`;
}
