/** A node of a Markdown tree, as far as it is looked at here. */
interface Node {
  readonly type: string;
  readonly value?: string;
  readonly lang?: string | null;
  readonly meta?: string | null;
  readonly children?: readonly Node[];
  readonly spread?: boolean;
  readonly position?: { readonly start: { readonly offset?: number }; readonly end: { readonly offset?: number } };
}

/** The second line of a table: dashes between upright lines. */
const TABLE = /^[^\n]*\|[^\n]*\n[ \t>]*(?=[^\n]*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*(?:\n|$)/;

/**
 * Keeps what Markdown would leave out of a text that is judged: HTML and the addresses that links may refer to are text
 * as they were written, lines end where they ended, and tables keep their columns.
 */
export function asWritten() {
  return (tree: unknown, file: { readonly value: unknown }) => keepAll(tree as Node, String(file.value));
}

function keepAll(node: Node, source: string): Node {
  const { children } = node;
  if (!children) return node;
  const all = children.flatMap((child) => kept(child, source, isFlow(node)));
  // In a tight list paragraphs are no lines of their own, and what was added would run into the text before it.
  const loose = children.some(({ type }) => ADDED.test(type));
  return { ...node, children: all, ...(loose && { spread: true }) };
}

/** What is shown by paragraphs that Markdown has not. */
const ADDED = /^(html|definition|code)$/;
const FLOW = /^(root|blockquote|listItem)$/;
const isFlow = ({ type }: Node) => FLOW.test(type);

function kept(node: Node, source: string, inFlow: boolean): Node[] {
  switch (node.type) {
    case 'text':
      return linesOf(node.value ?? '');
    case 'html': {
      const lines = linesOf(node.value ?? '');
      return inFlow ? [{ type: 'paragraph', children: lines }] : lines;
    }
    case 'definition':
      // What refers to it needs it as well.
      return [node, { type: 'paragraph', children: linesOf(sourceOf(node, source)) }];
    case 'code': {
      const info = [node.lang, node.meta].filter(Boolean).join(' ');
      return info === '' ? [node] : [{ type: 'paragraph', children: linesOf(info) }, node];
    }
    case 'paragraph':
      if (TABLE.test(sourceOf(node, source))) return [{ type: 'code', value: sourceOf(node, source) }];
  }
  return [keepAll(node, source)];
}

function sourceOf({ position }: Node, source: string): string {
  return source.slice(position?.start.offset ?? 0, position?.end.offset ?? 0);
}

/** Text with its ends of lines; spaces that begin a line, as in HTML that is set in, are kept. */
function linesOf(text: string): Node[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, at) => {
    const value = at === 0 ? line : line.replace(/^[ \t]+/, (spaces) => '\u00a0'.repeat(spaces.length));
    const words: Node[] = value === '' ? [] : [{ type: 'text', value }];
    return at === 0 ? words : [{ type: 'break' }, ...words];
  });
}
