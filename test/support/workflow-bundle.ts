import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };

/**
 * The workflows as one file, made once for each state of their sources: every test file runs in a process of its own,
 * and bundling takes seconds.
 */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', ...sourcesBelow('workflows'), ...sourcesBelow('domain')]) {
    hash.update(path).update(readFileSync(join(root, path)));
  }
  const folder = join(root, 'node_modules', '.cache', 'quorate');
  const codePath = join(folder, `workflows-${hash.digest('hex').slice(0, 20)}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({ workflowsPath: join(root, 'workflows', 'index.ts'), logger: quiet });
  mkdirSync(folder, { recursive: true });
  // Written aside and renamed, as another process may be reading.
  writeFileSync(`${codePath}.${process.pid}`, code);
  renameSync(`${codePath}.${process.pid}`, codePath);
  return { codePath };
}

function sourcesBelow(room: string): string[] {
  return readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(room, path))
    .sort();
}
