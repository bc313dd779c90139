import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../../shared/reference/', import.meta.url));

/** A file of reference values kept beside the project, or undefined (with a message) where there is none. */
export function reference<T>(name: string): T | undefined {
  if (!existsSync(folder + name)) {
    console.warn(`Skipped: no reference values at ../shared/reference/${name}.`);
    return undefined;
  }
  return JSON.parse(readFileSync(folder + name, 'utf8')) as T;
}
