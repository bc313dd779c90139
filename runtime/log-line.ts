import { z } from 'zod';

const entrySchema = z.looseObject({ level: z.number(), msg: z.string() });
/** Of every entry, and of no interest where somebody watches the service run. */
const ALWAYS = new Set(['level', 'msg', 'time', 'pid', 'hostname', 'name', 'v']);
const WARN = 40;
const ERROR = 50;

/** A line of a service's output as people read it: a JSON log entry becomes its message and what it is about. */
export function readableLine(line: string): string {
  const entry = line.startsWith('{') ? entrySchema.safeParse(parse(line)).data : undefined;
  if (!entry) return line;
  const kind = entry.level >= ERROR ? 'error: ' : entry.level >= WARN ? 'warning: ' : '';
  const about = Object.entries(entry).flatMap(([key, value]) => (ALWAYS.has(key) ? [] : [`${key} ${shown(value)}`]));
  return `${kind}${entry.msg}${about.length > 0 ? ` (${about.join(', ')})` : ''}`;
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
