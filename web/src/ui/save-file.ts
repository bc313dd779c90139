/** Has the browser save this under a name. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** Rows that were refused, with why, as CSV. */
export function faultsCsv(place: string, faults: readonly { readonly line: number; readonly reason: string }[]): Blob {
  const lines = [`${place},reason`, ...faults.map(({ line, reason }) => `${line},${cell(reason)}`)];
  return new Blob([`${lines.join('\r\n')}\r\n`], { type: 'text/csv' });
}
