/** A marked part of a text. Offsets count Unicode code points from 0; `end` is not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/** Where the cursor is, and where a selection began; equal when nothing is selected. */
export interface Cursor {
  readonly anchor: number;
  readonly head: number;
}

/** A run of text with the same marks on all of it. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly spans: readonly Span[];
}

/** The code points of a text; a lone surrogate counts as one, as it does on the server. */
export const pointsOf = (text: string): readonly string[] => Array.from(text);

/** How many code points lie before a UTF-16 offset, as the browser's ranges count. */
export function pointsBefore(text: string, offset: number): number {
  return Array.from(text.slice(0, offset)).length;
}

/** Cuts the text wherever a mark, or the selection, begins or ends. */
export function segmentsOf(length: number, spans: readonly Span[], { anchor, head }: Cursor): Segment[] {
  const cuts = new Set([0, length, anchor, head, ...spans.flatMap(({ start, end }) => [start, end])]);
  const places = [...cuts].filter((at) => at >= 0 && at <= length).sort((a, b) => a - b);
  return places.slice(0, -1).map((start, at) => {
    const end = places[at + 1] ?? length;
    return { start, end, spans: spans.filter((span) => span.start <= start && span.end >= end) };
  });
}

/** The next place a word begins or ends, going left (-1) or right (1). */
export function wordEdge(text: string, from: number, by: -1 | 1): number {
  const edges = [0];
  let at = 0;
  for (const { segment, isWordLike } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text)) {
    const end = at + Array.from(segment).length;
    if (isWordLike) edges.push(at, end);
    at = end;
  }
  edges.push(at);
  return (by > 0 ? edges.find((edge) => edge > from) : edges.findLast((edge) => edge < from)) ?? (by > 0 ? at : 0);
}

/** The next place a character as people see it begins, so that no emoji is cut in half. */
export function characterEdge(text: string, from: number, by: -1 | 1): number {
  let at = 0;
  let before = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const end = at + Array.from(segment).length;
    if (by > 0 && at >= from) return end;
    if (by > 0 && end > from) return end;
    if (at < from) before = at;
    at = end;
  }
  return by > 0 ? at : before;
}

/** Without the blanks at its ends; undefined where nothing else is in it. */
export function trimmed(
  points: readonly string[],
  from: number,
  to: number,
): { start: number; end: number } | undefined {
  let [start, end] = [Math.min(from, to), Math.max(from, to)];
  const blank = (at: number) => /^\s$/u.test(points[at] ?? '');
  while (start < end && blank(start)) start++;
  while (end > start && blank(end - 1)) end--;
  return start < end ? { start, end } : undefined;
}

export const sameSpan = (a: Span, b: Span): boolean => a.start === b.start && a.end === b.end && a.label === b.label;

export const overlaps = (a: { start: number; end: number }, b: { start: number; end: number }): boolean =>
  a.start < b.end && b.start < a.end;

/** In the order of the text. */
export const inOrder = (spans: readonly Span[]): Span[] =>
  [...spans].sort((a, b) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1));
