import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes.ts';

export const TEST_SERVER_VERSION = '1.31.0';

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
  if (existsSync(launcher)) return launcher;
  if ((await run('mvn', ['-version'], { timeoutMs: 60_000 })).code !== 0) return undefined;
  const folder = join(launcher, '..');
  const half = `${folder}.${process.pid}.tmp`;
  try {
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, 'pom.xml'), POM);
    const args = ['-B', '-q', '-f', 'pom.xml', 'dependency:copy-dependencies', '-DoutputDirectory=lib'];
    const fetched = await run('mvn', args, { cwd: half, timeoutMs: 300_000 });
    if (fetched.code !== 0) return undefined;
    // The SDK passes the port first; whatever follows is for its own, differently built server.
    const script = '#!/bin/sh\nexec java -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$1"\n';
    writeFileSync(join(half, 'launch'), script);
    chmodSync(join(half, 'launch'), 0o755);
    // Only a whole folder gets the final name; when another process was quicker, its folder is as good.
    if (!existsSync(folder)) renameSync(half, folder);
    return launcher;
  } catch {
    return existsSync(launcher) ? launcher : undefined;
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}
