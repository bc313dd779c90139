import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside workflows/, as the rules there depend on the folder and on the project's types.
const folder = mkdtempSync(join(root, 'workflows', 'planted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the linter catches a floating promise planted in workflow code', () => {
  const file = join(folder, 'planted.ts');
  writeFileSync(
    file,
    `import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
const db = proxyLocalActivities<Activities>({ startToCloseTimeout: '1 second' });
export async function plantedWorkflow(): Promise<void> {
  db.openSlots({ taskId: 'x' });
}
`,
  );
  const { status, stdout } = spawnSync('npx', ['oxlint', '--type-aware', '-c', '.oxlintrc.json', file], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stdout).toContain('no-floating-promises');
  expect(status).not.toBe(0);
});
