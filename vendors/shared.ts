import { formatUsd } from '../domain/money.ts';
import { VendorError } from './errors.ts';
import { type Http, type HttpAnswer, jsonOf } from './http.ts';
import { sha256 } from './signatures.ts';
import type { FetchedUnit, Order, Placement, Unit, WebhookHint, WebhookRequest } from './vendor.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A status in small letters. */
export const statusIn = ({ status }: Json): string | undefined => textOf(status)?.toLowerCase();

export const CENT = 10_000n;

/** Throws where a bonus is not of whole cents, which is all that some vendors pay. */
export function requireWholeCents(vendor: string, amountMicros: bigint): void {
  if (amountMicros % CENT === 0n) return;
  const amount = formatUsd(amountMicros);
  throw new VendorError('permanent', `${vendor} pays bonuses in whole cents; this one is of $${amount}.`);
}

/** Throws where a price leaves a worker less than a cent, which is the least that some vendors pay. */
export function requireReward(rewardMicros: bigint, leastMicros: bigint): void {
  if (rewardMicros >= CENT) return;
  const least = formatUsd(leastMicros);
  throw new VendorError('permanent', `The price leaves a worker less than a cent; say in priceUsd at least $${least}.`);
}

/** Our price for every answer. */
export function flatEstimate({ priceMicros, units }: Pick<Order, 'priceMicros' | 'units'>, basis: string) {
  const answers = units.reduce((sum, unit) => sum + unit.answers, 0);
  return { perAnswerMicros: priceMicros, totalMicros: priceMicros * BigInt(answers), basis };
}

/** The parts of a list, each of at most `size`. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}

/** An object's member that is a text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** A number, or a text that is one: null and an empty text are none. */
export function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** How long a worker took, as a member of an answer; none where it is no time. */
export function timeSpent(value: unknown): { timeSpentS?: number } {
  const seconds = numberIn(value);
  return seconds === undefined || seconds < 0 ? {} : { timeSpentS: seconds };
}

/** The value as an object; an empty one when it is none. */
export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The value as a list; an empty one when it is none. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * The list that an answer promised: itself, or under one of these names, or the only list there is in it. A page of some
 * proxy is no empty list: what was bought must not seem to be missing, so that is an error.
 */
export function promisedList({ json, status }: HttpAnswer, names: readonly string[]): Json[] {
  const members = objectOf(json);
  const named = names.map((name) => members[name]).find(Array.isArray);
  const lists = Object.values(members).filter(Array.isArray);
  const list = Array.isArray(json) ? json : (named ?? (lists.length === 1 ? lists[0] : undefined));
  if (list === undefined)
    throw new VendorError('retryable', `The vendor answered ${status} without a list of ${names[0]}.`);
  return list.map(objectOf);
}

const MAX_PAGES = 2000;

/**
 * All pages of a list up to one with nothing new: not all lists have pages, and how long one is differs. A page after the
 * last one may be refused instead of being empty; `may` are refusals of the first that mean an empty list, too.
 */
export async function pagesOf(
  http: Http,
  list: {
    readonly path: string;
    readonly names: readonly string[];
    readonly query: Readonly<Record<string, string | number>>;
    readonly may?: readonly number[];
  },
): Promise<Json[]> {
  const { path, names, query, may = [] } = list;
  const found = new Map<string, Json>();
  for (let page = 1; page <= MAX_PAGES; page++) {
    const accept = page === 1 ? may : [404];
    const answer = await http({ method: 'GET', path, query: { ...query, page }, repeatable: true, accept });
    if (answer.status >= 400) return [...found.values()];
    const before = found.size;
    for (const each of promisedList(answer, names)) found.set(textOf(each.id) ?? JSON.stringify(each), each);
    if (found.size === before) return [...found.values()];
  }
  throw new VendorError('permanent', `The vendor listed more than ${MAX_PAGES} pages at ${path}.`);
}

/** All texts under these names, anywhere in a JSON value: what a webhook mentions. */
export function mentionsIn(value: unknown, names: readonly string[], depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth > 8) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const text = names.includes(name) ? textOf(member) : undefined;
    return text === undefined ? mentionsIn(member, names, depth + 1) : [text];
  });
}

/** Headers by their names in small letters, as HTTP/2 writes them: names know no case. */
export function lowerCased(headers: WebhookRequest['headers']): WebhookRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

export function hint(eventKey: string, mentions: readonly string[]): WebhookHint {
  return { eventKey, mentions: [...new Set(mentions)].slice(0, 100) };
}

/** JSON from a text or its bytes; undefined when it is none. */
export function jsonFrom(body: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** What a form shows, as Markdown. */
export function markdownOf(blocks: readonly { readonly title: string; readonly text: string }[]): string {
  return blocks.map(({ title, text }) => `### ${title}\n\n${text}`).join('\n\n');
}

/** The same where it is rendered: each text is shown as it is, line by line, and nothing in it is a mark or a tag. */
export function markdownFor(blocks: readonly { readonly title: string; readonly text: string }[]): string {
  return markdownOf(blocks.map(({ title, text }) => ({ title: literal(title), text: literal(text) })));
}

function literal(text: string): string {
  const coded = (mark: string) => `&#${mark.charCodeAt(0)};`;
  const lines = text.split(/\r\n|\r|\n/).map((line) =>
    line
      .replace(/[&<>\\`*_[\]|~$]/g, coded)
      // What begins a heading, a list or a rule.
      .replace(/^\s*(?:[#+=-]|\d+[.)])/, (start) => start.slice(0, -1) + coded(start.slice(-1)))
      // Spaces at the beginning of a line, and several in a row, would be lost or mean code.
      .replace(/^[ \t]+|[ \t]{2,}|\t|[ \t]+$/g, (gap) => gap.replaceAll('\t', '    ').replaceAll(' ', '&nbsp;')),
  );
  // Each line break is one, and an empty line ends no paragraph.
  return lines.map((line) => line || '&nbsp;').join('  \n');
}

/** Text that is safe inside HTML and XML, attributes included. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** Some units of an order that a vendor can keep in one project, under a key of their own. */
export interface Group {
  readonly key: string;
  readonly units: readonly [Unit, ...Unit[]];
}

/** The units of an order by what `kindOf` says of them, for vendors whose questions belong to a project. */
export function groupsOf(order: Order, kindOf: (unit: Unit) => unknown): Group[] {
  const groups = new Map<string, [Unit, ...Unit[]]>();
  for (const unit of order.units) {
    const kind = JSON.stringify(kindOf(unit));
    const known = groups.get(kind);
    if (known) known.push(unit);
    else groups.set(kind, [unit]);
  }
  return [...groups].map(([kind, units]) => ({ key: `${order.key}-${sha256(kind).slice(0, 8)}`, units }));
}

/** A listed thing as it is by itself, where it is: a list may be shorter of words. */
export async function byItself(http: Http, path: string, listed: Json): Promise<Json> {
  const answer = await http({ method: 'GET', path, repeatable: true, accept: [404] });
  return answer.status === 404 ? listed : jsonOf(answer);
}

/** Where the units of an order are, such as its projects, by what was kept of each (that itself by default), with their keys. */
export function placesIn(
  placement: Placement,
  placeOf: (kept: string) => string = (kept) => kept,
): [place: string, keys: string[]][] {
  const places = new Map<string, string[]>();
  for (const [key, kept] of Object.entries(placement.units)) {
    const place = placeOf(kept);
    places.set(place, [...(places.get(place) ?? []), key]);
  }
  return [...places];
}

/** So many places of a look in a row that cannot be asked about: the rest is left for the next. */
const MAX_FAULTS = 2;
/** Says that there is no such place, which is no matter of the others. */
const GONE: readonly (number | undefined)[] = [404, 410];

/**
 * The units of an order, place after place: one that cannot be asked about keeps no other from it, and its units stay open
 * with the reason. Throws where none can be.
 */
export async function lookAround<Place>(
  places: Iterable<readonly [place: Place, keys: readonly string[]]>,
  look: (place: Place, keys: readonly string[]) => Promise<readonly FetchedUnit[]>,
): Promise<FetchedUnit[]> {
  const found: FetchedUnit[] = [];
  let [fault, faults]: [VendorError | undefined, number] = [undefined, 0];
  for (const [place, keys] of places) {
    if (faults < MAX_FAULTS) {
      try {
        found.push(...(await look(place, keys)));
        faults = 0;
        continue;
      } catch (error) {
        if (!(error instanceof VendorError)) throw error;
        fault = error;
        if (!GONE.includes(error.status)) faults++;
      }
    }
    if (fault) for (const key of keys) found.push({ key, state: 'open', responses: [], fault });
  }
  if (fault && found.every((unit) => unit.fault)) throw fault;
  return found;
}

/** Refusals of whoever asks, not of what is asked for. */
const OF_THE_CALLER: readonly (number | undefined)[] = [401, 402, 403];

/**
 * Buys part after part, `units` being bought already. One that is refused is left out where others are bought: what there is
 * must be known, and no failure of the whole order. Throws where nothing is bought at all.
 */
export async function buyParts<Part>(
  parts: readonly Part[],
  buy: (part: Part) => Promise<Readonly<Record<string, string>>>,
  units: Readonly<Record<string, string>> = {},
): Promise<Pick<Placement, 'units' | 'refused'>> {
  const bought: Record<string, string> = { ...units };
  let refusal: VendorError | undefined;
  for (const part of parts) {
    try {
      Object.assign(bought, await buy(part));
    } catch (error) {
      if (!(error instanceof VendorError) || error.kind !== 'permanent') throw error;
      refusal ??= error;
      if (OF_THE_CALLER.includes(error.status)) break;
    }
  }
  if (refusal && Object.keys(bought).length === 0) throw refusal;
  return { units: bought, ...(refusal ? { refused: refusal.message } : {}) };
}

/** The whole numbers of a scale, as texts. */
export function numbersOf({ min, max }: { readonly min: number; readonly max: number }): string[] {
  return Array.from({ length: max - min + 1 }, (_, at) => `${min + at}`);
}

/** What `look` finds, looked for again and again for at most `forMs`; undefined when that was not long enough. */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  { everyMs, forMs }: { readonly everyMs: number; readonly forMs: number },
): Promise<T | undefined> {
  const endMs = performance.now() + forMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || performance.now() + everyMs > endMs) return found;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
