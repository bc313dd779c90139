import { wordCount } from './hedging.ts';
import { MOST_CHARACTERS } from './wording.ts';

/** What Markdown has at the beginning of a line: headings, lists, quotes, rows of tables, fences. */
const LINES = /^[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,3}[.)][ \t]|>|\||```|~~~)/gm;
/** And within one: emphasis, code, links. */
const SPANS = /\*\*[^*\n]{1,200}\*\*|__[^_\n]{1,200}__|`[^`\n]{1,200}`|\[[^[\]\n]{1,200}\]\([^()\n]{1,500}\)/g;

/** Marks of Markdown a word of a text; 0 of one without words. */
export function markdown(whole: string): number {
  const text = whole.slice(0, MOST_CHARACTERS);
  const words = wordCount(text);
  if (words === 0) return 0;
  return ((text.match(LINES)?.length ?? 0) + (text.match(SPANS)?.length ?? 0)) / words;
}
