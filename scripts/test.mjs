// Runs the tests and ends with one plain line of counts. Arguments go to vitest (a path, -t NAME).
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bringChromium } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const results = join(root, 'out', 'test-results.json');
mkdirSync(dirname(results), { recursive: true });
rmSync(results, { force: true });
const paths = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
if (paths.length === 0 || paths.some((path) => path.includes('e2e'))) bringChromium();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...args], { cwd: root, stdio: 'inherit' });

let counts;
try {
  counts = JSON.parse(readFileSync(results, 'utf8'));
} catch {
  console.error('The test run ended without results.');
  process.exit(status || 1);
}
// A file that could not be loaded has no failed test, but is a failure all the same.
const broken = counts.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;
const skipped = counts.numPendingTests + counts.numTodoTests;
const failed = counts.numFailedTests + broken;
if (skipped > 0) console.log(`${skipped} skipped; each says above why.`);
console.log(`${counts.numPassedTests} passed, ${failed} failed`);
process.exit(status || (failed > 0 || counts.numPassedTests === 0 ? 1 : 0));
