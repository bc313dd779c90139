import { numberIn } from './shared.ts';

/** What a vendor counts places in, and whether a mark's end is its last character or the one after it. */
export interface Counting {
  readonly unit: 'code_points' | 'utf16';
  readonly end: 'inclusive' | 'exclusive';
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads places of a text as ours, by code points and end exclusive. Where a mark says its own text, the counting under which
 * that stands at its place is right, whatever is `usual`; what is no place stays as it is, for the label's schema to refuse.
 */
export function createPlaces(text: string, usual: Counting) {
  const points = [...text];
  const pointAt = (unit: Counting['unit'], offset: number): number => {
    if (unit === 'code_points' || !Number.isInteger(offset) || offset < 0) return offset;
    // Beyond the text it stays so.
    return offset > text.length ? points.length + offset - text.length : [...text.slice(0, offset)].length;
  };
  const countings: Counting[] = [usual, { ...usual, end: other(usual.end) }];
  countings.push(
    ...countings.map(({ end }) => ({ end, unit: usual.unit === 'utf16' ? 'code_points' : 'utf16' }) as const),
  );

  return (mark: { readonly start: unknown; readonly end: unknown; readonly said?: unknown }) => {
    const { said } = mark;
    const [start, end] = [numberIn(mark.start), numberIn(mark.end)];
    if (start === undefined || end === undefined) return { start: mark.start, end: mark.end };
    const places = countings.map((counting): Place => {
      const past = end + (counting.end === 'inclusive' ? 1 : 0);
      return { start: pointAt(counting.unit, start), end: pointAt(counting.unit, past) };
    });
    const says = ({ start: from, end: to }: Place) => to <= points.length && points.slice(from, to).join('') === said;
    return places.find(says) ?? places[0];
  };
}

const other = (end: Counting['end']): Counting['end'] => (end === 'inclusive' ? 'exclusive' : 'inclusive');
