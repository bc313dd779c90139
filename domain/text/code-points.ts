/** How many Unicode code points a text has; a lone surrogate counts as one. */
export function codePointLength(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if (!isPair(text, i)) continue;
    count--;
    i++;
  }
  return count;
}

/** The code points themselves. */
export function codePointsOf(text: string): Uint32Array {
  const points = new Uint32Array(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    points[count++] = text.codePointAt(i) ?? 0;
    if (isPair(text, i)) i++;
  }
  return points.subarray(0, count);
}

/** A reader of parts of `text`, from the code point at `start` up to, not including, the one at `end`. */
export function codePointSlicer(text: string): (start: number, end: number) => string {
  if (codePointLength(text) === text.length) return (start, end) => text.slice(start, end);
  const offsets: number[] = [];
  for (let i = 0; i < text.length; i++) {
    offsets.push(i);
    if (isPair(text, i)) i++;
  }
  const offset = (at: number) => offsets[at] ?? text.length;
  return (start, end) => text.slice(offset(start), offset(end));
}

function isPair(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
}
