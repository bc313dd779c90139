import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { declarationsOf, typeOf } from '../../scripts/api-types.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = join(root, 'web', 'src');

describe('the room of the pages', () => {
  // The checker of the other rooms' imports does not read JSX.
  it('imports itself and packages, and no other room: it knows the API by its document alone', () => {
    const files = readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
    expect(files.length).toBeGreaterThan(20);
    const strangers = files.flatMap((file) => {
      const imports = readFileSync(join(pages, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g);
      return [...imports].flatMap(([, path = '']) => {
        const target = resolve(pages, dirname(file), path);
        return relative(pages, target).startsWith('..') ? [`${file}: ${path}`] : [];
      });
    });
    expect(strangers).toEqual([]);
  });
});

/** Everything the browser loads for a chunk: what it imports at once, and its styles. */
function loadedFor(chunk: string, assets: string): Set<string> {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    const text = readFileSync(join(assets, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) visit(name);
  };
  visit(chunk);
  return found;
}

describe('the size of the annotation workspace', () => {
  it('stays below 250 kB gzipped, with everything the page loads before the first task', () => {
    const assets = join(root, 'web', 'dist', 'assets');
    // Built by set-up, which runs before the tests.
    expect(existsSync(assets)).toBe(true);
    const html = readFileSync(join(root, 'web', 'dist', 'index.html'), 'utf8');
    const named = [...html.matchAll(/\/assets\/([^"]+)/g)].map(([, name = '']) => name);
    const [workspace = ''] = readdirSync(assets).filter((file) => /^workspace-.*\.js$/.test(file));
    const files = new Set(named.filter((name) => name.endsWith('.css')));
    for (const name of [...named.filter((each) => each.endsWith('.js')), workspace]) {
      for (const file of loadedFor(name, assets)) files.add(file);
    }
    // Its own styles, where it has any.
    for (const file of readdirSync(assets)) if (/^workspace-.*\.css$/.test(file)) files.add(file);
    const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(assets, file))).length, 0);
    expect(files.size).toBeGreaterThan(2);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(250_000);
  });
});

describe('the types of the API', () => {
  it.each([
    [{ type: 'string', enum: ['a', 'b'] }, '"a" | "b"'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } }, '((string) | (number))[]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }, { const: 1 }] }, '[string, 1]'],
    [{ type: 'object', properties: {}, additionalProperties: { type: 'integer' } }, 'Record<string, number>'],
    [
      { type: 'object', properties: { a: { type: 'boolean' }, b: {} }, required: ['a'] },
      '{ "a": boolean; "b"?: unknown | undefined; }',
    ],
    [{}, 'unknown'],
  ])('%j is %s', (schema, expected) => {
    expect(typeOf(schema)).toBe(expected);
  });

  it('have each route with its parameters, body and answers', () => {
    const text = declarationsOf({
      paths: {
        '/v1/things/{id}': {
          post: {
            parameters: [{ in: 'path', name: 'id', required: true, schema: { type: 'string' } }],
            requestBody: { required: true, content: { 'application/json': { schema: { type: 'string' } } } },
            responses: { 204: {}, '4XX': { content: { 'application/problem+json': {} } } },
          },
        },
      },
    });
    expect(text).toContain('path: { "id": string; };');
    expect(text).toContain('requestBody: { content: { "application/json": string; } };');
    expect(text).toContain('204: { headers: Record<string, unknown>; content?: never };');
    expect(text).toContain('"4XX": {');
    expect(text).toContain('get?: never;');
  });
});
