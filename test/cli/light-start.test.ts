import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The packages that a module brings with it when it is loaded, through whatever modules. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, what = '', from = ''] of text.matchAll(/^(?:import|export) ([^;]*?)from '([^']+)';$/gm)) {
    const names = what
      .trim()
      .replace(/^\{|\}$/g, '')
      .split(',');
    if (what.startsWith('type ') || names.every((name) => /^(type .*)?$/.test(name.trim()))) continue;
    if (!from.startsWith('.')) found.add(from);
    else for (const each of packagesOf(join(dirname(file), from), seen)) found.add(each);
  }
  return found;
}

/** What is loaded to know a command's options. */
const registered = [
  ...readFileSync(join(root, 'cli/program.ts'), 'utf8').matchAll(/import\('\.\/(commands\/[\w-]+\.ts)'\)/g),
];

it('looks at every command', () => {
  expect(registered.length).toBeGreaterThan(15);
});

it.each([
  'cli/main.ts',
  ...registered.map(([, file]) => `cli/${file}`),
  'cli/commands/agreement-run.ts',
  'cli/commands/aggregate-run.ts',
  'cli/commands/aggregate-crowd.ts',
  'cli/commands/aggregate-mean.ts',
  'cli/commands/aggregate-pairs.ts',
])('%s starts without the libraries of servers', (file) => {
  const packages = packagesOf(join(root, file));
  expect([...packages].filter((name) => name !== 'commander' && !name.startsWith('node:'))).toEqual([]);
});

it('would notice them', () => {
  expect([...packagesOf(join(root, 'api/main.ts'))]).toContain('postgres');
});
