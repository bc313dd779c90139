/** What an annotator is shown of one mail at most, in characters (UTF-16 units). */
export const MAX_MAIL_CHARACTERS = 4000;

/** Bodies are cut before they are parsed: no more than this can matter for the first 4,000 characters. */
const MAX_RAW_CHARACTERS = 300_000;
const MAX_DEPTH = 5;
const FOOTER_LINES = 12;

type Headers = ReadonlyMap<string, string>;

/**
 * The readable part of a raw RFC 822 mail: sender (name and domain), subject and body as plain text. Other headers are
 * dropped, since relays, list names and filter marks would give the answer away. Always valid Unicode, never empty, at
 * most `MAX_MAIL_CHARACTERS` long.
 */
export function mailText(raw: string): string {
  const { headers, body } = splitHeaders(raw.replaceAll('\r\n', '\n').slice(0, MAX_RAW_CHARACTERS));
  const subject = cleanText(stripListTag(decodeWords(headers.get('subject') ?? ''))).replaceAll('\n', ' ');
  const from = cleanText(sender(decodeWords(headers.get('from') ?? ''))).replaceAll('\n', ' ');
  const text = cleanText(partText(headers, body, 0));
  const head = `${from === '' ? '' : `From: ${from}\n`}Subject: ${subject === '' ? '(none)' : subject}`;
  return cut(text === '' ? head : `${head}\n\n${text}`, MAX_MAIL_CHARACTERS);
}

/** Headers by lower-case name (the first of each counts), unfolded; the body is what follows the first empty line. */
function splitHeaders(raw: string): { headers: Headers; body: string } {
  const lines = raw.split('\n');
  const headers = new Map<string, string>();
  // An mbox file begins every mail with a line like "From someone@example.com Thu Aug 22 12:36:23 2002".
  let i = /^>?From /.test(lines[0] ?? '') ? 1 : 0;
  let name = '';
  for (; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (line.trim() === '') break;
    const field = /^([!-9;-~]+):\s*(.*)$/.exec(line);
    if (/^[ \t]/.test(line)) {
      if (name !== '') headers.set(name, `${headers.get(name) ?? ''} ${line.trim()}`);
    } else if (field) {
      const key = (field[1] ?? '').toLowerCase();
      // An empty name makes the loop skip the folded lines of a repeated header.
      name = headers.has(key) ? '' : key;
      if (name !== '') headers.set(name, field[2] ?? '');
    } else {
      return { headers, body: lines.slice(i).join('\n') };
    }
  }
  return { headers, body: lines.slice(i + 1).join('\n') };
}

/** The text of a MIME part: of alternatives the plain one, of other multiparts all texts, of attachments nothing. */
function partText(headers: Headers, body: string, depth: number): string {
  const contentType = headers.get('content-type') ?? 'text/plain';
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const boundary = parameter(contentType, 'boundary');
  if (type.startsWith('multipart/') && boundary !== undefined && depth < MAX_DEPTH) {
    const parts = splitParts(body, boundary).map((part) => {
      const inner = splitHeaders(part);
      return { type: inner.headers.get('content-type') ?? '', text: partText(inner.headers, inner.body, depth + 1) };
    });
    const readable = parts.filter(({ text }) => text.trim() !== '');
    const plain = readable.find((part) => !/html/i.test(part.type));
    if (type === 'multipart/alternative') return (plain ?? readable[0])?.text ?? '';
    if (readable.length > 0) return readable.map(({ text }) => text).join('\n\n');
    return parts.length > 0 ? '' : htmlToText(body);
  }
  if (type === 'message/rfc822' && depth < MAX_DEPTH) {
    const inner = splitHeaders(body.trimStart());
    return partText(inner.headers, inner.body, depth + 1);
  }
  if (/^(image|audio|video|application)\//.test(type)) return '';
  const charset = parameter(contentType, 'charset');
  const decoded = stripListFooter(decodeBody(body, headers.get('content-transfer-encoding'), charset));
  return type === 'text/html' || /<(html|body|table|font|br|p|a)\b[^>]*>/i.test(decoded)
    ? htmlToText(decoded)
    : decoded;
}

function splitParts(body: string, boundary: string): string[] {
  // What stands before the first boundary is a note to old mail programs; what follows the closing one is nothing.
  const [, ...parts] = `\n${body}`.split(`\n--${boundary}`);
  const end = parts.findIndex((part) => part.startsWith('--'));
  return (end < 0 ? parts : parts.slice(0, end)).map((part) => part.replace(/^[^\n]*\n/, ''));
}

function parameter(contentType: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(contentType);
  return found?.[1] ?? found?.[2];
}

function decodeBody(body: string, transfer: string | undefined, charset: string | undefined): string {
  const encoding = (transfer ?? '').trim().toLowerCase();
  if (encoding === 'base64') return decodeBytes(Buffer.from(body, 'base64'), charset);
  if (encoding === 'quoted-printable') return decodeBytes(quotedPrintable(body.replace(/=[ \t]*\n/g, '')), charset);
  // A seven-bit encoding with escapes: its bytes came through unharmed and still need decoding.
  return /^iso-2022/i.test(charset ?? '') ? decodeBytes(Buffer.from(body, 'latin1'), charset) : body;
}

function quotedPrintable(text: string): Buffer {
  const byte = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
  return Buffer.from(text.replaceAll('\ufffd', '?').replace(/=([0-9A-F]{2})/gi, byte), 'latin1');
}

/** Bytes as text; where the mail names no charset or an unknown one, the Western European of its time. */
function decodeBytes(bytes: Uint8Array, charset: string | undefined): string {
  try {
    return new TextDecoder(charset ?? 'windows-1252').decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Encoded words in headers, as `=?iso-8859-1?Q?Caf=E9?=` (RFC 2047); white space between two of them does not count. */
function decodeWords(value: string): string {
  const joined = value.replace(/\?=\s+=\?/g, '?==?');
  return joined.replace(/=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, kind: string, text: string) =>
    decodeBytes(
      kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quotedPrintable(text.replaceAll('_', ' ')),
      charset,
    ),
  );
}

/** "Name (domain)"; the domains that the corpus's makers put in place of real ones would mark ham, and are left out. */
function sender(from: string): string {
  const domain = /@([\w.-]+)/.exec(from)?.[1]?.toLowerCase().replace(/\.+$/, '') ?? '';
  const made = /(^|\.)(taint\.org|localhost|netnoteinc\.com|slashnull\.org)$/.test(domain);
  const name = from
    .replace(/<[^>]*>?/, '')
    .replace(/["']|\S+@\S+/g, '')
    .replace(/^\s*\(([^()]*)\)\s*$/, '$1')
    .trim();
  if (domain === '' || made) return name;
  return name === '' ? domain : `${name} (${domain})`;
}

/** Drops a mailing list's tag, as in "Re: [ILUG] hard links": it names the list, which nearly names the class. */
function stripListTag(subject: string): string {
  return subject.replace(/^((?:\s*(?:re|fwd?|aw)\s*:)*)\s*\[[^\]]{1,30}\]/i, '$1');
}

/** Drops what list software and spam reporters add at the end of a mail: it names the list, or even the verdict. */
function stripListFooter(text: string): string {
  const lines = (text.split('--DeathToSpam')[0] ?? '').trimEnd().split('\n');
  const isLink = (line: string) => /\blistinfo\//.test(line);
  const link = lines.findLastIndex(isLink);
  if (link >= 0 && link >= lines.length - FOOTER_LINES) {
    const above = Math.max(0, link - FOOTER_LINES);
    const near = lines.slice(above, link);
    const sponsor = near.findIndex((line) => /\be?mail is sponsored by/i.test(line));
    const rule = near.findLastIndex((line) => /^\s*[_-]{2,}\s*$/.test(line));
    // The sponsor's line has a rule of its own just above it.
    const start = sponsor >= 0 ? sponsor - 1 : rule;
    lines.length = start >= 0 ? above + start : link;
  }
  return lines.filter((line) => !isLink(line)).join('\n');
}

const ENTITIES: Record<string, string> = {
  nbsp: ' ',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  copy: '©',
  reg: '®',
  trade: '™',
  bull: '•',
  middot: '·',
  pound: '£',
  euro: '€',
  mdash: '—',
  ndash: '–',
  hellip: '…',
  amp: '&',
};

/** Text of an HTML page by dropping its tags: good enough to read, and to judge, a mail. */
function htmlToText(html: string): string {
  return html
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replace(/<(script|style|title)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, '')
    .replace(/\s+/g, ' ')
    .replace(/<\/?(?:br|p|div|tr|table|li|ul|ol|h[1-6]|hr|blockquote|center|pre)\b[^>]*>/gi, '\n')
    .replace(/<\/?t[dh]\b[^>]*>/gi, ' ')
    .replace(/<[a-z!/?][^>]*>/gi, '')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));?/gi, (all, decimal, hex, named: string | undefined) => {
      if (named !== undefined) return ENTITIES[named.toLowerCase()] ?? all;
      const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    });
}

/** Valid Unicode without control characters, with one space between words and at most one empty line in a row. */
function cleanText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/\ufffd+/g, '\ufffd')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/[^\P{Cc}\n]|[\u200b-\u200f\u202a-\u202e\ufeff]/gu, '')
    .replace(/ *\n */g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** At most `max` characters, ending in "…" if something is missing, and never in half a character. */
function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/\p{Surrogate}$/u, '')}…`;
}
