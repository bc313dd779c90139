/** What Markdown has at the beginning of a line: headings, lists, quotes, rows of tables, fences. */
const LINES = /^[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,3}[.)][ \t]|>|\||```|~~~)/gm;
/** And within one: emphasis, code, links. */
const SPANS = /\*\*[^*\n]+\*\*|__[^_\n]+__|`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)/g;

/** Marks of Markdown a word of a text; 0 of one without words. */
export function markdown(text: string): number {
  const words = text.match(/[\p{L}\p{M}\p{N}'’]+/gu)?.length ?? 0;
  if (words === 0) return 0;
  return ((text.match(LINES)?.length ?? 0) + (text.match(SPANS)?.length ?? 0)) / words;
}
