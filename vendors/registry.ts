import { readFileSync } from 'node:fs';
import { isVendor, type VendorName } from '../domain/vendors/names.ts';
import { VendorError } from './errors.ts';
import { readBaseUrl } from './http.ts';
import { createHttpVendor } from './http-vendor.ts';
import { createLabelbox } from './labelbox.ts';
import type { JudgeCache } from './llm-cache.ts';
import { createProlific } from './prolific.ts';
import { createScaleAi } from './scale-ai.ts';
import { createSurgeAi } from './surge-ai.ts';
import type { Vendor, Vendors, WebhookHint, WebhookRequest } from './vendor.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Reads a setting from the variable itself, or from the file that `NAME_FILE` names; empty counts as unset. */
type Read = (name: string) => string | undefined;

type Make = (read: Read, judgeCache?: JudgeCache) => Vendor | undefined | Promise<Vendor | undefined>;

const makers: Readonly<Partial<Record<VendorName, Make>>> = {
  http_vendor(read) {
    const set = needed(read, ['QUORATE_VENDOR_BASE_URL or QUORATE_VENDOR_URL', 'QUORATE_VENDOR_TOKEN']);
    if (!set) return undefined;
    const [baseUrl, token] = set;
    const webhookSecret = read('QUORATE_VENDOR_WEBHOOK_SECRET');
    return createHttpVendor({ baseUrl, token, perMinute: paceOf(read, 'QUORATE_VENDOR'), ...given({ webhookSecret }) });
  },

  scale_ai(read) {
    const set = needed(read, ['SCALE_API_KEY'], 'SCALE_BASE_URL');
    if (!set) return undefined;
    const [apiKey] = set;
    const fieldTypes = given({ number: read('SCALE_NUMBER_FIELD'), text: read('SCALE_TEXT_FIELD') });
    const callbackAuthKey = read('SCALE_CALLBACK_AUTH_KEY');
    const rapid = read('SCALE_RAPID') === 'true';
    return createScaleAi({
      apiKey,
      perMinute: paceOf(read, 'SCALE'),
      fieldTypes,
      rapid,
      ...given({ callbackAuthKey, baseUrl: read('SCALE_BASE_URL'), project: read('SCALE_PROJECT') }),
    });
  },

  surge_ai(read) {
    const set = needed(read, ['SURGE_API_KEY'], 'SURGE_BASE_URL');
    if (!set) return undefined;
    const [apiKey] = set;
    const privateWorkforce = read('SURGE_PRIVATE_WORKFORCE') === 'true';
    const perMinute = paceOf(read, 'SURGE');
    const settings = given({ baseUrl: read('SURGE_BASE_URL'), callbackSecret: read('SURGE_CALLBACK_SECRET') });
    return createSurgeAi({ apiKey, privateWorkforce, perMinute, ...settings });
  },

  prolific(read) {
    const set = needed(read, ['PROLIFIC_TOKEN', 'PROLIFIC_WORKSPACE_ID'], 'PROLIFIC_BASE_URL');
    if (!set) return undefined;
    const [token, workspaceId] = set;
    return createProlific({
      token,
      perMinute: paceOf(read, 'PROLIFIC'),
      workspaceId,
      hosts: listIn(read('PROLIFIC_FILE_HOSTS')),
      ...given({
        feePercent: numberOf(read, 'PROLIFIC_FEE_PERCENT'),
        minutes: numberOf(read, 'PROLIFIC_MINUTES'),
        baseUrl: read('PROLIFIC_BASE_URL'),
        projectId: read('PROLIFIC_PROJECT_ID'),
        webhookSecret: read('PROLIFIC_WEBHOOK_SECRET'),
      }),
    });
  },

  labelbox(read) {
    const set = needed(read, ['LABELBOX_API_KEY'], 'LABELBOX_BASE_URL');
    if (!set) return undefined;
    const [apiKey] = set;
    return createLabelbox({
      apiKey,
      perMinute: paceOf(read, 'LABELBOX'),
      hosts: listIn(read('LABELBOX_FILE_HOSTS')),
      ...spanEndOf(read('LABELBOX_SPAN_END')),
      ...given({ baseUrl: read('LABELBOX_BASE_URL'), webhookSecret: read('LABELBOX_WEBHOOK_SECRET') }),
    });
  },

  async mturk(read) {
    const names = ['MTURK_BASE_URL or MTURK_ENDPOINT', 'MTURK_ACCESS_KEY_ID', 'MTURK_SECRET_ACCESS_KEY'] as const;
    const set = needed(read, names);
    if (!set) return undefined;
    const [baseUrl, accessKeyId, secretAccessKey] = set;
    // The AWS client is large, and nobody else needs it.
    const { createMturk } = await import('./mturk.ts');
    return createMturk({ baseUrl, accessKeyId, secretAccessKey, perMinute: paceOf(read, 'MTURK') });
  },

  async llm(read, cache) {
    const [baseUrl, models, apiKey] = [read('JUDGE_BASE_URL'), read('JUDGE_MODEL'), read('JUDGE_API_KEY')];
    if (baseUrl === undefined && models === undefined) return undefined;
    if (baseUrl === undefined) throw new VendorError('permanent', 'JUDGE_MODEL is set, but JUDGE_BASE_URL is not.');
    if (models === undefined) throw new VendorError('permanent', 'JUDGE_BASE_URL is set, but JUDGE_MODEL is not.');
    const optionsOf = (model: string, at: number) => ({
      baseUrl,
      model,
      inputMicros: microsOf(read, 'JUDGE_INPUT_USD_PER_MTOK', undefined, at),
      cachedInputMicros: microsOf(read, 'JUDGE_CACHED_INPUT_USD_PER_MTOK', read('JUDGE_INPUT_USD_PER_MTOK'), at),
      outputMicros: microsOf(read, 'JUDGE_OUTPUT_USD_PER_MTOK', undefined, at),
      capMicros: microsOf(read, 'JUDGE_CAP_USD', '10', at),
      requestsPerMinute: paceOf(read, 'JUDGE'),
      ...given({
        apiKey,
        concurrency: countOf(read, 'JUDGE_CONCURRENCY'),
        samples: countOf(read, 'JUDGE_SAMPLES'),
        maxOutputTokens: countOf(read, 'JUDGE_MAX_OUTPUT_TOKENS'),
        timeoutMs: countOf(read, 'JUDGE_TIMEOUT_MS'),
      }),
    });
    const [first = '', ...others] = models.split(',').map((each) => each.trim());
    const panel = [optionsOf(first, 0), ...others.map((model, at) => optionsOf(model, at + 1))] as const;
    // Checked whoever asks; made, with its large library, only for who runs judges.
    if (cache === undefined) return undefined;
    const { createJudgePanel } = await import('./llm-panel.ts');
    const [head, ...rest] = panel;
    return createJudgePanel([{ ...head, cache }, ...rest.map((options) => ({ ...options, cache }))]);
  },
};

/**
 * The settings that a vendor cannot do without, in the order of their names, of which one may have two; undefined where
 * the vendor is not set up at all. One with some of them alone would be absent without a word, so that is an error;
 * `besides` is a setting that only somebody makes who wants the vendor.
 */
function needed<const Names extends readonly string[]>(
  read: Read,
  names: Names,
  besides?: string,
): { readonly [K in keyof Names]: string } | undefined {
  const values = names.map((name) =>
    name
      .split(' or ')
      .map(read)
      .find((value) => value !== undefined),
  );
  const missing = names.filter((_, at) => values[at] === undefined);
  if (missing.length === 0) return values as { readonly [K in keyof Names]: string };
  const there = names.find((_, at) => values[at] !== undefined) ?? besides;
  if (there === undefined || (there === besides && read(there) === undefined)) return undefined;
  throw new VendorError(
    'permanent',
    `${there} is set, but ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not.`,
  );
}

/** Texts apart by commas or spaces. */
const listIn = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter(Boolean);

function spanEndOf(end: string | undefined): { spanEnd?: 'inclusive' | 'exclusive' } {
  if (end === undefined) return {};
  if (end === 'inclusive' || end === 'exclusive') return { spanEnd: end };
  throw new VendorError('permanent', `LABELBOX_SPAN_END is ${end}; it must be inclusive or exclusive.`);
}

function numberOf(read: Read, name: string): number | undefined {
  const text = read(name);
  if (text === undefined || /^\d{1,6}(\.\d+)?$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new VendorError('permanent', `${name} is no number; it must be like 43.`);
}

function countOf(read: Read, name: string): number | undefined {
  const text = read(name);
  if (text === undefined || /^[1-9]\d{0,5}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new VendorError('permanent', `${name} is no whole number from 1 to 999999; it must be like 2000.`);
}

/** Requests a minute of one worker; 600 by default, which is below every limit that a vendor states. */
function paceOf(read: Read, vendor: string): number {
  return numberOf(read, `${vendor}_REQUESTS_PER_MINUTE`) ?? 600;
}

/** Dollars as micro-dollars; of a list with commas the one at this place, a single one is for all. */
function microsOf(read: Read, name: string, standard: string | undefined, at: number): bigint {
  const texts = (read(name) ?? standard)?.split(',').map((each) => each.trim());
  const text = texts?.[texts.length === 1 ? 0 : at];
  if (text !== undefined && /^\d{1,9}(\.\d{1,6})?$/.test(text)) {
    const [whole = '0', part = ''] = text.split('.');
    return BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0'));
  }
  throw new VendorError(
    'permanent',
    `${name} is ${text === undefined ? 'not set' : 'no amount of dollars'}; it must be like 0.15.`,
  );
}

/** The members that are set. */
function given<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function contentOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new VendorError('permanent', `${name}_FILE is ${file}, which cannot be read (${code}).`);
  }
}

const ADDRESSES = [
  ...['QUORATE_VENDOR_BASE_URL', 'QUORATE_VENDOR_URL', 'SCALE_BASE_URL', 'SURGE_BASE_URL', 'PROLIFIC_BASE_URL'],
  ...['LABELBOX_BASE_URL', 'MTURK_BASE_URL', 'MTURK_ENDPOINT', 'JUDGE_BASE_URL'],
];

/**
 * All vendors that the environment has credentials for; docs/vendors.md names the variables. Judges only with a cache of
 * what they said. Throws VendorError where a setting is wrong.
 */
export async function loadVendors(env: Env, judgeCache?: JudgeCache): Promise<Vendors> {
  const read: Read = (name) => {
    const file = env[`${name}_FILE`];
    return env[name] || (file ? contentOf(file, name) : undefined) || undefined;
  };
  for (const name of ADDRESSES) {
    const address = read(name);
    if (address !== undefined) readBaseUrl(address, name);
  }
  const made = await Promise.all(Object.values(makers).map((make) => make(read, judgeCache)));
  return new Map(made.flatMap((vendor) => (vendor ? [[vendor.name, vendor] as const] : [])));
}

/** Checks webhooks; undefined for what is not to be believed, and for vendors that are not set up. */
export function createWebhookReader(vendors: Vendors) {
  return (name: string, request: WebhookRequest): WebhookHint | undefined => {
    try {
      return isVendor(name) ? vendors.get(name)?.parseWebhook(request) : undefined;
    } catch (error) {
      if (error instanceof VendorError) return undefined;
      throw error;
    }
  };
}
