/** What files begin with that hold no text, and how a message calls them. */
const KINDS: readonly (readonly [start: readonly number[], kind: string])[] = [
  [[0x1f, 0x8b], 'compressed (gzip)'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed (Zstandard)'],
  [[0x42, 0x5a, 0x68], 'compressed (bzip2)'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed (xz)'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive, as spreadsheets (.xlsx) are'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old spreadsheet (.xls)'],
  [[0x50, 0x41, 0x52, 0x31], 'Parquet'],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'a NumPy array'],
];
const SPACES: readonly number[] = [0x09, 0x0a, 0x0d, 0x20];
const [BRACKET, BRACE] = [0x5b, 0x7b];

/** What a file is that holds no text, such as "compressed (gzip)"; undefined where it does not look like one. */
export function binaryKind(bytes: Uint8Array): string | undefined {
  return KINDS.find(([start]) => start.every((byte, at) => bytes[at] === byte))?.[1];
}

/** Whether a text, from `at` on, is a JSON array of objects: the other way to write what JSON Lines hold. */
export function isJsonArray(bytes: Uint8Array, at = 0): boolean {
  const first = afterSpaces(bytes, at);
  return bytes[first] === BRACKET && bytes[afterSpaces(bytes, first + 1)] === BRACE;
}

/** Whether a text, from `at` on, begins with an object. */
export function isJsonObject(bytes: Uint8Array, at = 0): boolean {
  return bytes[afterSpaces(bytes, at)] === BRACE;
}

function afterSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (SPACES.includes(bytes[at] ?? 0)) at++;
  return at;
}
