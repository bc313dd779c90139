// Compiles the rooms to dist/, bundles the workflows into one file, as Temporal's workers want them in production, and
// builds the web application into web/dist.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeApiTypes } from './api-types.mjs';

// Of whatever environment this is called in: a test runner's would make pages for development.
process.env.NODE_ENV = 'production';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

// The pages are built beside the rest.
writeApiTypes();
const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js');
const pages = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: root, stdio: ['ignore', 2, 2] });
const pagesBuilt = new Promise((resolve) => pages.once('exit', resolve));

if (process.argv.includes('--clean')) rmSync(dist, { recursive: true, force: true });
// The client has its types beside it, for programs that install this package.
for (const project of ['tsconfig.build.json', 'tsconfig.client.json']) {
  const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, project)], { stdio: 'inherit' });
  if (compiled.status !== 0) {
    pages.kill();
    process.exit(compiled.status ?? 1);
  }
}

// The inner loops, in WebAssembly: those over vectors on a memory that threads share.
const asc = join(dirname(require.resolve('assemblyscript/package.json')), 'bin', 'asc.js');
const kernels = join(dist, 'kernels');
mkdirSync(kernels, { recursive: true });
const features = '--enable simd --importMemory --initialMemory 1 --maximumMemory 65536 --runtime stub -O3 --noAssert';
for (const [name, more] of [
  ['vectors', '--enable threads --sharedMemory'],
  ['crowd', ''],
  ['table', ''],
]) {
  const options = `${features} ${more}`.trim().split(' ');
  const files = [join(root, 'kernels', `${name}.ts`), '-o', join(kernels, `${name}.wasm`)];
  const assembled = spawnSync(process.execPath, [asc, ...files, ...options], { stdio: 'inherit' });
  if (assembled.status !== 0) {
    pages.kill();
    process.exit(assembled.status ?? 1);
  }
}

const { bundleWorkflowCode } = await import('@temporalio/worker');
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };
const { code } = await bundleWorkflowCode({ workflowsPath: join(dist, 'workflows', 'index.js'), logger: quiet });
writeFileSync(join(dist, 'workflow-bundle.js'), code);
if ((await pagesBuilt) !== 0) process.exit(1);
