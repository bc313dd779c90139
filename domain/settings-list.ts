import { z } from 'zod';
import { createCampaignSchema } from './settings.ts';

/** One setting of a campaign, in words. */
export interface Setting {
  /** Its path in the body of `POST /v1/campaigns`, such as `stop.maxTasks`. */
  readonly name: string;
  readonly meaning: string;
  /** What holds where it is left out, as JSON; undefined: its meaning says so, or nothing does. */
  readonly byDefault: string | undefined;
  /** What it may be; empty: anything. */
  readonly allowed: string;
}

/** What of JSON Schema the settings use. */
interface Node {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxLength?: number;
  readonly format?: string;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** All settings of a campaign in the order of their schema, each before what is inside of it. */
export function listSettings(): Setting[] {
  return inside(z.toJSONSchema(createCampaignSchema, { io: 'input' }) as Node, '');
}

function inside(node: Node, prefix: string): Setting[] {
  return partsOf(node).flatMap((part) => [
    ...Object.entries(part.properties ?? {}).flatMap(([key, child]) => [
      settingOf(`${prefix}${key}`, child),
      ...inside(child, `${prefix}${key}.`),
    ]),
    ...(typeof part.additionalProperties === 'object' ? inside(part.additionalProperties, `${prefix}NAME.`) : []),
  ]);
}

function settingOf(name: string, node: Node): Setting {
  const plain = node.default !== undefined && !isWhole(node.default);
  return {
    name,
    meaning: node.description ?? '',
    byDefault: plain ? shown(name, node.default) : undefined,
    allowed: [...new Set(partsOf(node).map((part) => allowedOf(name, part)))]
      .filter((each) => each !== '')
      .join(', or '),
  };
}

/** Whether a default is told by those of what is inside. */
function isWhole(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function partsOf(node: Node): readonly Node[] {
  return node.anyOf ?? node.oneOf ?? [node];
}

function allowedOf(name: string, node: Node): string {
  const { type, minimum, maximum = Infinity, exclusiveMinimum, exclusiveMaximum, maxLength, format } = node;
  if (node.const !== undefined) return JSON.stringify(node.const);
  // Money is written as text or a number.
  if (Array.isArray(type)) return 'dollars, such as "12.50"';
  if (node.enum) return node.enum.map(String).join(', ');
  switch (type) {
    case 'integer':
    case 'number': {
      const least = minimum ?? exclusiveMinimum;
      const most = Math.min(maximum, exclusiveMaximum ?? Infinity);
      const kind = name.endsWith('Ms') ? '' : type === 'integer' ? 'whole number' : 'number';
      const from = least === undefined ? '' : `${minimum === undefined ? 'above' : 'from'} ${shown(name, least)}`;
      const to =
        most >= Number.MAX_SAFE_INTEGER
          ? ''
          : `${exclusiveMaximum === undefined ? 'to' : 'to below'} ${shown(name, most)}`;
      return [kind, from, to].filter((each) => each !== '').join(' ');
    }
    case 'string':
      return format === 'uri'
        ? 'address'
        : format === 'date-time'
          ? 'time'
          : maxLength === undefined
            ? 'text'
            : `text, up to ${maxLength} characters`;
    case 'boolean':
      return 'true, false';
    case 'array': {
      const steps = node.items && partsOf(node.items).map(({ properties }) => properties?.step?.const);
      return `list of ${steps?.every((step) => step !== undefined) ? steps.join(', ') : 'names'}`;
    }
    case 'null':
      return 'null';
    default:
      return '';
  }
}

/** A value as JSON; of a duration also in the unit that a person would say. */
function shown(name: string, value: unknown): string {
  if (!name.endsWith('Ms') || typeof value !== 'number') return JSON.stringify(value);
  const [unit, ms] = UNITS.find(([, each]) => value % each === 0) ?? ['', 1];
  const count = value / ms;
  return unit === '' ? String(value) : `${value} (${count} ${unit}${count === 1 ? '' : 's'})`;
}
