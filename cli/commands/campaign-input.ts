import { usageError } from '../output.ts';
import { nameOf, parseJsonText, readText } from './files.ts';

export interface CreateOptions {
  readonly file?: string;
  readonly name?: string;
  readonly type?: string;
  readonly labels?: string[];
  readonly config?: string;
  readonly instructions?: string;
  readonly redundancy?: number;
  readonly maxRedundancy?: number;
  readonly tier?: string;
  readonly budget?: string;
  readonly price?: string;
  readonly strategy?: string;
  readonly relabel?: boolean;
  readonly mode?: string;
  readonly batchSize?: number;
  readonly maxInFlight?: number;
  readonly goldRatio?: number;
  readonly minConfidence?: number;
  readonly onDisagreement?: string;
  readonly seed?: string;
  readonly simulated?: boolean;
}

/** The body of `POST /v1/campaigns` from a file and flags; flags win. What the values may be is the server's to judge. */
export async function campaignBody(options: CreateOptions): Promise<Record<string, unknown>> {
  const body = await settingsGiven(options);
  for (const [field, flag] of [
    ['type', '--type'],
    ['budgetUsd', '--budget'],
  ] as const) {
    if (body[field] === undefined)
      throw usageError(`A campaign needs ${field}: give ${flag}, or set it in a file with -f.`);
  }
  return body;
}

/** Settings from a file and flags; flags win. */
export async function settingsGiven(options: CreateOptions): Promise<Record<string, unknown>> {
  const { file, labels, config, instructions, budget, price, ...same } = options;
  const base = file === undefined ? {} : await settingsFile(file);
  const given = {
    ...same,
    config: await configOf(base.config, config, labels),
    instructions: instructions === undefined ? undefined : await textOrFile(instructions),
    budgetUsd: budget,
    priceUsd: price,
  };
  const flags = Object.entries(given).filter(([name, value]) => value !== undefined && name !== 'json');
  return { ...base, ...Object.fromEntries(flags) };
}

async function settingsFile(file: string): Promise<Record<string, unknown>> {
  const text = await readText(file);
  const value = /\.ya?ml$/i.test(file) ? await parseYamlText(text, file) : parseJsonText(text, nameOf(file));
  if (isObject(value)) return value;
  throw usageError(`${nameOf(file)}: it must be one object with the campaign's settings.`);
}

/** Plain YAML 1.2, or a usage error that names line and column. */
async function parseYamlText(text: string, file: string): Promise<unknown> {
  const { parse, YAMLParseError } = await import('yaml');
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const [at] = error.linePos ?? [];
    const place = at ? `:${at.line}:${at.col}` : '';
    throw usageError(`${file}${place}: this is not valid YAML: ${reasonOf(error.message)}`);
  }
}

/** The place is said before it. */
function reasonOf(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

async function configOf(base: unknown, flag: string | undefined, labels: string[] | undefined): Promise<unknown> {
  const config =
    flag === undefined
      ? base
      : parseJsonText(await textOrFile(flag), flag.startsWith('@') ? flag.slice(1) : '--config');
  if (labels === undefined) return config;
  if (config !== undefined && !isObject(config))
    throw usageError('--labels needs config to be an object, which it is not.');
  return { ...config, labels };
}

/** The text itself, or the content of the file that `@file` names. */
async function textOrFile(text: string): Promise<string> {
  return text.startsWith('@') ? readText(text.slice(1)) : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
