import { z } from 'zod';
import { weightedMedoid } from '../aggregation/medoid.ts';
import { supportOf } from '../aggregation/support.ts';
import { orderedVotes } from '../aggregation/weighted-vote.ts';
import { codePointLength } from '../text/code-points.ts';
import { compilePattern } from '../text/pattern.ts';
import { PatternFault } from '../text/pattern-program.ts';
import { type ComparableText, comparableText, distanceOf, textDistance } from '../text/text-distance.ts';
import {
  isObject,
  mismatch,
  payloadOf,
  refuser,
  shareField,
  shownFields,
  textFault,
  textField,
  wholeField,
} from './fields.ts';
import { grouped, show } from './messages.ts';
import type { TaskType } from './task-type.ts';

/** Longest answer, in code points. */
const MAX_LENGTH = 100_000;
const DEFAULT_MAX_LENGTH = 10_000;

/** Most steps that matching one answer may take: about a tenth of a second. */
const MAX_PATTERN_WORK = 4_000_000;

/** Beside a known answer: about a fifth of the text may differ. */
const GOLD_TOLERANCE = 0.2;

const configSchema = z
  .object(
    {
      /** Length of an answer in code points, without blanks around it. */
      minLength: wholeField('config.minLength', { min: 1, max: MAX_LENGTH }).default(1),
      maxLength: wholeField('config.maxLength', { min: 1, max: MAX_LENGTH }).default(DEFAULT_MAX_LENGTH),
      /** A regular expression that an answer must match as a whole. */
      pattern: textField('config.pattern', { filled: true })
        .refine((text) => text.length <= 1000, { error: 'config.pattern has more than 1,000 characters' })
        .optional(),
      /** The pattern in words, for those who write: "a date such as 2026-01-31". */
      patternHint: textField('config.patternHint')
        .refine((text) => text.length <= 500, { error: 'config.patternHint has more than 500 characters' })
        .optional(),
      /** Largest distance from a known answer at which an answer counts as right. */
      goldTolerance: shareField('config.goldTolerance').optional(),
    },
    { error: (issue) => mismatch('config', 'an object', issue.input) },
  )
  .superRefine(({ minLength, maxLength, pattern }, ctx) => {
    const refuse = (message: string) => ctx.addIssue({ code: 'custom', message });
    if (minLength > maxLength) {
      refuse(`config.maxLength is ${maxLength}; it must be at least config.minLength, ${minLength}`);
    }
    if (pattern === undefined) return;
    try {
      const { cost } = compilePattern(pattern);
      const most = Math.floor(MAX_PATTERN_WORK / Math.max(1, cost));
      if (maxLength > most) {
        refuse(
          `config.pattern takes too long on texts of ${grouped(maxLength)} code points; shorten it (what it says of characters beyond ASCII, such as \\s, \\p{…} and [à-ü], takes longest), or set config.maxLength to ${grouped(most)} or less`,
        );
      }
    } catch (error) {
      if (!(error instanceof PatternFault)) throw error;
      refuse(`config.pattern ${error.message}`);
    }
  });

const payloadSchema = payloadOf({
  /** What to write about, or what to do; one of the two must be there. */
  text: textField('payload.text').optional(),
  prompt: textField('payload.prompt').optional(),
  title: textField('payload.title').optional(),
}).superRefine((payload, ctx) => {
  if (!isObject(payload) || payload.text?.trim() || payload.prompt?.trim()) return;
  const message = 'payload.text is missing or empty, and so is payload.prompt; one of them must be filled';
  ctx.addIssue({ code: 'custom', path: ['text'], message });
});

export type FreeTextConfig = z.infer<typeof configSchema>;
export type FreeTextPayload = z.infer<typeof payloadSchema>;
/** Composed Unicode (NFC) without blanks around it; line ends are \n. */
export type FreeTextLabel = string;

function normal(text: string): string {
  return text.normalize('NFC').replace(/\r\n?/g, '\n').trim();
}

/** What does not count beside a known answer: upper and lower case, and how words are spaced. */
function loose(text: string): string {
  return normal(text).toLowerCase().replace(/\s+/gu, ' ');
}

function labelSchema(config: FreeTextConfig): z.ZodType<FreeTextLabel> {
  const { minLength, maxLength, pattern, patternHint } = config;
  const compiled = pattern === undefined ? undefined : compilePattern(pattern);
  return z.unknown().transform((value, ctx) => {
    const refuse = refuser(ctx);
    if (typeof value !== 'string') return refuse(`label: ${show(value)} is not a text`);
    const fault = textFault(value);
    if (fault !== undefined) return refuse(`label ${fault}`);
    // Before anything is done with it: NFC and the pattern take time in proportion to the length.
    const given = codePointLength(value);
    if (given > 2 * MAX_LENGTH) return refuse(tooLong(given, maxLength));
    const text = normal(value);
    const length = codePointLength(text);
    if (length > maxLength) return refuse(tooLong(length, maxLength));
    if (length < minLength) {
      if (length === 0) return refuse('label is empty; write an answer');
      return refuse(`label has ${grouped(length)} characters; at least ${grouped(minLength)} are needed`);
    }
    if (compiled?.matches(text) === false) {
      return refuse(`label: ${show(text)} does not have the form asked for, ${patternHint ?? show(pattern)}`);
    }
    return text;
  });
}

const tooLong = (length: number, maxLength: number) =>
  `label has ${grouped(length)} characters; at most ${grouped(maxLength)} are allowed`;

/** Names texts in a distribution: cut short, numbered where two begin alike. */
function shareNames(shares: readonly [string, number][]): Record<string, number> {
  const seen = new Map<string, number>();
  return Object.fromEntries(
    shares.map(([text, share]) => {
      const points = Array.from(text.slice(0, 300));
      const short = points.length > 100 ? `${points.slice(0, 100).join('')}…` : text;
      const before = seen.get(short) ?? 0;
      seen.set(short, before + 1);
      return [before === 0 ? short : `${short} (${before + 1})`, share];
    }),
  );
}

/** An answer in the annotator's own words. */
export const freeText: TaskType<FreeTextConfig, FreeTextPayload, FreeTextLabel> = {
  name: 'free_text',
  title: 'Free text',
  defaultSeconds: 120,
  agreementLevel: 'distance',
  configSchema,
  payloadSchema,
  labelSchema,

  canonical(label) {
    return normal(label);
  },

  /** Normalised edit distance, over words for long texts: see `textDistance`. */
  distance(a, b) {
    return textDistance(normal(a), normal(b));
  },

  comparing() {
    const prepared = new Map<string, ComparableText>();
    const of = (label: string) => {
      const known = prepared.get(label) ?? comparableText(normal(label));
      prepared.set(label, known);
      return known;
    };
    return { distance: (a, b) => distanceOf(of(a), of(b)) };
  },

  matches(label, known, { goldTolerance = GOLD_TOLERANCE }) {
    return textDistance(loose(label), loose(known)) <= goldTolerance;
  },

  /** A text at distance d is 1 - 2 d near: unrelated texts have a distance of a half and more. */
  nearness(label, decided) {
    return Math.max(0, 1 - 2 * textDistance(normal(label), normal(decided)));
  },

  /**
   * The weighted medoid: the answer nearest to all, never a text that nobody wrote. Its confidence, the agreement, is the share of weight
   * behind it, a text at distance d counting as 1 - 2 d: from a distance of a half on, which unrelated texts have, it
   * does not count at all.
   */
  aggregate(votes) {
    if (votes.length === 0) return { label: null, confidence: 0, distribution: {}, method: 'medoid', n: 0 };
    const ballots = votes.map(({ annotationId, label, weight }) => ({ annotationId, weight, choice: normal(label) }));
    const texts = new Map(ballots.map(({ choice }) => [choice, comparableText(choice)]));
    const between = (a: string, b: string) =>
      distanceOf(texts.get(a) ?? comparableText(a), texts.get(b) ?? comparableText(b));
    const { winner, distribution, tie } = weightedMedoid(ballots, between);
    const ordered = orderedVotes(ballots, ({ choice }) => choice);
    const distance = (choice: string) => (winner === null ? 1 : between(choice, winner));
    return {
      label: winner,
      confidence: supportOf(ordered, ({ choice }) => Math.min(1, 2 * distance(choice))),
      distribution: shareNames(distribution),
      method: 'medoid',
      n: votes.length,
      stats: { tie: tie ? 1 : 0, distance: 1 - supportOf(ordered, ({ choice }) => distance(choice)) },
    };
  },

  present(payload) {
    return { payload: shownFields(payload, ['text', 'prompt', 'title']), order: '' };
  },

  exportRecord(payload, { label, confidence, n }) {
    return { ...payload, label, confidence, n_annotators: n };
  },

  modelTarget() {
    return { kind: 'none' };
  },

  modelLabel() {
    return null;
  },

  features({ title, prompt, text }) {
    return [title, prompt, text].filter(Boolean).join('\n');
  },
};
