import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { QuorateError } from '../domain/failures.ts';
import { jsonFault } from '../domain/formats/json-fault.ts';

/**
 * Reads JSON bodies strictly: invalid UTF-8 is refused (not replaced), as is text that PostgreSQL cannot store. An
 * empty body is no body, whatever the content type says.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.addContentTypeParser(
    ['application/json', 'application/*+json'],
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      try {
        if (request.headers['idempotency-key'] !== undefined) {
          request.bodyHash = createHash('sha256').update(body).digest('hex');
        }
        done(null, body.length === 0 ? undefined : parseJson(body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

/** Storable JSON from bytes, or `malformed_request` or `invalid_input` that says where it is wrong. */
export function parseJson(body: Uint8Array): unknown {
  const { value, text } = readJson(body);
  const fault = isTooDeep(value, MAX_DEPTH) ? TOO_DEEP : storageFault(value, text);
  if (fault) throw new QuorateError('invalid_input', fault.message, { field: fault.field });
  return value;
}

/** JSON from bytes, or `malformed_request` that names line and column. */
export function readJson(body: Uint8Array): { value: unknown; text: string } {
  const text = decodeUtf8(body);
  if (text === undefined) throw new QuorateError('malformed_request', 'The body is not valid UTF-8; save it as UTF-8.');
  try {
    return { value: JSON.parse(text) as unknown, text };
  } catch {
    throw new QuorateError('malformed_request', `The body is not valid JSON${placeOf(text)}.`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text, without a byte order mark; undefined when the bytes are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Where a text is no JSON and what belongs there: " at line 3, column 7: found "x" where a colon belongs". */
export function placeOf(text: string): string {
  if (text.trim() === '') return ': it is empty';
  const fault = jsonFault(text);
  return fault ? ` at line ${fault.line}, column ${fault.column}: ${fault.reason}` : '';
}

/** What makes a parsed value unstorable, with its place. Looks closer only where the text has a suspicious escape. */
export function storageFault(value: unknown, text: string): { field: string; message: string } | undefined {
  return /\\u(?:0000|d[89a-f])/i.test(text) ? faultIn(value, '', 0) : undefined;
}

const MAX_DEPTH = 100;
const TOO_DEEP = { field: 'body', message: `The body is nested more than ${MAX_DEPTH} levels deep.` };

function isTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const member of Object.values(value)) if (isTooDeep(member, levels - 1)) return true;
  return false;
}

function faultIn(value: unknown, field: string, depth: number): { field: string; message: string } | undefined {
  if (depth > MAX_DEPTH) return TOO_DEEP;
  if (typeof value === 'string') return textFault(value, field || 'body');
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const inner = field === '' ? key : `${field}.${key}`;
    const fault = textFault(key, field || 'body') ?? faultIn(member, inner, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function textFault(text: string, field: string): { field: string; message: string } | undefined {
  if (text.includes('\u0000')) {
    return { field, message: `${field} contains the character \\u0000, which cannot be stored; remove it.` };
  }
  if (/\p{Surrogate}/u.test(text)) {
    return { field, message: `${field} has half of a surrogate pair, which is no character; repair its encoding.` };
  }
  return undefined;
}
