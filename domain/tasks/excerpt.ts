/** Of each text, and of all of them together. */
const MOST_OF_ONE = 120;
const MOST = 300;

/** The beginnings of the texts in a payload, in their order: enough for whoever has seen it to know it again. */
export function excerptOf(payload: unknown): string {
  return cut(textsIn(payload).join(' · '), MOST);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string')
    return value.trim() === '' ? [] : [cut(value.trim().replace(/\s+/g, ' '), MOST_OF_ONE)];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  // Who speaks is no part of what was said.
  return Object.entries(value).flatMap(([name, each]) => (name === 'role' ? [] : textsIn(each)));
}

function cut(text: string, most: number): string {
  // Of what is long only its beginning is taken apart.
  const characters = [...text.slice(0, 2 * most + 2)];
  return characters.length > most ? `${characters.slice(0, most).join('').trimEnd()}…` : text;
}
