// Runs the tests and ends with one plain line of counts. Arguments go to vitest (a path, -t NAME).
// With --again, up to three files that failed are run once more, by themselves, and named if they then pass:
// one test that waited for a busy machine should be seen and mended, but not hold a change up.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bringChromium } from './chromium.mjs';

const MOST_AGAIN = 3;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
mkdirSync(join(root, 'out'), { recursive: true });

/** Runs vitest; gives its exit code, its counts, and the files that failed. */
function run(args, name) {
  const results = join(root, 'out', name);
  rmSync(results, { force: true });
  const all = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...args];
  const { status } = spawnSync(process.execPath, [vitest, ...all], { cwd: root, stdio: 'inherit' });
  let counts;
  try {
    counts = JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    console.error('The test run ended without results.');
    process.exit(status || 1);
  }
  const bad = counts.testResults.filter((file) => file.status === 'failed');
  // A file that could not be loaded has no failed test, but is a failure all the same.
  const broken = bad.filter((file) => file.assertionResults.length === 0).length;
  return {
    status: status ?? 1,
    passed: counts.numPassedTests,
    failed: counts.numFailedTests + broken,
    skipped: counts.numPendingTests + counts.numTodoTests,
    files: bad.map((file) => relative(root, file.name)),
  };
}

const args = process.argv.slice(2).filter((arg) => arg !== '--again');
const paths = args.filter((arg) => !arg.startsWith('-'));
if (paths.length === 0 || paths.some((path) => path.includes('e2e'))) bringChromium();
const first = run(args, 'test-results.json');
const { skipped, files } = first;
let { status, passed, failed } = first;
if (process.argv.includes('--again') && files.length > 0 && files.length <= MOST_AGAIN) {
  console.log(`Once more, by themselves: ${files.join(', ')}`);
  const second = run(files, 'test-results-again.json');
  if (second.status === 0) {
    console.log(`Passed only when run again: ${files.join(', ')}`);
    passed += failed;
    failed = 0;
  }
  status = second.status;
}
if (skipped > 0) console.log(`${skipped} skipped; each says above why.`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(status || (failed > 0 || passed === 0 ? 1 : 0));
