import { z } from 'zod';
import { weightedMedoid } from '../aggregation/medoid.ts';
import { type Span, spanDistance, spanOrder } from '../aggregation/spans/overlap.ts';
import { spanVote } from '../aggregation/spans/vote.ts';
import { supportOf } from '../aggregation/support.ts';
import { orderedVotes } from '../aggregation/weighted-vote.ts';
import { codePointLength, codePointSlicer, codePointsOf } from '../text/code-points.ts';
import { wordMask } from '../text/words.ts';
import {
  flagField,
  isObject,
  mismatch,
  nameIn,
  namesField,
  payloadOf,
  refuser,
  shareField,
  shownFields,
  textField,
  unknownField,
  wholeField,
} from './fields.ts';
import { grouped, listed, show } from './messages.ts';
import type { TaskType, WeightedVote } from './task-type.ts';

/** Longest text to mark, in code points, and most spans of one label. */
const MAX_TEXT = 100_000;
const MAX_SPANS = 1000;

/** Beside a known label: this distance is two thirds of F1 on labelled code points. */
const GOLD_TOLERANCE = 0.5;

const configSchema = z.object(
  {
    labels: namesField('config.labels', { min: 1, max: 500 }),
    /** Whether spans may overlap or lie within one another. */
    allowOverlap: flagField('config.allowOverlap').default(true),
    maxSpans: wholeField('config.maxSpans', { min: 1, max: MAX_SPANS }).default(MAX_SPANS),
    /** Largest distance from a known label at which an answer counts as right. */
    goldTolerance: shareField('config.goldTolerance').optional(),
  },
  { error: (issue) => mismatch('config', 'an object', issue.input) },
);

const payloadSchema = payloadOf({
  text: textField('payload.text', { filled: true }).refine((text) => codePointLength(text) <= MAX_TEXT, {
    error: (issue) =>
      `payload.text has ${grouped(codePointLength(String(issue.input)))} code points; at most ${grouped(MAX_TEXT)} are allowed`,
  }),
  title: textField('payload.title').optional(),
});

export type SpanConfig = z.infer<typeof configSchema>;
export type SpanPayload = z.infer<typeof payloadSchema>;
/** Spans sorted by start, end and label; offsets count Unicode code points. An empty list says that nothing is there. */
export type SpanLabel = readonly Span[];

function labelSchema(config: SpanConfig, payload?: SpanPayload): z.ZodType<SpanLabel> {
  return z.unknown().transform((value, ctx) => {
    const refuse = refuser(ctx);
    if (!Array.isArray(value)) return refuse(`label: ${show(value)} is not a list of {start, end, label}`);
    if (value.length > config.maxSpans) {
      return refuse(`label has ${grouped(value.length)} spans; at most ${grouped(config.maxSpans)} are allowed`);
    }
    const text = payload && { length: codePointLength(payload.text), slice: codePointSlicer(payload.text) };
    const spans: (Span & { at: number })[] = [];
    for (const [at, each] of (value as unknown[]).entries()) {
      const span = readSpan(each, `label[${at}]`, config, text);
      if (typeof span === 'string') return refuse(span);
      spans.push({ ...span, at });
    }
    spans.sort((a, b) => spanOrder(a, b) || a.at - b.at);
    let last: (Span & { at: number }) | undefined;
    for (const span of spans) {
      if (last && spanOrder(last, span) === 0) return refuse(`label[${span.at}] repeats label[${last.at}]`);
      if (last && !config.allowOverlap && span.start < last.end) {
        return refuse(`label[${span.at}] overlaps label[${last.at}], which this campaign does not allow`);
      }
      last = span;
    }
    return spans.map(({ start, end, label }) => ({ start, end, label }));
  });
}

function readSpan(
  value: unknown,
  field: string,
  { labels }: SpanConfig,
  text: { length: number; slice: (start: number, end: number) => string } | undefined,
): Span | string {
  if (!isObject(value)) return `${field}: ${show(value)} is not an object with start, end and label`;
  const unknown = unknownField(value, ['start', 'end', 'label', 'text']);
  if (unknown !== undefined) return `${field} has the unknown field ${show(unknown)}; use start, end, label and text`;
  const { start, end, label } = value;
  const most = text?.length ?? MAX_TEXT;
  const length = text ? ", the text's length in code points" : '';
  if (!isWhole(start, 0, most - 1)) return `${field}.start: ${show(start)} is not a whole number from 0 to ${most - 1}`;
  if (end === start)
    return `${field} is empty: it starts and ends at ${start}; end is the place after the last code point`;
  if (!isWhole(end, start + 1, most)) {
    return `${field}.end: ${show(end)} is not a whole number from ${start + 1} to ${most}${length}`;
  }
  const name = nameIn(labels, label);
  if (name === undefined) return `${field}.label: ${show(label)} is not one of ${listed(labels)}`;
  // Whoever sends the text along finds out at once that they count something else than code points.
  if (text && value.text !== undefined && value.text !== text.slice(start, end)) {
    const there = show(text.slice(start, end));
    return `${field}.text: ${show(value.text)} is not what stands there, ${there}; offsets count Unicode code points`;
  }
  return { start, end, label: name };
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

const nameOf = ({ start, end, label }: Span) => `${label} ${start}-${end}`;

/** The label with the least distance from all votes. */
function nearestToAll(ordered: readonly { vote: WeightedVote<SpanLabel>; weight: number }[]): SpanLabel {
  const labels = new Map(ordered.map(({ vote }) => [span.canonical(vote.label), vote.label]));
  const spansOf = (choice: string) => labels.get(choice) ?? [];
  const ballots = ordered.map(({ vote: { annotationId, label }, weight }) => {
    return { annotationId, weight, choice: span.canonical(label) };
  });
  const { winner } = weightedMedoid(ballots, (a, b) => spanDistance(spansOf(a), spansOf(b)));
  return spansOf(winner ?? '');
}

/** Labelled parts of a text, which may overlap and lie within one another. */
export const span: TaskType<SpanConfig, SpanPayload, SpanLabel> = {
  name: 'span',
  title: 'Span annotation',
  defaultSeconds: 90,
  agreementLevel: 'distance',
  labelReadsPayload: true,
  aggregateReadsPayload: true,
  configSchema,
  payloadSchema,
  labelSchema,

  canonical(label) {
    return JSON.stringify([...label].sort(spanOrder).map(({ start, end, label: name }) => [start, end, name]));
  },

  /** Jaccard distance over labelled code points: 1 - (marked alike by both) / (marked by either). */
  distance(a, b) {
    return spanDistance(a, b);
  },

  matches(label, known, { goldTolerance = GOLD_TOLERANCE }) {
    return spanDistance(label, known) <= goldTolerance;
  },

  /**
   * Weighted vote on each code point and label, joined to spans (see `spanVote`). Where that leaves none although more
   * than half of the weight marked some, it is the label nearest to all votes, and a tie. Confidence is 1 minus the votes'
   * weighted mean distance from the result; `distribution` has the share of weight behind each span of it.
   */
  aggregate(votes, _config, payload, rules = 2) {
    if (votes.length === 0) return { label: null, confidence: 0, distribution: {}, method: 'span_vote', n: 0 };
    const ordered = orderedVotes(votes, ({ label }) => span.canonical(label));
    const points = payload && codePointsOf(payload.text);
    const voted = spanVote(
      ordered.map(({ vote, weight }) => ({ spans: vote.label, weight })),
      points && { points, words: wordMask(points) },
    );
    const found = voted.map(({ start, end, label: name }) => ({ start, end, label: name }));
    const total = ordered.reduce((sum, { weight }) => sum + weight, 0);
    const marking = ordered.reduce((sum, { vote, weight }) => sum + (vote.label.length > 0 ? weight : 0), 0);
    // Each marks something else: that there is nothing is what nobody said.
    const isSplit = rules >= 2 && found.length === 0 && 2 * marking > total;
    const label = isSplit ? nearestToAll(ordered) : found;
    return {
      label,
      confidence: supportOf(ordered, (vote) => spanDistance(vote.label, label)),
      distribution: Object.fromEntries(voted.map((each) => [nameOf(each), each.share])),
      method: 'span_vote',
      n: votes.length,
      stats: { spans: label.length, ...(isSplit ? { tie: 1 } : {}) },
    };
  },

  present(payload) {
    return { payload: shownFields(payload, ['text', 'title']), order: '' };
  },

  /** `spans` is the label with the marked text and the share of weight behind each span. */
  exportRecord(payload, { label, confidence, distribution, n }) {
    const slice = codePointSlicer(payload.text);
    const spans = label?.map((each) => {
      return { ...each, text: slice(each.start, each.end), share: distribution[nameOf(each)] ?? null };
    });
    return { ...payload, label, spans: spans ?? null, confidence, n_annotators: n };
  },

  modelTarget() {
    return { kind: 'none' };
  },

  modelLabel() {
    return null;
  },

  features({ title, text }) {
    return title ? `${title}\n${text}` : text;
  },
};
