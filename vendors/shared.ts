import type { Order, WebhookHint } from './vendor.ts';

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

/** The value as an object; an empty one when it is none. */
export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The value as a list; an empty one when it is none. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** All texts under these names, anywhere in a JSON value: what a webhook mentions. */
export function mentionsIn(value: unknown, names: readonly string[], depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth > 8) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const text = names.includes(name) ? textOf(member) : undefined;
    return text === undefined ? mentionsIn(member, names, depth + 1) : [text];
  });
}

export function hint(eventKey: string, mentions: readonly string[]): WebhookHint {
  return { eventKey, mentions: [...new Set(mentions)].slice(0, 100) };
}

/** JSON from bytes; undefined when it is none. */
export function jsonFrom(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** What a form shows, as Markdown. */
export function markdownOf(blocks: readonly { readonly title: string; readonly text: string }[]): string {
  return blocks.map(({ title, text }) => `### ${title}\n\n${text}`).join('\n\n');
}

/** Text that is safe inside HTML and XML, attributes included. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
