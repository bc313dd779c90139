/**
 * Cells of one CSV record (RFC 4180: a cell may be quoted, a quote inside is doubled), or what is wrong with it. Blanks
 * around a cell without quotes belong to it, or are dropped where it is to be `trimmed`.
 */
export function parseCsvRecord(
  record: string,
  unquoted: 'whole' | 'trimmed' = 'whole',
): { cells: string[] } | { fault: string } {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (record[at] === '"') {
      const cell = readQuoted(record, at);
      if (!cell) return { fault: `the quote that opens in column ${cells.length + 1} is not closed` };
      cells.push(cell.text);
      at = cell.end;
      if (at < record.length && record[at] !== ',') {
        return { fault: `there is text after the closing quote in column ${cells.length}` };
      }
    } else {
      const comma = record.indexOf(',', at);
      const end = comma < 0 ? record.length : comma;
      const text = record.slice(at, end);
      if (text.includes('"')) {
        return {
          fault: `column ${cells.length + 1} has a quote inside an unquoted cell; quote the cell, double the quote`,
        };
      }
      cells.push(unquoted === 'trimmed' ? text.replace(BLANKS_AROUND, '') : text);
      at = end;
    }
    if (at >= record.length) return { cells };
    at += 1;
  }
}

const BLANKS_AROUND = /^[ \t]+|[ \t]+$/g;

function readQuoted(record: string, open: number): { text: string; end: number } | undefined {
  let from = open + 1;
  for (;;) {
    const quote = record.indexOf('"', from);
    if (quote < 0) return undefined;
    if (record[quote + 1] !== '"') {
      return { text: record.slice(open + 1, quote).replaceAll('""', '"'), end: quote + 1 };
    }
    from = quote + 2;
  }
}

/** Why a header may not have the columns it should, as a sentence after a blank; empty where it looks like one. */
export function headerHint(header: readonly string[]): string {
  if (header.some((name) => /\r(?!\n)/.test(name))) {
    return ' Its lines end with carriage returns alone: save it with line feeds.';
  }
  const separator = header.length === 1 ? /[;\t|]/.exec(header[0] ?? '')?.[0] : undefined;
  if (separator === undefined) return '';
  return ` Commas must separate the columns, not ${separator === '\t' ? 'tabs' : JSON.stringify(separator)}.`;
}

/** One line of a CSV file, its end included. Null is an empty cell; what is no text or number is written as JSON. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return quotedCell(harmless(typeof value === 'string' ? value : JSON.stringify(value)));
}

/** A cell that is read back as it is, quoted where it must be. For programs: a spreadsheet may run it as a formula. */
export function quotedCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Spreadsheets run a cell that begins with one of these as a formula; a quote before it makes it text. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
