import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of Quorate's own package.json: the checkout, or the installed package. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && readFileSync(file, 'utf8').includes('"name": "quorate"')) return folder;
    const parent = dirname(folder);
    if (parent === folder) return process.cwd();
    folder = parent;
  }
}

/** Whether this code runs from a checkout rather than from an installed package. */
export function isCheckout(root: string = packageRoot()): boolean {
  return existsSync(join(root, 'scripts', 'setup.mjs')) && !root.split(sep).includes('node_modules');
}

/** Default data folder: `.quorate` in the checkout, or in the current folder when installed as a package. */
export function defaultHome(): string {
  const root = packageRoot();
  return join(isCheckout(root) ? root : process.cwd(), '.quorate');
}

/** Default folder of downloaded and built programs: `$XDG_CACHE_HOME/quorate` or `~/.cache/quorate`. */
export function defaultCache(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_CACHE_HOME;
  return base !== undefined && base !== '' ? join(base, 'quorate') : join(homedir(), '.cache', 'quorate');
}
