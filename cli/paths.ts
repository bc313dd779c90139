import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../runtime/paths.ts';
import { RuntimeProblem } from '../runtime/problem.ts';

const root = packageRoot();

/** Files of the installation that programs read. */
export const paths = {
  root,
  migrations: join(root, 'db', 'migrations'),
  pages: join(root, 'web', 'dist'),
  workflowBundle: join(root, 'dist', 'workflow-bundle.js'),
  /** The inner loops of aggregation. */
  crowdKernel: join(root, 'dist', 'kernels', 'crowd.wasm'),
  /** The reader of plain CSV. */
  tableKernel: join(root, 'dist', 'kernels', 'table.wasm'),
  /** The compiled entry, which child processes run. */
  entry: join(root, 'dist', 'cli', 'main.js'),
} as const;

/** The workflows as one file, made at build time. Throws `start_failed` where there was no build. */
export function builtWorkflows(): string {
  if (existsSync(paths.workflowBundle)) return paths.workflowBundle;
  throw new RuntimeProblem(
    'start_failed',
    `The workflow bundle ${paths.workflowBundle} is missing.`,
    'Run `npm run build`.',
  );
}
