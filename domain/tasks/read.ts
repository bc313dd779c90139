import { z } from 'zod';
import { QuorateError } from '../failures.ts';
import { nearest } from '../nearest.ts';
import { isObject } from './fields.ts';
import { listed } from './messages.ts';
import type { AnyTaskType, TaskType } from './task-type.ts';

/**
 * Reads `value` by a schema, or throws `invalid_input` with the first problem as its sentence, the field it is about,
 * and (with several) all problems in `details`. `root` names the input: "config", "payload", "label".
 */
export function readInput<T>(schema: z.ZodType<T>, value: unknown, root: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => {
    const field = fieldOf(root, issue.path);
    // Our own messages begin with the field; zod's own ones get it here.
    return { field, message: issue.message.startsWith(root) ? issue.message : `${field}: ${issue.message}` };
  });
  const [first] = problems;
  throw new QuorateError('invalid_input', first?.message ?? `${root} is not valid`, {
    field: first?.field ?? root,
    ...(problems.length > 1 ? { details: problems } : {}),
  });
}

function fieldOf(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (field, part) => (typeof part === 'number' ? `${field}[${part}]` : `${field}.${String(part).slice(0, 60)}`),
    root,
  );
}

/** The campaign's settings for its task type, read by the type's own schema. */
export function readConfig<C>(type: TaskType<C, unknown, unknown> | AnyTaskType, value: unknown): C {
  return readInput(type.configSchema as z.ZodType<C>, value, 'config');
}

/** What a config has that its type's schema let fall when it was `read`: most often a slip of the pen. Undefined where nothing was. */
export function strangeSetting(
  type: AnyTaskType,
  given: unknown,
  read: unknown,
): { field: string; message: string } | undefined {
  const dropped = droppedIn(given, read, []);
  if (dropped === undefined) return undefined;
  const field = fieldOf('config', dropped);
  const known =
    dropped.length === 1 && type.configSchema instanceof z.ZodObject ? Object.keys(type.configSchema.shape) : [];
  const near = nearest(String(dropped.at(-1)), known);
  const hint = near !== undefined ? `; did you mean ${near}?` : known.length > 0 ? `; there are ${listed(known)}` : '';
  return { field, message: `${field} is no setting of the type ${type.name}${hint}` };
}

function droppedIn(given: unknown, read: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
  if (Array.isArray(given) && Array.isArray(read)) {
    return firstOf(given, (each, at) => droppedIn(each, read[at], [...path, at]));
  }
  if (!isObject(given) || !isObject(read)) return undefined;
  return firstOf(Object.entries(given), ([name, value]) =>
    Object.hasOwn(read, name) ? droppedIn(value, read[name], [...path, name]) : [...path, name],
  );
}

function firstOf<T, R>(all: readonly T[], look: (each: T, at: number) => R | undefined): R | undefined {
  for (const [at, each] of all.entries()) {
    const found = look(each, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One item's payload. */
export function readPayload<P>(type: TaskType<unknown, P, unknown> | AnyTaskType, value: unknown): P {
  return readInput(type.payloadSchema as z.ZodType<P>, value, 'payload');
}

/**
 * A submitted label in its normal form. `config` must come from `readConfig` of the same type, and `payload`, which
 * types with `labelReadsPayload` need to check all, from `readPayload`.
 */
export function readLabel(type: AnyTaskType, config: unknown, value: unknown, payload?: unknown): unknown {
  return readInput(labelSchemaOf(type, config, payload), value, 'label');
}

const SCHEMAS = new WeakMap<object, { readonly type: AnyTaskType; readonly schema: z.ZodType }>();

/** Making a schema costs ten times what using it does; without a payload's part it is the same for all of a campaign. */
function labelSchemaOf(type: AnyTaskType, config: unknown, payload: unknown): z.ZodType {
  if (type.labelReadsPayload || typeof config !== 'object' || config === null) return type.labelSchema(config, payload);
  const known = SCHEMAS.get(config);
  if (known?.type === type) return known.schema;
  const schema = type.labelSchema(config, payload);
  SCHEMAS.set(config, { type, schema });
  return schema;
}
