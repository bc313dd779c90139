import { z } from 'zod';
import { grouped, show } from './messages.ts';

/** All text of one payload together may have at most this many characters (UTF-16 units). */
export const MAX_PAYLOAD_CHARACTERS = 1_000_000;

/** Names (choices, criteria) are at most this long. */
export const MAX_NAME_CHARACTERS = 200;

const MAX_DEPTH = 32;

/** Names that would reach an object's prototype in careless code. */
const RESERVED_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** What makes a text unstorable as UTF-8 JSON in PostgreSQL, as the end of a sentence; undefined if nothing does. */
export function textFault(text: string): string | undefined {
  const nul = text.indexOf('\u0000');
  if (nul >= 0) return `contains a NUL character at position ${grouped(nul)}; remove it`;
  const lone = text.search(/\p{Surrogate}/u);
  if (lone >= 0) return `is not well-formed Unicode at position ${grouped(lone)}; repair its encoding`;
  return undefined;
}

/** A string field whose messages name it; `filled` also refuses text without a visible character. */
export function textField(field: string, options: { filled?: boolean } = {}) {
  const text = z.string({ error: (issue) => mismatch(field, 'a string', issue.input) });
  return options.filled ? text.refine((value) => value.trim() !== '', { error: `${field} is empty` }) : text;
}

/** "payload.text is missing; it must be a string." */
export function mismatch(field: string, wanted: string, input: unknown): string {
  return input === undefined
    ? `${field} is missing; it must be ${wanted}`
    : `${field} is ${show(input)}; it must be ${wanted}`;
}

/** A name the requester chooses: visible, at most 200 characters, no spaces around it, safe as a key. */
export function nameField(field: string) {
  return textField(field).superRefine((name, ctx) => {
    const fault = nameFault(name);
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: `${field}: ${show(name)} ${fault}` });
  });
}

/** true or false. */
export function flagField(field: string) {
  return z.boolean({ error: (issue) => mismatch(field, 'true or false', issue.input) });
}

/** A whole number from `min` to `max`. */
export function wholeField(field: string, { min, max }: { min: number; max: number }) {
  const wanted = `a whole number from ${grouped(min)} to ${grouped(max)}`;
  return z
    .number({ error: (issue) => mismatch(field, wanted, issue.input) })
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, {
      error: (issue) => mismatch(field, wanted, issue.input),
    });
}

/** A number from 0 to 1. */
export function shareField(field: string) {
  const wanted = 'a number from 0 to 1';
  return z
    .number({ error: (issue) => mismatch(field, wanted, issue.input) })
    .refine((value) => value >= 0 && value <= 1, { error: (issue) => mismatch(field, wanted, issue.input) });
}

/** A list of `min` to `max` names, all different. */
export function namesField(field: string, { min, max }: { min: number; max: number }) {
  const count = (input: unknown) => grouped((input as unknown[]).length);
  return z
    .array(nameField(field), { error: (issue) => mismatch(field, 'a list of names', issue.input) })
    .min(min, {
      error: (issue) =>
        `${field} has ${count(issue.input)}; at least ${grouped(min)} ${min === 1 ? 'is' : 'are'} needed`,
    })
    .max(max, { error: (issue) => `${field} has ${count(issue.input)}; at most ${grouped(max)} are allowed` })
    .superRefine((names, ctx) => {
      const twice = repeated(names);
      if (twice !== undefined) ctx.addIssue({ code: 'custom', message: `${field}: ${show(twice)} is there twice` });
    });
}

/** A list or object that may also come as JSON text, as it must in a cell of a CSV file. */
export function orJsonText<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);
}

/** Refuses a label: gives zod the sentence, and a value for the transform to return. */
export function refuser(ctx: z.RefinementCtx) {
  return (message: string): never => {
    ctx.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
}

/** A payload with only the named fields, those that it has: what a form shows. Required ones must be among them. */
export function shownFields<P extends Record<string, unknown>>(payload: P, names: readonly (keyof P)[]): P {
  return Object.fromEntries(
    names.filter((name) => payload[name] !== undefined).map((name) => [name, payload[name]]),
  ) as P;
}

/** Whether a JSON value is an object, not a list or null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first of an object's fields that is not one of `known`, or undefined. */
export function unknownField(value: object, known: readonly string[]): string | undefined {
  return Object.keys(value).find((key) => !known.includes(key));
}

function nameFault(name: string): string | undefined {
  if (name.trim() === '') return 'is empty';
  if (name.trim() !== name) return 'has spaces around it; remove them';
  if (name.length > MAX_NAME_CHARACTERS) return `has ${grouped(name.length)} characters; at most 200 are allowed`;
  if (RESERVED_NAMES.has(name)) return 'is a reserved word; choose another name';
  return textFault(name);
}

/** Of `names` the one that `value` spells, however its accents are composed; undefined where it is none of them. */
export function nameIn(names: readonly string[], value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (names.includes(value)) return value;
  const composed = value.normalize('NFC');
  return names.find((name) => name.normalize('NFC') === composed);
}

/** The first name that looks the same as an earlier one (after Unicode composition), or undefined. */
export function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => {
    const key = name.normalize('NFC');
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

/**
 * The payload of one item: the named fields, with further fields kept for the export. Whatever it holds must be
 * storable JSON of at most a million characters in all.
 */
export function payloadOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .looseObject(shape, { error: (issue) => mismatch('payload', 'an object', issue.input) })
    .superRefine((payload, ctx) => {
      const fault = payloadFault(payload);
      if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault });
    });
}

function payloadFault(payload: unknown): string | undefined {
  let total = 0;
  const visit = (value: unknown, field: string, depth: number): string | undefined => {
    if (depth > MAX_DEPTH) return `${field.slice(0, 60)}… is nested more than ${MAX_DEPTH} levels deep`;
    if (typeof value === 'string') {
      total += value.length;
      if (value.length > MAX_PAYLOAD_CHARACTERS) {
        return `${field} is ${grouped(value.length)} characters long; at most ${grouped(MAX_PAYLOAD_CHARACTERS)} are allowed`;
      }
      const fault = textFault(value);
      return fault && `${field} ${fault}`;
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return `${field} is ${value}; it must be a finite number`;
    if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
      return undefined;
    if (typeof value !== 'object') return `${field} is a ${typeof value}; only JSON values are allowed`;
    for (const [key, member] of Object.entries(value)) {
      if (!Array.isArray(value)) total += key.length;
      const fault = textFault(key);
      if (fault) return `a key in ${field} ${fault}`;
      const inner = visit(
        member,
        Array.isArray(value) ? `${field}[${key}]` : `${field}.${key.slice(0, 60)}`,
        depth + 1,
      );
      if (inner !== undefined) return inner;
    }
    return undefined;
  };
  const fault = visit(payload, 'payload', 0);
  if (fault !== undefined || total <= MAX_PAYLOAD_CHARACTERS) return fault;
  return `payload has ${grouped(total)} characters in all; at most ${grouped(MAX_PAYLOAD_CHARACTERS)} are allowed`;
}
