import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestWorkflowEnvironment, TimeSkippingTestWorkflowEnvironmentOptions } from '@temporalio/testing';
import type { Config } from './config.ts';
import { errorMessage, RuntimeProblem } from './problem.ts';
import { run } from './processes.ts';

export const TEST_SERVER_VERSION = '1.31.0';
const STARTS = 6;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>quorate</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${TEST_SERVER_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * The SDK passes the port first; whatever follows is for its own, differently built server. Ctrl-C is for whoever started
 * the server, who stops it. What Java has to say goes to a file: it says at each start that it has no log.
 */
const LAUNCH = `#!/bin/sh
here=$(dirname "$0")
trap '' INT
exec java -cp "$here/lib/*" io.temporal.testserver.TestServer "$1" 2>>"$here/log"
`;

/** The launcher of the time-skipping server in the cache folder, whether or not it is there yet. */
export function testServerLauncher(cacheDir: string): string {
  return join(cacheDir, `test-server-${TEST_SERVER_VERSION}`, 'launch');
}

/**
 * A program to give to `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path',
 * path } } })`: Temporal's Java test server, fetched once with Maven into the cache folder (some 10 s). Undefined when
 * Java or Maven are absent or Maven cannot fetch it; callers then try the SDK's own download.
 */
export async function findTimeSkippingServer(cacheDir: string): Promise<string | undefined> {
  if ((await run('java', ['-version'], { timeoutMs: 30_000 })).code !== 0) return undefined;
  const launcher = testServerLauncher(cacheDir);
  if (existsSync(launcher)) return refreshed(launcher);
  if ((await run('mvn', ['-version'], { timeoutMs: 60_000 })).code !== 0) return undefined;
  const folder = join(launcher, '..');
  const half = `${folder}.${process.pid}.tmp`;
  try {
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, 'pom.xml'), POM);
    const args = ['-B', '-q', '-f', 'pom.xml', 'dependency:copy-dependencies', '-DoutputDirectory=lib'];
    const fetched = await run('mvn', args, { cwd: half, timeoutMs: 300_000 });
    if (fetched.code !== 0) return undefined;
    writeFileSync(join(half, 'launch'), LAUNCH, { mode: 0o755 });
    // Only a whole folder gets the final name; when another process was quicker, its folder is as good.
    if (!existsSync(folder)) renameSync(half, folder);
    return launcher;
  } catch {
    return existsSync(launcher) ? launcher : undefined;
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** A launcher that was written by an earlier version is written anew. */
function refreshed(launcher: string): string {
  if (readFileSync(launcher, 'utf8') === LAUNCH) return launcher;
  const whole = `${launcher}.${process.pid}`;
  writeFileSync(whole, LAUNCH, { mode: 0o755 });
  renameSync(whole, launcher);
  return launcher;
}

/**
 * Starts Temporal's time-skipping server: one clock, which jumps to the next timer while it is slept on and nobody has
 * anything to do. Where it comes from, in this order: `QUORATE_TEST_SERVER`, the cache folder (fetched once with Maven),
 * the SDK's own download. Throws `no_temporal` with the ways out where it cannot be had.
 */
export async function startTimeSkippingServer(
  { cacheDir, testServer }: Pick<Config, 'cacheDir' | 'testServer'>,
  options: Pick<TimeSkippingTestWorkflowEnvironmentOptions, 'client'> = {},
): Promise<TestWorkflowEnvironment> {
  try {
    if (testServer !== undefined && !existsSync(testServer)) throw new Error(`there is no file ${testServer}`);
    const path = testServer ?? (await findTimeSkippingServer(cacheDir));
    // Most who have the program never need this, and it brings the SDK's native part.
    const { TestWorkflowEnvironment } = await import('@temporalio/testing');
    const executable = path === undefined ? {} : { server: { executable: { type: 'existing-path', path } } as const };
    return await patiently(() => TestWorkflowEnvironment.createTimeSkipping({ ...executable, ...options }));
  } catch (error) {
    throw new RuntimeProblem(
      'no_temporal',
      `Temporal's time-skipping server cannot be had here (${errorMessage(error)}).`,
      'Install Java and Maven, with which it is fetched once, or set QUORATE_TEST_SERVER to the path of the program.',
      error,
    );
  }
}

/** The SDK gives the server five seconds to start, which a busy machine may need several times. */
async function patiently<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === STARTS || !String(error).includes('did not start within')) throw error;
    }
  }
}
