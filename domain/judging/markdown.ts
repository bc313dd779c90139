/** What Markdown has at the beginning of a line: headings, lists, quotes, rows of tables, fences. */
const LINES = /^[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,3}[.)][ \t]|>|\||```|~~~)/gm;
/** And within one: emphasis, code, links. */
const SPANS = /\*\*[^*\n]{1,200}\*\*|__[^_\n]{1,200}__|`[^`\n]{1,200}`|\[[^[\]\n]{1,200}\]\([^()\n]{1,500}\)/g;

/** Of a longer text the beginning stands for all of it. */
const MOST_CHARACTERS = 4000;

/** Marks of Markdown a word of a text; 0 of one without words. */
export function markdown(whole: string): number {
  const text = whole.slice(0, MOST_CHARACTERS);
  const words = text.match(/[\p{L}\p{M}\p{N}'’]+/gu)?.length ?? 0;
  if (words === 0) return 0;
  return ((text.match(LINES)?.length ?? 0) + (text.match(SPANS)?.length ?? 0)) / words;
}
