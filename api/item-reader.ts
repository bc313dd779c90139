import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { NewItem } from '../db/queries/items.ts';
import { canonicalJson } from '../domain/aggregation/canonical-json.ts';
import { QuorateError } from '../domain/failures.ts';
import { floatBytes } from '../domain/learning/float-bytes.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { readLabel, readPayload } from '../domain/tasks/read.ts';
import type { CampaignFacts } from './campaign-cache.ts';
import { storageFault } from './json-body.ts';

const RESERVED = ['key', 'payload', 'gold', 'honeypot', 'domain', 'group'];
/** Characters of an item's key. */
export const MAX_KEY = 500;
const MAX_DOMAIN = 100;
const MAX_GROUP = 200;
const SHUFFLE_RANGE = 2 ** 31;

/** How many numbers each item has where items bring vectors. */
export function dimsOf({ features }: CampaignSettings): number | undefined {
  return features && 'vectors' in features ? features.vectors.dims : undefined;
}

/**
 * Reads the rows of an import into items. A row is an object with the reserved fields `key`, `payload`, `gold`,
 * `honeypot`, `domain` and `group`, and `vector` where the campaign's settings want one; without `payload` all its other
 * fields are the payload. Throws `invalid_input` for a row that will not do.
 */
export function createItemReader(campaign: CampaignFacts, random: () => number) {
  const { type, settings } = campaign;
  const dims = dimsOf(settings);
  const reserved = new Set(dims === undefined ? RESERVED : [...RESERVED, 'vector']);

  return function readItem(row: unknown): NewItem {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw refusal('', 'The row is not an object');
    const fields = row as Record<string, unknown>;
    const payload = readPayload(type, payloadOf(fields, reserved));
    const domain = textOf(fields.domain, 'domain', MAX_DOMAIN);
    const group = textOf(fields.group, 'group', MAX_GROUP);
    const gold = isAbsent(fields.gold) ? undefined : readGold(fields.gold, payload);
    const honeypot = flagOf(fields.honeypot);
    if (honeypot && gold === undefined)
      throw refusal('honeypot', 'honeypot is set, but gold, its known answer, is not');
    const vector = dims === undefined ? null : floatBytes(readVector(fields.vector, dims));
    const state = gold === undefined ? 'pool' : honeypot ? 'honeypot' : 'gold';
    return {
      id: uuidv7(),
      // Without a key the content is the key: importing the same file twice adds nothing.
      key: textOf(fields.key, 'key', MAX_KEY) ?? sha256(canonicalJson(payload)).slice(0, 32),
      payloadJson: JSON.stringify(payload),
      hash: sha256(
        canonicalJson([
          ...[payload, gold ?? null, state, domain],
          ...(group === null ? [] : [group]),
          ...(vector ? [[...vector]] : []),
        ]),
      ),
      goldJson: gold === undefined ? null : JSON.stringify(gold),
      state,
      domain,
      group,
      shuffle: Math.floor(random() * SHUFFLE_RANGE),
      vector,
    };
  };

  /** A known answer; one that came as text, as every CSV cell does, may also be JSON. */
  function readGold(value: unknown, payload: unknown): unknown {
    const parsed = typeof value === 'string' ? jsonOf(value) : undefined;
    const meant = parsed === undefined || typeof parsed === 'string' ? [value] : [value, parsed];
    const refused: QuorateError[] = [];
    for (const label of meant) {
      try {
        return readLabel(type, settings.config, label, payload);
      } catch (error) {
        if (!(error instanceof QuorateError)) throw error;
        refused.push(error);
      }
    }
    // Of the two the one that shows what the file has.
    const isShown = typeof parsed === 'object' || String(parsed) === value;
    throw refusal('gold', reasonOf(refused.at(isShown ? -1 : 0)).replace(/^label/, 'gold'));
  }
}

/** What a row refuses, as a reason for the list of rejected lines. */
export function reasonOf(error: unknown): string {
  if (error instanceof QuorateError) return error.message;
  throw error;
}

function payloadOf(fields: Record<string, unknown>, reserved: ReadonlySet<string>): unknown {
  const { payload } = fields;
  if (typeof payload === 'string') return jsonOf(payload) ?? payload;
  if (!isAbsent(payload)) return payload;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !reserved.has(name)));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

// An empty CSV cell is an absent value.
const isAbsent = (value: unknown) => value === undefined || value === null || value === '';

/** A field that is text and can be stored; null where it is absent. Throws `invalid_input`. */
export function textOf(value: unknown, field: string, max: number): string | null {
  if (isAbsent(value)) return null;
  if (typeof value !== 'string' && typeof value !== 'number')
    throw refusal(field, `${field} is not a text or a number`);
  const text = String(value);
  if (text.length > max) throw refusal(field, `${field} is longer than ${max} characters`);
  const fault = storageFault(text, JSON.stringify(text));
  if (fault) throw refusal(field, fault.message.replace(/^body/, field));
  return text;
}

/** The numbers of a row's vector; text, as every CSV cell is, holds them as JSON. */
function readVector(value: unknown, dims: number): number[] {
  const read = typeof value === 'string' ? jsonOf(value) : value;
  if (isAbsent(read)) throw refusal('vector', `vector is missing; this campaign wants ${dims} numbers for each item`);
  if (!Array.isArray(read)) throw refusal('vector', 'vector is not an array of numbers');
  if (read.length !== dims) {
    throw refusal('vector', `vector has ${read.length} numbers; this campaign's vectors have ${dims}`);
  }
  const wrong = read.findIndex((each) => typeof each !== 'number' || !Number.isFinite(Math.fround(each)));
  if (wrong >= 0) throw refusal('vector', `vector[${wrong}] is not a finite 32-bit number`);
  return read as number[];
}

function flagOf(value: unknown): boolean {
  if (isAbsent(value) || value === false || value === 'false' || value === '0') return false;
  if (value === true || value === 'true' || value === '1') return true;
  throw refusal('honeypot', 'honeypot is not true or false');
}

function refusal(field: string, message: string): QuorateError {
  return new QuorateError('invalid_input', message, field === '' ? {} : { field });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
