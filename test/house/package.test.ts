import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'quorate-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the package has what it exports, its types and what it runs on', () => {
  const { exports } = z
    .object({ exports: z.record(z.string(), z.object({ types: z.string(), default: z.string() })) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const said = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 26,
  });
  const wanted = Object.values(exports).flatMap((each) => [each.types, each.default]);
  const ours = ['dist/client/schema.gen.d.ts', 'bin/quorate', 'dist/cli/main.js', 'dist/workflow-bundle.js'];
  const read = ['db/migrations/meta/_journal.json', 'web/dist/index.html', 'dist/kernels/crowd.wasm'];
  for (const path of [...wanted.map((each) => each.replace('./', '')), ...ours, ...read]) {
    expect(said).toContain(`"path": "${path}"`);
  }
});

test('a program that imports the client is checked by its types', () => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'quorate'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const lines = [
    "import { quorate } from 'quorate/client';",
    "const client = quorate({ url: 'http://127.0.0.1', key: 'k' });",
    "const { data } = await client.GET('/v1/campaigns/{id}', { params: { path: { id: 'x' } } });",
    'export const name: string | undefined = data?.name;',
    '// @ts-expect-error: there is no such route',
    "await client.GET('/v1/nothing');",
  ];
  writeFileSync(join(folder, 'program.ts'), lines.join('\n'));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom'];
  execFileSync(process.execPath, [tsc, ...options, '--types', '', 'program.ts'], { cwd: folder });
});
