import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { type Config, loadConfig } from '../../runtime/config.ts';
import { freePort } from '../support/ports.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

type CleanUp = () => unknown;
const cleanUps: CleanUp[] = [];

/** Runs after the test, last registered first. */
export function onCleanUp(work: CleanUp): void {
  cleanUps.push(work);
}

afterEach(async () => {
  for (const work of cleanUps.splice(0).reverse()) await work();
});

/** A folder that other users may pass through, gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-runtime-'));
  chmodSync(folder, 0o755);
  onCleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Settings for a stack on free ports in a new folder; the cache is the usual one, so that nothing is fetched again. */
export async function tempConfig(env: Record<string, string> = {}): Promise<Config> {
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const [port, pg, temporal, ui] = ports.map(String);
  return loadConfig({
    HOME: process.env.HOME,
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
    QUORATE_CACHE: process.env.QUORATE_CACHE,
    TEMPORAL_CONFIG_FILE: '/dev/null',
    QUORATE_HOME: join(tempFolder(), 'home'),
    QUORATE_PORT: port,
    QUORATE_PG_PORT: pg,
    QUORATE_TEMPORAL_PORT: temporal,
    QUORATE_TEMPORAL_UI_PORT: ui,
    ...env,
  });
}

/** Polls until `check` gives something other than false or undefined. */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs = 30_000): Promise<NonNullable<T>> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > until) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(25);
  }
}

/** Makes a lock file look as if its holder had been killed with SIGKILL, together with all its helpers. */
export function forgedDeadHolder(lockFile: string): string {
  const holder: Record<string, unknown> = JSON.parse(readFileSync(lockFile, 'utf8'));
  return JSON.stringify({ ...holder, identity: 'a process of the past' });
}

/** Compiles `runtime/` for a Node process of its own; gives the folder of its .js files. */
export function compiledRuntime(): string {
  mkdirSync(join(root, 'out'), { recursive: true });
  // Inside the checkout, so that the npm packages are found from there.
  const out = mkdtempSync(join(root, 'out', 'runtime-test-'));
  onCleanUp(() => rmSync(out, { recursive: true, force: true }));
  const options = [
    '--ignoreConfig',
    '--outDir',
    out,
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023',
    '--types',
    'node',
  ];
  options.push('--strict', '--skipLibCheck', '--rewriteRelativeImportExtensions', '--rootDir', 'runtime');
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  execFileSync(tsc, [...options, 'runtime/stack.ts', 'runtime/supervise.ts'], { cwd: root, stdio: 'pipe' });
  return out;
}
